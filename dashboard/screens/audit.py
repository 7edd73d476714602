"""The audit log: who did what, when and why, with before and after."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import url
from dashboard.clock import present
from dashboard.kit import tables, template
from dashboard.kit.choices import choice
from dashboard.text import ago, counted, decimal, money, plain, sentence_case, spaced, unlinked
from ledger.desk import Line, audit

PAGE = 200
MOST = 10_000
PERIODS: Mapping[str, tuple[str, timedelta]] = {
    "1d": ("Last 24 hours", timedelta(days=1)),
    "7d": ("Last 7 days", timedelta(days=7)),
    "30d": ("Last 30 days", timedelta(days=30)),
    "365d": ("Last 365 days", timedelta(days=365)),
}


@dataclass(frozen=True)
class AuditFilters:
    """Which lines are shown; empty: all."""

    text: str = ""
    workspace_id: str = ""
    actor: str = ""
    action: str = ""
    period: str = ""

    @property
    def since(self) -> datetime | None:
        """Return the first moment of the period; None for everything."""
        return present() - PERIODS[self.period][1] if self.period in PERIODS else None


def show(db: Connection) -> None:
    """Draw the answer, the filters, the newest lines, and older ones on request."""
    said = st.container()
    wanted = _filters(db)
    most = min(int(st.session_state.get("audit_lines", PAGE)), MOST)
    lines = audit.list_lines(
        db,
        text=wanted.text,
        workspace_id=wanted.workspace_id or None,
        actor=wanted.actor or None,
        action=wanted.action or None,
        since=wanted.since,
        limit=most,
    )
    with said:
        template.answer(answer(lines, present(), searched=wanted != AuditFilters()))
    table(lines)
    if len(lines) == most < MOST:
        st.button("Show older lines", key="audit_older", on_click=_more, args=(most,))


def _filters(db: Connection) -> AuditFilters:
    """Draw the filter row and return what is chosen; all of it is in the address."""
    actors, actions = audit.list_actors(db)
    with st.container(horizontal=True, vertical_alignment="bottom", key="audit_filters"):
        text = url.text(
            "Search",
            key="q",
            type="search",
            placeholder="Reason, subject or id",
            label_visibility="collapsed",
        )
        workspace_id = url.text(
            "Workspace", key="workspace", placeholder="Workspace", width=180, label_visibility="collapsed"
        )
        people = {"": "Everybody", **{actor: actor for actor in actors}}
        done = {"": "All actions", **{action: sentence_case(action) for action in actions}}
        periods = {"": "Any time", **{name: words for name, (words, _span) in PERIODS.items()}}
        actor = choice("Person", people, key="actor", width=210)
        action = choice("Action", done, key="action", width=190)
        period = choice("Period", periods, key="period", width=150)
    return AuditFilters(text, workspace_id, actor, action, period)


def answer(lines: Sequence[Line], at: datetime, *, searched: bool) -> str:
    """Return who acted last, or that nothing was recorded or found."""
    if not lines:
        return "**No action matches** this search." if searched else "**Nothing is recorded yet.**"
    if searched:
        return (
            f"**{counted(len(lines), '{n} action matches', '{n} actions match')}** this search, newest first."
        )
    last = lines[0]
    who = unlinked(plain(last.actor))
    return f"Last action: **{plain(spaced(last.action))}** by {who}, {ago(last.at, at)}."


def _more(shown: int) -> None:
    st.session_state["audit_lines"] = shown * 5


def change(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return what differs in one line, `total minutes: 59 → 119`. The currency is in `amount`."""
    names = [
        name for name in {**before, **after} if before.get(name) != after.get(name) and name != "currency"
    ]
    return "; ".join(
        f"{spaced(name)}: {_value(before.get(name))} → {_value(after.get(name))}" for name in names
    )


def amount(line: Line) -> str:
    """Return the money of a line in its currency, or in cents when it has none; empty when no money moved."""
    if not line.amount_cents:
        return ""
    currency = line.after.get("currency")
    return money(line.amount_cents, currency) if currency else f"{decimal(line.amount_cents)} cents"


def _value(value: Any) -> str:
    return (
        "–" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    )


def table(lines: Sequence[Line]) -> None:
    """Draw the lines, newest first."""
    columns = (
        "audit_no", "at", "actor", "role", "action", "workspace_id", "subject",
        "minutes", "amount_cents", "reason", "request_id",
    )  # fmt: skip
    frame: pd.DataFrame = tables.from_rows(lines, columns)
    frame["what"] = [spaced(line.action) for line in lines]
    frame["amount"] = [amount(line) for line in lines]
    frame["change"] = [change(line.before, line.after) for line in lines]
    tables.show(
        frame,
        key="audit",
        linked=True,
        empty="No actions.",
        file_name="audit.csv",
        height=640,
        columns={
            "audit_no": tables.whole("No", width="small"),
            "at": tables.when("When"),
            "actor": tables.text("Who"),
            "role": tables.text("Role", width="small"),
            "what": tables.text("Action"),
            "workspace_id": tables.text("Workspace"),
            "subject": tables.text("Subject"),
            "minutes": tables.whole("Minutes"),
            "amount": tables.text("Money", alignment="right"),
            "reason": tables.text("Reason"),
            "change": tables.text("Before → after"),
            "request_id": tables.text("Request"),
        },
    )
