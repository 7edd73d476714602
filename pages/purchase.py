"""Does a purchase work from end to end? Choose a package, pay with a test card, see the minutes arrive."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import template
from dashboard.screens import bank, purchase

staff = require("simulate_purchases")
with template.head("Simulate purchase"):
    pass
purchase.mode_line()

with reading() as db:
    workspace_id = purchase.choose_workspace(db, private=staff.may("view_personal_data"))
    left, right = st.columns(2, gap="large")
    if workspace_id:
        with left:
            purchase.order(db, workspace_id)
    watched = purchase.watched(db)
    if watched:
        with right:
            purchase.watch(watched.purchase_id)
            bank.moves(watched)
    if workspace_id:
        template.section("Purchases of this workspace")
        purchase.history(db, watched.workspace_id if watched else workspace_id)
