"""One workspace: what it may still use, why, and what support may change."""

import streamlit as st

from dashboard import forms
from dashboard.access import require
from dashboard.db import reading
from dashboard.text import _
from dashboard.url import selected_workspace
from dashboard.workspace import gifts, headline, payments, remarks, statement, use, why

staff = require("view_workspaces")
workspace_id = selected_workspace()

with reading() as db:
    found = headline.read(db, workspace_id)
    if found is None:
        st.stop()
    workspace, balance = found
    headline.remember(staff, workspace_id)
    headline.show(db, staff, workspace, balance)
    forms.report()

    names = [_("Why"), _("Statement"), _("Purchases"), _("Give minutes"), _("Use"), _("Warnings"), _("Notes")]
    tabs = dict(zip(names, st.tabs(names, key="ws_tab", on_change="rerun", bind="query-params"), strict=True))

    if tabs[_("Why")].open:
        with tabs[_("Why")]:
            why.show(db, staff, workspace)
    if tabs[_("Statement")].open:
        with tabs[_("Statement")]:
            statement.show(db, workspace_id)
    if tabs[_("Purchases")].open:
        with tabs[_("Purchases")]:
            payments.show(db, staff, workspace_id)
    if staff.may("grant_minutes") and tabs[_("Give minutes")].open:
        with tabs[_("Give minutes")]:
            gifts.show(db, staff, balance)
    if tabs[_("Use")].open:
        with tabs[_("Use")]:
            use.show(db, workspace_id)
    if tabs[_("Warnings")].open:
        with tabs[_("Warnings")]:
            use.warnings(db, staff, workspace_id)
    if tabs[_("Notes")].open:
        with tabs[_("Notes")]:
            remarks.show(db, staff, workspace_id)
