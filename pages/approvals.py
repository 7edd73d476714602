"""What waits for a second person, what was decided, and grants that deserve a second look."""

import streamlit as st

from dashboard.access import require
from dashboard.db import reading
from dashboard.kit import forms
from dashboard.screens import approvals
from dashboard.text import _

staff = require("view_approvals")
st.title(_("Approvals"))
forms.report()

with reading() as db:
    approvals.waiting(db, staff)
    st.subheader(_("Decided"))
    approvals.decided(db)
    st.subheader(_("Unusual grants"))
    approvals.unusual(db)
