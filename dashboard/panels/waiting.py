"""What needs somebody's attention, counted for the navigation."""

import streamlit as st

from dashboard import installation
from dashboard.access import Operator
from ledger.desk import list_approvals

MOST = 100


def counts(operator: Operator) -> dict[str, int]:
    """Return how many requests wait behind each page that this person may open."""
    if not operator.may("view_approvals"):
        return {}
    return {"approvals": _approvals(str(installation.engine().url))}


@st.cache_data(ttl=10, show_spinner=False)
def _approvals(database: str) -> int:  # noqa: ARG001  one answer for each database
    with installation.reading() as connection:
        return len(list_approvals(connection, state="waiting", limit=MOST))
