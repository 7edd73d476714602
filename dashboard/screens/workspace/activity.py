"""The tab "Activity": everything that happened, in one timeline, and what one line of the statement drew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

import ledger
from dashboard import url
from dashboard.clock import present
from dashboard.kit import choices, states, tables
from dashboard.screens.workspace import pictures
from dashboard.screens.workspace.events import fate_of
from dashboard.screens.workspace.top_ups import OUTCOMES
from dashboard.screens.workspace.use import CROSSED as ALERTS
from dashboard.text import day, decimal, moment, money, plain, sentence_case, signed
from ledger.desk import notes
from ledger.minutes import Draw, Entry, LotStory, explain_lots, list_usage_alerts
from ledger.notify import PaymentMessage, list_payment_messages
from ledger.payments import PAID, list_purchases, list_top_ups
from ledger.schedules import EVENT_RETENTION

PAGE = 200
MOST = 5000
GROUPS = {
    "use": "Usage",
    "credit": "Credits",
    "taken": "Taken back",
    "payment": "Payments",
    "alert": "Alerts",
    "note": "Notes",
}
TAKEN = ("void", "refund", "dispute")
REPORTED = (*PAID, "failed")
"""States of a purchase that a message reports."""


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One line of the timeline; `entry`: its line of the statement, None if it moves no minutes."""

    at: datetime
    group: str
    what: str
    by: str = ""
    details: str = ""
    entry: Entry | None = None


def show(db: Connection, workspace_id: str) -> None:
    """Draw the balance over time, filters, the timeline, the explanation of the selected line, and older lines."""
    wanted = min(max(url.number("lines") or PAGE, PAGE), MOST)
    entries = ledger.list_entries(db, workspace_id, limit=wanted)
    if entries:
        st.plotly_chart(
            pictures.balance_over_time(entries),
            key="balance_chart",
            config=pictures.CONFIG,
            alt="Balance after each booking, plan and extra minutes stacked",
        )
    since = entries[-1].at if len(entries) == wanted else None
    lines = timeline(db, workspace_id, entries, since=since)
    if not lines:
        st.caption("Nothing has happened yet.")
        return
    groups = url.pills("Show", GROUPS, key="group", several=True, label_visibility="collapsed")
    shown = [line for line in lines if not groups or line.group in groups]
    if entry := table(shown):
        _explain(db, workspace_id, entry)
    if len(entries) == wanted < MOST:
        st.button("Show older lines", key="ws_older", on_click=_more, args=(wanted,))


def _more(shown: int) -> None:
    url.put("lines", str(shown * 5))


def timeline(
    db: Connection, workspace_id: str, entries: Sequence[Entry], *, since: datetime | None
) -> list[Happening]:
    """Return bookings, payments, alerts and notes of one workspace, newest first; from `since` on, None: all."""
    lines = [_booking(entry) for entry in entries]
    lines += [
        Happening(
            at=alert.at,
            group="alert",
            what=ALERTS[alert.kind],
            details=_result("alert", alert.at, alert.delivery, alert.delivered_at, alert.last_error),
        )
        for alert in list_usage_alerts(db, workspace_id)
    ]
    lines += _payments(db, workspace_id)
    lines += [
        Happening(at=note.at, group="note", what="Note", by=note.author, details=note.text)
        for note in notes.list_notes(db, workspace_id)
    ]
    shown = [line for line in lines if since is None or line.at >= since]
    return sorted(shown, key=lambda line: (line.at, line.entry.entry_no if line.entry else 0), reverse=True)


def _payments(db: Connection, workspace_id: str) -> list[Happening]:
    """Return purchases and automatic top-ups, each with what became of its newest message."""
    messages = list_payment_messages(db, workspace_id)[::-1]
    of_purchase = {each.purchase_id: each for each in messages if each.type.startswith("purchase.")}
    of_top_up = {each.epoch: each for each in messages if each.type.startswith("top_up.")}
    return [
        Happening(
            at=purchase.created_at,
            group="payment",
            what=f"{purchase.package_name} for {money(purchase.charged_cents, purchase.currency)}",
            by=purchase.actor,
            details=_with_fate(
                states.PURCHASES[purchase.status],
                of_purchase.get(purchase.purchase_id),
                at=purchase.created_at,
                expected=purchase.status in REPORTED,
            ),
        )
        for purchase in list_purchases(db, workspace_id)
    ] + [
        Happening(
            at=top_up.at,
            group="payment",
            what="Auto top-up",
            details=_with_fate(
                OUTCOMES[top_up.outcome],
                of_top_up.get(top_up.epoch),
                at=top_up.at,
                expected=top_up.outcome != "started",
            ),
        )
        for top_up in list_top_ups(db, workspace_id)
    ]


