"""Find a workspace by anything a customer may quote."""

import streamlit as st

from dashboard import finding
from dashboard.access import require
from dashboard.db import reading
from dashboard.text import _

staff = require("view_workspaces")
st.title(_("Workspaces"))

with reading() as db:
    wanted = finding.fields(db)
    if not wanted.text:
        finding.opened(db, staff)
    finding.results(db, staff, wanted)
