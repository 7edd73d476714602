"""Make-good: minutes for a list of workspaces, checked first, given row by row, undone as a whole."""

import streamlit as st

from dashboard import batch, forms
from dashboard.access import require
from dashboard.db import reading
from dashboard.text import _

staff = require("make_good")
st.title(_("Make-good"))
forms.report()

with reading() as db:
    new, kept = st.tabs([_("New list"), _("Kept lists")], key="batch_tab", on_change="rerun")
    if new.open:
        with new:
            batch.new_list(db)
    if kept.open:
        with kept:
            batch.kept_lists(db, staff)
