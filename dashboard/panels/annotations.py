"""Goals and annotations: how they get onto a chart, and the forms with which staff set them."""

from collections.abc import Sequence
from datetime import datetime, time
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import streamlit as st
from sqlalchemy import Connection

from dashboard.access import Operator, operator_or_nobody
from dashboard.actions.marking import annotate_charts, set_metric_goal, withdraw_annotation
from dashboard.installation import reading
from dashboard.kit.filters import Filters
from dashboard.kit.forms import carry_out, report
from dashboard.text import plain
from ledger.metrics import METRICS
from ledger.metrics.annotations import KINDS, goal_of, list_annotations

KIND_NAMES = {"launch": "Launch", "definition": "Definition change", "price": "Price change", "note": "Note"}


def guides(
    db: Connection, slug: str, filters: Filters
) -> tuple[float | None, Sequence[tuple[datetime, str]]]:
    """The goal of a metric, and what happened in the period, for a chart."""
    period = filters.period
    found = list_annotations(db, start=period.start, end=period.end, metric=slug)
    return goal_of(db, slug, source=filters.source), [(one.at, plain(one.text)[:40]) for one in found]


def listed(db: Connection, filters: Filters) -> None:
    """What happened in the period, in words: the lines on the charts."""
    found = list_annotations(db, start=filters.period.start, end=filters.period.end)
    for one in found:
        st.caption(f":material/flag: {one.at:%d %b %Y} · {KIND_NAMES[one.kind]} · {plain(one.text)}")


def forms(operator: Operator, filters: Filters) -> None:
    """Add an annotation or remove one of the period, or set a goal."""
    with st.expander("Annotate and set goals", icon=":material/flag:"):
        report()
        left, right = st.columns(2)
        with left:
            _annotation_form(operator, filters)
            _removals(operator, filters)
        with right:
            _goal_form(operator, filters)


def _removals(operator: Operator, filters: Filters) -> None:
    with reading() as db:
        found = list_annotations(db, start=filters.period.start, end=filters.period.end)
    for one in found:
        if one.annotation_id and (one.created_by == operator.actor or operator.may("manage_staff")):
            st.button(
                f"Remove: {plain(one.text)}",
                key=f"withdraw_{one.annotation_id}",
                type="tertiary",
                on_click=_withdraw,
                args=[one.annotation_id],
            )


def _withdraw(annotation_id: UUID) -> None:
    """The click on "Remove"."""
    operator = operator_or_nobody()
    carry_out("withdraw annotation", lambda: withdraw_annotation(operator, annotation_id))


def _annotation_form(operator: Operator, filters: Filters) -> None:
    st.session_state.setdefault("annotation_id", uuid4())
    with st.form("annotation", border=False, clear_on_submit=True):
        day = st.date_input("Day", filters.period.today, key="annotation_day")
        kind = st.selectbox(
            "Kind", KINDS, index=3, format_func=lambda one: KIND_NAMES[one], key="annotation_kind"
        )
        text = st.text_input("What happened", max_chars=200, key="annotation_text")
        if st.form_submit_button("Add annotation") and text.strip():
            at = datetime.combine(day, time(), ZoneInfo(filters.state.timezone))
            done = annotate_charts(
                operator, st.session_state.pop("annotation_id"), text, kind=str(kind), happened_at=at
            )
            st.success(done.sentence)


def _goal_form(operator: Operator, filters: Filters) -> None:
    slugs = [slug for slug, metric in METRICS.items() if metric.unit in ("percent", "minutes", "cents")]
    with st.form("goal", border=False):
        slug = st.selectbox(
            "Metric",
            slugs,
            index=slugs.index("conversion"),
            format_func=lambda one: METRICS[one].name,
            key="goal_of",
        )
        value = st.number_input(
            "Goal (percent, minutes or cents)", value=None, min_value=0.0, key="goal_value"
        )
        if st.form_submit_button("Set goal"):
            done = set_metric_goal(operator, str(slug), value, source=filters.source)
            st.success(done.sentence)
