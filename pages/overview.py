"""Is the feature working? The four success metrics, and what they rest on."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import cards, filters, forms, report
from dashboard.panels import annotations, closed_months, metric_alerts, saved_views
from dashboard.screens import overview

staff = require("view_metrics")
st.title("Overview")
forms.report()

with reading() as db:
    chosen = filters.bar(db)
    with st.container(horizontal=True):
        saved_views.bar(db, staff, "overview")
        report.download(chosen, (*overview.HEADLINES, *overview.SUPPORTING))
    with st.container(horizontal=True):
        found = [cards.card(db, slug, chosen) for slug in overview.HEADLINES]
    overview.trends(db, chosen)
    annotations.listed(db, chosen)
    st.subheader("What stands behind them", anchor=False)
    with st.container(horizontal=True):
        found += [cards.card(db, slug, chosen) for slug in overview.SUPPORTING]
    closed_months.panel(db, (*overview.HEADLINES, *overview.SUPPORTING), chosen)
    metric_alerts.panel(db, staff, chosen)
annotations.forms(staff, chosen)
cards.rows_panel(chosen)
cards.ask_for_fits(found, chosen)
