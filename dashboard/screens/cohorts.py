"""Cohorts on the Retention page: by month of the first limit hit, or by an attribute, month after month."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import url
from dashboard.kit import tables, template
from dashboard.kit.filters import Filters
from dashboard.kit.labels import attribute_name, segment_name
from dashboard.text import percent
from ledger.metrics import TOO_FEW, HitCohort, HitCohortMonth, list_cohorts
from ledger.minutes import list_segments

OUTCOMES = {"bought": "Bought", "again": "Bought again", "here": "Still here"}
BY_MONTH = "hit"


def show(db: Connection, filters: Filters) -> None:
    """Draw the shares that bought, bought again and stayed in the months after the first limit hit, once opened."""
    template.section("Cohorts")
    if not url.toggle(
        "By first limit hit", key="cohorts", help="Months after each workspace's first limit hit."
    ):
        return
    outcome = _chosen("Outcome", OUTCOMES, key="outcome")
    keys = {key: attribute_name(key) for key in list_segments(db)}
    by = _chosen("Rows", {BY_MONTH: "Month of the hit", **keys}, key="rows_by") if keys else BY_MONTH
    result = list_cohorts(db, filters.selection, by=None if by == BY_MONTH else by)
    if not any(cohort.months for cohort in result):
        st.info("No workspace has been watched for a month since its first limit hit in this period.")
        return
    st.caption(explanation(outcome))
    drawn = frame(result, outcome, by_month=by == BY_MONTH)
    tables.show(
        drawn,
        key="cohorts_table",
        file_name=f"cohorts-{outcome}.csv",
        columns={
            "cohort": tables.text("First limit hit" if by == BY_MONTH else attribute_name(by)),
            "workspaces": tables.whole("Workspaces"),
            **{name: tables.text(name, alignment="right") for name in drawn.columns[2:]},
        },
    )


def _chosen(label: str, names: dict[str, str], *, key: str) -> str:
    chosen = url.one_of(key, list(names), label=label)
    url.pills(label, names, key=key, first=chosen, label_visibility="collapsed")
    return chosen


def explanation(outcome: str) -> str:
    """Return the tooltip of a cell."""
    did = {
        "bought": "bought at least once",
        "again": "bought at least twice",
        "here": "were still on a plan",
    }[outcome]
    return f"Of the workspaces watched that long, the share that {did} by the end of each month after the limit hit."


def frame(cohorts: Sequence[HitCohort], outcome: str, *, by_month: bool) -> pd.DataFrame:
    """Return a line for each cohort and a column for each month; few cases are counts, later months are empty."""
    longest = max(len(cohort.months) for cohort in cohorts)
    return pd.DataFrame(
        [
            {
                "cohort": f"{date.fromisoformat(one.part):%b %Y}" if by_month else segment_name(one.part),
                "workspaces": one.workspaces,
                **{
                    f"Month {month + 1}": cell(one.months[month], outcome) if month < len(one.months) else ""
                    for month in range(longest)
                },
            }
            for one in cohorts
        ]
    )


def cell(month: HitCohortMonth, outcome: str) -> str:
    """Return `36%`, or `3 of 7` if too few workspaces were watched for a share."""
    count = {"bought": month.bought, "again": month.again, "here": month.here}[outcome]
    if month.watched < TOO_FEW:
        return f"{count} of {month.watched}"
    return percent(100 * count / month.watched, 0)
