"""What waits for a second person, what was decided, and grants that deserve a second look."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import forms
from dashboard.screens import approvals

staff = require("view_approvals")
st.title("Approvals")
forms.report()

with reading() as db:
    approvals.waiting(db, staff)
    st.subheader("Decided")
    approvals.decided(db)
    st.subheader("Unusual grants")
    approvals.unusual(db)
