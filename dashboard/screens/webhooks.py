"""Webhooks: the endpoints of other systems, what was sent to them, and sending an event again."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, url
from dashboard.access import Operator, operator_or_nobody
from dashboard.clock import present
from dashboard.kit import choices, forms, states, tables, template
from dashboard.text import counted, decimal, plain
from ledger.notify import (
    EVENT_TYPES,
    EventDelivery,
    WaitingDeliveries,
    WebhookEndpoint,
    count_deliveries,
    list_attempts,
    list_deliveries,
    list_endpoints,
)

PAGE = 100
DIGITS = 18
SHOWN = {"pending": "Waiting", "dead": "Failed"}
STATES = {"pending": "Waiting", "delivered": "Delivered", "dead": "Failed"}


def state_of_sending(db: Connection) -> None:
    """Draw the answer: whether other systems get their events."""
    waiting, endpoints = count_deliveries(db), list_endpoints(db)
    tone: template.Tone = "attention" if waiting.dead else "good" if endpoints else "neutral"
    template.answer(answer(endpoints, waiting), tone=tone)
    with template.tile_row(3):
        st.metric("Endpoints", decimal(len(endpoints)), border=True)
        st.metric("Waiting", decimal(waiting.pending), border=True)
        st.metric("Failed", decimal(waiting.dead), border=True)


def answer(endpoints: Sequence[WebhookEndpoint], waiting: WaitingDeliveries) -> str:
    """Return whether other systems get their events, in one sentence."""
    if not endpoints:
        return "**Events are not sent**: no endpoint has been added."
    where = counted(len(endpoints), "{n} endpoint", "{n} endpoints")
    if waiting.dead:
        lost = counted(waiting.dead, "{n} event failed", "{n} events failed")
        return f"**{lost}** after all attempts; {decimal(waiting.pending)} waiting for {where}."
    if waiting.pending:
        events = counted(waiting.pending, "{n} event is waiting", "{n} events are waiting")
        return f"**{events}** for {where}, none failed."
    return f"**Every event was delivered** to {where}."


def show_endpoints(db: Connection) -> None:
    """Draw the endpoints, and the delivery log of the one that is selected."""
    endpoints = list_endpoints(db)
    template.section("Endpoints")
    at = present()
    frame = tables.from_rows(endpoints, ("url", "created_at", "created_by")).assign(
        events=[", ".join(each.events) for each in endpoints],
        state=["Waits for approval" if each.is_waiting else "Active" for each in endpoints],
        secrets=["New and old sign" if len(each.secrets_at(at)) > 1 else "One" for each in endpoints],
    )
    tables.show(
        frame,
        key="endpoints",
        file_name="endpoints.csv",
        empty="No endpoints yet. Add one to get events posted to your system.",
        columns={
            "url": tables.text("URL"),
            "events": tables.text("Events"),
            "state": tables.text("State"),
            "secrets": tables.text("Secrets"),
            "created_at": tables.when("Added"),
            "created_by": tables.text("Added by"),
        },
    )
    if endpoints:
        _show_log(db, _chosen(endpoints))


def _chosen(endpoints: Sequence[WebhookEndpoint]) -> WebhookEndpoint:
    if len(endpoints) == 1:
        return endpoints[0]
    by_id = {str(each.endpoint_id): each for each in endpoints}
    names = {endpoint_id: each.url for endpoint_id, each in by_id.items()}
    return by_id[choices.choice("Delivery log of", names, key="endpoint", label_visibility="visible")]


def _show_log(db: Connection, endpoint: WebhookEndpoint) -> None:
    template.section("Delivery log")
    state = next(iter(url.pills("Show only", SHOWN, key="state")), None)
    place = url.parameter("before")
    before = int(place) if place.isdecimal() and len(place) <= DIGITS else None
    rows = list_deliveries(db, endpoint.endpoint_id, state=state, before=before, limit=PAGE)
    next_attempts: list[Any] = [row.next_attempt_at if row.state == "pending" else None for row in rows]
    draw = partial(
        tables.show,
        tables.from_rows(rows, ("recorded_at", "workspace_id", "type", "attempts", "delivered_at")).assign(
            state=[STATES[row.state] for row in rows],
            next_attempt_at=next_attempts,
        ),
        file_name="deliveries.csv",
        linked=True,
        empty="No events.",
        columns={
            "recorded_at": tables.when("Booked"),
            "workspace_id": tables.text("Workspace"),
            "type": tables.text("Event"),
            "state": states.column("State", STATES.values(), width=120),
            "attempts": tables.whole("Attempts"),
            "next_attempt_at": tables.when("Next attempt"),
            "delivered_at": tables.when("Delivered"),
        },
    )
    chosen = choices.line("delivery", [row.event_no for row in rows], draw, table="deliveries")
    tables.paging("deliveries", str(rows[-1].event_no) if len(rows) == PAGE else None)
    if chosen is not None:
        show_delivery(db, rows[chosen], operator_or_nobody())


def show_delivery(db: Connection, delivery: EventDelivery, operator: Operator) -> None:
    """Draw the event, the response to each attempt, and the button that resends it."""
    about = f" of {plain(delivery.workspace_id)}" if delivery.workspace_id else ""
    st.markdown(f"**{plain(delivery.type)}**{about}")
    st.code(delivery.body, language="json", wrap_lines=True)
    attempts = list_attempts(db, delivery)
    tables.show(
        tables.from_rows(attempts, ("at", "status", "answer", "error", "milliseconds")),
        key="attempts",
        file_name="attempts.csv",
        empty="Not attempted yet.",
        columns={
            "at": tables.when("Attempt"),
            "status": tables.whole("Status"),
            "answer": tables.text("Answer"),
            "error": tables.text("Error"),
            "milliseconds": tables.whole("ms"),
        },
    )
    if operator.may("replay_events"):
        st.button(
            "Send again",
            key="delivery_replay",
            icon=":material/replay:",
            on_click=replay,
            args=(delivery.endpoint_id, delivery.event_no, forms.key_of("replay event")),
        )


def change_endpoints(db: Connection) -> None:
    """Draw the forms that add, rotate and delete an endpoint; a new secret is shown once."""
    for form in ("endpoint", "rotate secret"):
        forms.show_secret(form, "Verify the signature of each event with this secret. It is shown once.")
    add, end = st.columns(2, gap="large")
    with add, st.form("endpoint_form", border=True):
        st.markdown("**Add endpoint**")
        forms.text_field(
            "URL", key="endpoint_url", placeholder="https://hooks.example.com/minutes", max_chars=2_000
        )
        st.multiselect("Events", EVENT_TYPES, default=EVENT_TYPES, key="endpoint_events")
        st.form_submit_button(
            "Add endpoint", key="endpoint_submit", on_click=save, args=(forms.key_of("endpoint"),)
        )
    known = {each.endpoint_id: each.url for each in list_endpoints(db)}
    if not known:
        return
    with end, st.form("endpoint_change", border=True):
        st.markdown("**Replace secret or delete**")
        forms.pick("Endpoint", known, key="endpoint_id")
        st.form_submit_button("Replace secret", key="endpoint_rotate", on_click=rotate)
        st.form_submit_button("Delete endpoint", key="endpoint_delete", on_click=ask_to_delete)
    with end:
        forms.confirmation(
            "delete endpoint",
            lambda each: f"Nothing more is sent to {plain(known.get(each, ''))}. Waiting events are dropped.",
            delete,
            yes="Delete endpoint",
        )


def save(key: str) -> None:
    """Add the endpoint of the form."""
    state, operator = st.session_state, operator_or_nobody()
    address, events = state["endpoint_url"] or "", list(state["endpoint_events"])
    forms.carry_out(
        "endpoint",
        lambda: actions.add_webhook_endpoint(operator, address, events, key=key),
        clear=("endpoint_url",),
        fields={"invalid_endpoint": "endpoint_url"},
    )


def rotate() -> None:
    """Replace the secret of the chosen endpoint."""
    operator, endpoint_id = operator_or_nobody(), st.session_state["endpoint_id"]
    if forms.is_chosen(endpoint_id):
        key = forms.key_of("rotate secret")
        forms.carry_out(
            "rotate secret", lambda: actions.rotate_webhook_secret(operator, endpoint_id, key=key)
        )


def ask_to_delete() -> None:
    """Ask for confirmation: the other system no longer receives events."""
    forms.ask_to_confirm("delete endpoint", st.session_state["endpoint_id"])


def delete(endpoint_id: UUID) -> None:
    """Delete the endpoint."""
    operator = operator_or_nobody()
    key = forms.key_of("delete endpoint")
    forms.carry_out(
        "delete endpoint", lambda: actions.delete_webhook_endpoint(operator, endpoint_id, key=key)
    )


def replay(endpoint_id: UUID, event_no: int, key: str) -> None:
    """Send the selected event again."""
    operator = operator_or_nobody()
    forms.carry_out(
        "replay event", lambda: actions.replay_webhook_event(operator, endpoint_id, event_no, key=key)
    )
