"""Events from Stripe: find one, see its body and its effect or error, and replay it."""

import json
from datetime import datetime
from functools import partial

import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, url
from dashboard.access import Operator, operator_or_nobody
from dashboard.clock import present
from dashboard.kit import choices, forms, states, tables, template
from dashboard.text import ago, counted, decimal, moment, plain
from ledger.webhooks import InboxState, StoredEvent, event_body, list_events

PAGE = 50
STATUSES = {
    "pending": "Waiting",
    "processing": "Processing",
    "done": "Done",
    "ignored": "Ignored",
    "refused": "Refused",
    "failed": "Retrying",
    "dead": "Failed",
}
RUN_AGAIN = ("done", "ignored", "failed", "dead")


def summary(state: InboxState) -> None:
    """Draw the answer, and how many events wait, retry and failed."""
    template.answer(answer(state, present()), tone="attention" if state.dead or state.failed else "good")
    with template.tile_row(3):
        st.metric(
            "Waiting",
            decimal(state.waiting),
            border=True,
            height="stretch",
            help="Not processed yet, or retrying.",
        )
        st.metric("Retrying", decimal(state.failed), border=True, height="stretch")
        st.metric("Failed", decimal(state.dead), border=True, height="stretch", help="Eight attempts failed.")


def answer(state: InboxState, at: datetime) -> str:
    """Return whether every event of Stripe was processed, in one sentence."""
    if state.dead:
        count = counted(state.dead, "{n} event failed", "{n} events failed")
        return f"**{count}** after eight attempts: read the error, fix its cause, then replay."
    if state.failed:
        return f"**{counted(state.failed, '{n} event is', '{n} events are')} retrying** after an error."
    if state.waiting and state.oldest_waiting_at:
        count = counted(state.waiting, "{n} event is waiting", "{n} events are waiting")
        return f"**{count}**, the oldest received {ago(state.oldest_waiting_at, at)}."
    return "**All events are processed**: none waiting, none failed."


def fields(inbox: InboxState) -> tuple[str, str | None]:
    """Draw the search fields; return the text and the state to search for."""
    waiting = {"pending": inbox.waiting - inbox.failed, "failed": inbox.failed, "dead": inbox.dead}
    text = url.text(
        "Search",
        key="q",
        label_visibility="collapsed",
        icon=":material/search:",
        placeholder="Event, payment, workspace or type",
        help="Also a refund or a dispute. The beginning of a type is enough.",
    )
    names = {
        code: f"{name} · {decimal(waiting[code])}" if waiting.get(code, 0) > 0 else name
        for code, name in STATUSES.items()
    }
    statuses = url.pills("State", names, key="state", label_visibility="collapsed")
    return text, next(iter(statuses), None)


def table(db: Connection, text: str, status: str | None) -> StoredEvent | None:
    """Draw the events, newest first, a page at a time; return the selected one, or the one in the address."""
    before = url.parameter("before") or None
    rows = list_events(db, text, status=status, before=before, limit=PAGE)
    columns = {
        "received_at": tables.when("Received"),
        "type": tables.text("Type"),
        "status": states.column("State", STATUSES.values(), width=120),
        "effect": tables.text("Effect"),
        "error": tables.text("Error"),
        "attempts": tables.whole("Attempts"),
        "workspace_id": tables.text("Workspace"),
        "object_id": tables.text("About"),
        "event_id": tables.text("Event"),
    }
    draw = partial(
        tables.show,
        tables.from_rows(rows, list(columns)).assign(status=[STATUSES[row.status] for row in rows]),
        file_name="events.csv",
        linked=True,
        empty="No events. They appear here as soon as Stripe sends them.",
        columns=columns,
    )
    place = choices.line("event", [row.event_id for row in rows], draw, table="events_table")
    tables.paging("events", rows[-1].event_id if len(rows) == PAGE else None)
    if place is not None:
        return rows[place]
    named = url.parameter("event")
    return next(iter(list_events(db, named, limit=1)), None) if named else None


def detail(db: Connection, operator: Operator, event: StoredEvent) -> None:
    """Draw one event: its facts, its effect, and its body; personal data only for roles that can see it."""
    template.section(plain(event.type))
    facts = [
        plain(event.event_id),
        "received {at}, {times}, by {how}".format(
            at=moment(event.received_at),
            times=counted(event.deliveries, "once", "{n} times"),
            how=event.delivered_by,
        ),
        f"from {event.source}",
        f"API {plain(event.api_version or '–')}",
        f"SHA-256 {event.sha256[:16]}…",
    ]
    st.caption(" · ".join(facts))
    if event.effect:
        st.markdown(f"**Effect:** {plain(event.effect)}")
    if event.error:
        st.error(plain(event.error))
    if event.next_attempt_at:
        st.caption(f"Next attempt: {moment(event.next_attempt_at)}")
    if operator.may("replay_events") and event.status in RUN_AGAIN and not event.purged_at:
        st.button(
            "Replay", key="replay", icon=":material/replay:", on_click=run_again, args=(event.event_id,)
        )
    _body(db, operator, event)


def _body(db: Connection, operator: Operator, event: StoredEvent) -> None:
    body = event_body(db, event.event_id, personal=operator.may("view_personal_data"))
    if body is None:
        st.caption("The body was deleted after its retention period; ids and hash remain.")
        return
    if not operator.may("view_personal_data"):
        st.caption("Your role can't see names and addresses.")
    st.code(json.dumps(body, indent=2, ensure_ascii=False), language="json", wrap_lines=True)


def run_again(event_id: str) -> None:
    """Replay the event."""
    act = partial(actions.replay_event, operator_or_nobody(), event_id)
    forms.carry_out("replay", lambda: act(key=forms.key_of("replay")))
