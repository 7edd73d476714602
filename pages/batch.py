"""Bulk grants: minutes for a list of workspaces, checked first, granted row by row, undone as a whole."""

import streamlit as st

from dashboard import url
from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import forms
from dashboard.screens import batch

staff = require("grant_in_bulk")
st.title("Bulk grants")
forms.report()

with reading() as db:
    new, kept = url.tabs({"new": "New list", "kept": "Saved lists"}).values()
    if new.open:
        with new:
            batch.new_list(db)
    if kept.open:
        with kept:
            batch.kept_lists(db, staff)
