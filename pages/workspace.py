"""One workspace: what it may still use, why, and what support may change."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import forms
from dashboard.screens.workspace import (
    grants,
    headline,
    notes,
    payments,
    personal_data,
    plan_invoices,
    statement,
    top_ups,
    use,
    why,
)
from dashboard.url import selected_workspace

staff = require("view_workspaces")
workspace_id = selected_workspace()

with reading() as db:
    opened = headline.read(db, workspace_id)
    if opened is None:
        st.stop()
    workspace, balance = opened
    headline.remember(staff, workspace_id)
    headline.show(db, staff, workspace, balance)
    forms.report()

    tabs = headline.tabs(staff)
    with tabs["why"]:
        if tabs["why"].open:
            why.show(db, staff, workspace)
    with tabs["statement"]:
        if tabs["statement"].open:
            statement.show(db, workspace_id)
    with tabs["purchases"]:
        if tabs["purchases"].open:
            payments.show(db, staff, workspace_id)
            plan_invoices.show(db, staff, workspace_id)
            top_ups.show(db, staff, workspace_id)
    if "give" in tabs and tabs["give"].open:
        with tabs["give"]:
            grants.show(db, staff, balance)
    with tabs["use"]:
        if tabs["use"].open:
            use.show(db, workspace_id)
    with tabs["warnings"]:
        if tabs["warnings"].open:
            use.warnings(db, staff, workspace_id)
    with tabs["notes"]:
        if tabs["notes"].open:
            notes.show(db, staff, workspace_id)
    if "personal" in tabs and tabs["personal"].open:
        with tabs["personal"]:
            personal_data.show(workspace_id)
