"""The sidebar: the pages that a role can open, by section, with the number of open tasks.

The links carry the filters of the metric pages, so that going from one to another is one step in the browser's history.
"""

from collections.abc import Mapping

import streamlit as st

from dashboard import navigation
from dashboard.access import Operator
from dashboard.kit import filters
from dashboard.server.guards import PAGE_SCRIPT
from dashboard.text import decimal


def _carried(entry: navigation.NavigationEntry) -> dict[str, str] | None:
    """Return the URL parameters that links keep: the filters of the metric pages, the question of the lab."""
    if entry.file == "pricing" and (question := st.session_state.get("pr_ask")):
        return {"ask": question}
    return filters.carried() if entry.filtered else None


def show(operator: Operator, waiting: Mapping[str, int]) -> None:
    """Draw the links of the sidebar; `waiting`: how much needs attention, by page."""
    with st.sidebar, st.container(key="nav", gap=None):
        section = ""
        for entry in navigation.existing():
            if not entry.listed or not operator.may(entry.permission):
                continue
            if entry.section != section:
                section = entry.section
                st.caption(section)
            count = waiting.get(entry.file, 0)
            st.page_link(
                navigation.address(entry.file),
                label=f"{entry.title} :red-badge[{decimal(count)}]" if count else entry.title,
                icon=f":material/{entry.icon}:",
                query_params=_carried(entry),
                width="stretch",
            )
        st.html(f"<script>{PAGE_SCRIPT}</script>", unsafe_allow_javascript=True)