def _with_fate(state: str, message: PaymentMessage | None, *, at: datetime, expected: bool) -> str:
    if message is None:
        fate = _result("message", at, "off", None, None) if expected else ""
    else:
        fate = _result("message", at, message.delivery, message.delivered_at, message.last_error)
    return f"{state}. {fate}" if fate else state


def _result(
    what: str, at: datetime, delivery: str, delivered_at: datetime | None, last_error: str | None
) -> str:
    """Return what became of a message in a sentence; nothing where its record is deleted by now."""
    if delivery == "off" and present() - at >= EVENT_RETENTION:
        return ""
    fate = fate_of(what, delivery, delivered_at, last_error)
    return f"{fate[:1].upper()}{fate[1:]}."


def _booking(entry: Entry) -> Happening:
    group = "use" if entry.kind == "use" else "taken" if entry.kind in TAKEN else "credit"
    return Happening(
        at=entry.at,
        group=group,
        what=sentence_case(entry.kind),
        by=entry.actor,
        details=entry.reason or entry.reference or entry.key,
        entry=entry,
    )


def table(lines: Sequence[Happening]) -> Entry | None:
    """Draw the lines and return the line of the statement that is selected; `?line=` holds its number."""
    frame = pd.DataFrame([_line(line) for line in lines])
    draw = partial(
        tables.show,
        frame,
        empty="No activity of these kinds.",
        file_name="activity.csv",
        height=420,
        columns={
            "at": tables.when("When"),
            "what": tables.text("What"),
            "plan_delta": tables.whole("Plan"),
            "extra_delta": tables.whole("Extra"),
            "unmet": tables.whole("Unmet"),
            "balance": tables.whole("Balance"),
            "by": tables.text("By"),
            "details": tables.text("Details"),
            "entry_no": tables.whole("Line", width="small"),
            "recorded_at": tables.when("Booked"),
        },
    )
    numbers = [line.entry.entry_no if line.entry else "" for line in lines]
    place = choices.line("line", numbers, draw, table="statement")
    return None if place is None else lines[place].entry


def _line(line: Happening) -> Mapping[str, object]:
    entry = line.entry
    return {
        "at": line.at,
        "what": line.what,
        "plan_delta": entry.plan_delta if entry else None,
        "extra_delta": entry.extra_delta if entry else None,
        "unmet": (entry.unmet_minutes or None) if entry else None,
        "balance": entry.plan_minutes + entry.extra_minutes if entry else None,
        "by": line.by,
        "details": line.details,
        "entry_no": entry.entry_no if entry else None,
        "recorded_at": entry.recorded_at if entry else None,
    }


def _explain(db: Connection, workspace_id: str, entry: Entry) -> None:
    draws = ledger.explain_entry(db, workspace_id, entry.entry_no)
    stories = {story.lot_id: story for story in explain_lots(db, workspace_id, at=entry.recorded_at)}
    after = entry.plan_minutes + entry.extra_minutes
    with st.container(border=True):
        st.markdown(
            f"**Line {entry.entry_no}**: {entry.kind} on {moment(entry.at)}, balance "
            f"{decimal(after - entry.plan_delta - entry.extra_delta)} → {decimal(after)}"
        )
        if not draws:
            st.caption("Nothing changed: no minutes were left.")
        for draw in draws:
            story = stories.get(draw.lot_id)
            st.markdown(f"- {_drawn(draw, entry)}" + (_payment(story) if story else ""))


def _drawn(draw: Draw, entry: Entry) -> str:
    lot = f"lot {draw.lot_id} ({draw.kind} of {day(draw.acquired_at)})"
    return f"{signed(-draw.minutes if entry.kind == 'use' else draw.minutes)} min: {lot}"


def _payment(story: LotStory) -> str:
    if story.package_name is None:
        return ""
    return f" · package {plain(story.package_name)}, payment `{story.payment_intent or '–'}`"
