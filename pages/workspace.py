"""One workspace: what it may still use, why, and what support may change."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import template
from dashboard.screens.workspace import (
    activity,
    attributes,
    grants,
    headline,
    notes,
    payments,
    personal_data,
    plan_invoices,
    refunds,
    top_ups,
    use,
    why,
)
from dashboard.url import selected_workspace

staff = require("view_workspaces")
workspace_id = selected_workspace()

with reading() as db:
    subject = headline.read(db, workspace_id)
    if subject is None:
        st.stop()
    workspace, balance = subject
    headline.remember(staff, workspace_id)
    with template.head(headline.title(staff, workspace)):
        headline.buttons(db, staff, workspace_id)
    headline.show(db, staff, workspace, balance)
    attributes.show(db, staff, workspace_id)
    grants.panel(staff, workspace_id)
    refunds.panel(staff, workspace_id)

    tabs = headline.tabs()
    with tabs["why"]:
        if tabs["why"].open:
            why.show(db, staff, workspace, balance)
    with tabs["activity"]:
        if tabs["activity"].open:
            activity.show(db, workspace_id)
    with tabs["payments"]:
        if tabs["payments"].open:
            payments.show(db, workspace_id)
            plan_invoices.show(db, staff, workspace_id)
            top_ups.show(db, staff, workspace_id)
            use.payment_events(db, staff, workspace_id)
    with tabs["use"]:
        if tabs["use"].open:
            use.show(db, workspace_id)
            use.alerts(db, workspace_id)
    with tabs["notes"]:
        if tabs["notes"].open:
            notes.show(db, staff, workspace_id)
            personal_data.show(staff, workspace_id)
