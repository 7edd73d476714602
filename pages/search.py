"""Find a workspace by anything a customer may quote."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading
from dashboard.screens import search

staff = require("view_workspaces")
st.title("Workspaces")

with reading() as db:
    wanted = search.fields(db)
    if not wanted.text:
        search.opened(db, staff)
    search.results(db, staff, wanted)
