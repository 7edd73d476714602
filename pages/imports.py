"""Bring a company's history in from files: read, check, try, book, undo."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import forms
from dashboard.screens import imports

require("import_history")
st.title("Import")
st.markdown(
    "Bring in workspaces, plans, uses, purchases and refunds of another system as CSV, Parquet or JSON lines. "
    "A dry run shows what would be booked and books nothing; an import can be undone as a whole."
)
forms.report()

folder = imports.choose_folder()
if folder:
    imports.mapping(folder)
    imports.run(folder)
imports.progress()
with reading() as db:
    imports.past(db)
