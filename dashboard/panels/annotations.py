"""Goals and notes: how they get onto a chart, and the forms with which staff set them."""

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
from dashboard.kit.forms import carry_out
from dashboard.panels.units import unit_of
from dashboard.text import day, plain
from ledger.metrics import KINDS, METRICS, goal_and_annotations, goal_of, list_annotations

LONGEST_ON_A_CHART = 40  # characters
KIND_NAMES = {"launch": "Launch", "definition": "Definition change", "price": "Price change", "note": "Note"}


def guides(
    db: Connection, slug: str, filters: Filters
) -> tuple[float | None, Sequence[tuple[datetime, str]]]:
    """Return the goal of a metric, and what happened in the period, for a chart: text without any markup."""
    period = filters.period
    goal, marks = goal_and_annotations(db, slug, source=filters.source, start=period.start, end=period.end)
    return goal, [(one.at, one.text[:LONGEST_ON_A_CHART]) for one in marks]


def notes(db: Connection, operator: Operator, filters: Filters, slug: str) -> None:
    """Draw what happened in the period, each line with its removal for who may, and the form for a new note."""
    for one in list_annotations(db, start=filters.period.start, end=filters.period.end, metric=slug):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/flag: {day(one.at)} · {KIND_NAMES[one.kind]} · {plain(one.text)}")
            if one.annotation_id and (one.created_by == operator.actor or operator.may("manage_staff")):
                st.button(
                    "Remove",
                    key=f"withdraw_{one.annotation_id}",
                    type="tertiary",
                    on_click=_withdraw,
                    args=[one.annotation_id],
                )
    _annotation_form(operator, filters)


def _withdraw(annotation_id: UUID) -> None:
    """Remove a note for the person who clicked."""
    operator = operator_or_nobody()
    carry_out("withdraw annotation", lambda: withdraw_annotation(operator, annotation_id))


def _annotation_form(operator: Operator, filters: Filters) -> None:
    st.session_state.setdefault("annotation_id", uuid4())
    with st.form("annotation", border=False, clear_on_submit=True):
        on = st.date_input("Day", filters.period.today, key="annotation_day")
        kind = st.selectbox(
            "Kind", KINDS, index=3, format_func=lambda one: KIND_NAMES[one], key="annotation_kind"
        )
        text = st.text_input("What happened", max_chars=200, key="annotation_text")
        if st.form_submit_button("Add note") and text.strip():
            at = datetime.combine(on, time(), ZoneInfo(filters.state.timezone))
            done = annotate_charts(
                operator, st.session_state.pop("annotation_id"), text, kind=str(kind), happened_at=at
            )
            st.success(done.sentence)


def goal_form(operator: Operator, filters: Filters, slug: str) -> None:
    """Draw the form that sets the goal of a metric; an empty field removes it."""
    if METRICS[slug].unit not in ("percent", "minutes", "cents"):
        return
    with reading() as db:
        goal, unit = goal_of(db, slug, source=filters.source), unit_of(db, slug)
    with st.form("goal", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        value = st.number_input(
            f"Goal ({unit.name})",
            value=None if goal is None else unit.entered(goal),
            min_value=0.0,
            key=f"goal_value_{slug}",
            placeholder="none",
            width=180,
        )
        if st.form_submit_button("Set goal"):
            wanted = None if value is None else unit.stored(value)
            st.success(set_metric_goal(operator, slug, wanted, source=filters.source).sentence)
