"""Who did what, when and why."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading
from dashboard.screens import audit

require("view_audit")
st.title("Audit log")

with reading() as db:
    audit.show(db)
