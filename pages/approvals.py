"""What waits for a second person, what was decided, and gifts that deserve a second look."""

import streamlit as st

from dashboard import forms, second_person
from dashboard.access import require
from dashboard.db import reading
from dashboard.text import _

staff = require("view_approvals")
st.title(_("Approvals"))
forms.report()

with reading() as db:
    second_person.waiting(db, staff)
    st.subheader(_("Decided"))
    second_person.decided(db)
    st.subheader(_("Unusual gifts"))
    second_person.unusual(db)
