"""The inbox on the screen: find an event, see what came, what it did or why not, and let it run again."""

import json
from functools import partial

import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, url
from dashboard.access import Operator, operator_or_nobody
from dashboard.kit import forms, tables
from dashboard.text import counted, moment, plain
from ledger.webhooks.event_bodies import event_body
from ledger.webhooks.inbox import StoredEvent, inbox_state, list_events

PAGE = 50
STATUSES = {
    "pending": "waiting",
    "processing": "being worked on",
    "done": "done",
    "ignored": "ignored",
    "refused": "refused",
    "failed": "will be tried again",
    "dead": "given up",
}
RUN_AGAIN = ("done", "ignored", "failed", "dead")


def summary(db: Connection) -> None:
    """How many wait, will be tried again, were given up."""
    state = inbox_state(db)
    waiting, failed, dead = st.columns(3, border=True)
    waiting.metric("Waiting", f"{state.waiting:,}", help="Stored and not worked on yet, or tried again soon.")
    failed.metric("Will be tried again", f"{state.failed:,}")
    dead.metric("Given up", f"{state.dead:,}", help="Eight tries failed: look at the error, then replay.")
    if state.oldest_waiting_at:
        st.caption(f"The oldest waits since {moment(state.oldest_waiting_at)}.")


def fields() -> tuple[str, str | None]:
    """What is searched for: a text and a state."""
    text = url.text(
        "Search",
        key="q",
        icon=":material/search:",
        placeholder="event, payment, workspace, type",
        help="Also a refund or a dispute; of a type its beginning is enough.",
    )
    statuses = url.pills("State", dict(STATUSES.items()), key="state")
    return text, next(iter(statuses), None)


def table(db: Connection, text: str, status: str | None) -> StoredEvent | None:
    """The events, newest first, a page at a time; the one that is selected, or that the address names."""
    before = url.parameter("before") or None
    rows = list_events(db, text, status=status, before=before, limit=PAGE)
    columns = {
        "received_at": tables.when("Received"),
        "type": tables.text("Type"),
        "status": tables.text("State"),
        "effect": tables.text("Effect"),
        "error": tables.text("Error"),
        "attempts": tables.whole("Tries"),
        "workspace_id": tables.text("Workspace"),
        "object_id": tables.text("About"),
        "event_id": tables.text("Event"),
    }
    answer = tables.show(
        tables.from_rows(rows, list(columns)).assign(status=[STATUSES[row.status] for row in rows]),
        key="events_table",
        linked=True,
        empty="No events.",
        selection_mode="single-row",
        on_select="rerun",
        columns=columns,
    )
    tables.paging("events", rows[-1].event_id if len(rows) == PAGE else None)
    chosen: list[int] = answer.selection.rows if answer is not None else []
    if chosen and chosen[0] < len(rows):
        return rows[chosen[0]]
    named = url.parameter("event")
    return next(iter(list_events(db, named, limit=1)), None) if named else None


def detail(db: Connection, operator: Operator, event: StoredEvent) -> None:
    """One event: what it is, what it did, its body without personal data unless the role may see them."""
    st.subheader(plain(event.type))
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
        st.caption(f"Next try: {moment(event.next_attempt_at)}")
    if operator.may("replay_events") and event.status in RUN_AGAIN and not event.purged_at:
        st.button(
            "Replay", key="replay", icon=":material/replay:", on_click=run_again, args=(event.event_id,)
        )
    _body(db, operator, event)


def _body(db: Connection, operator: Operator, event: StoredEvent) -> None:
    body = event_body(db, event.event_id, personal=operator.may("view_personal_data"))
    if body is None:
        st.caption("Its body was deleted after its time; ids and hash are kept.")
        return
    if not operator.may("view_personal_data"):
        st.caption("Names and addresses are hidden from your role.")
    st.code(json.dumps(body, indent=2, ensure_ascii=False), language="json", height=360)


def run_again(event_id: str) -> None:
    """The click on "Replay"."""
    act = partial(actions.replay_event, operator_or_nobody(), event_id)
    forms.carry_out("replay", lambda: act(key=forms.minted("replay")))
