"""Who did what, when and why."""

import streamlit as st

from dashboard.access import require
from dashboard.db import reading
from dashboard.screens import audit
from dashboard.text import _

require("view_audit")
st.title(_("Audit log"))

with reading() as db:
    audit.show(db)
