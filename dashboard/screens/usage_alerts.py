"""Usage alerts: what was sent to customers' systems, what waits, where it goes, and sending one again."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, url
from dashboard.access import operator_or_nobody
from dashboard.kit import exports, forms, tables, template
from dashboard.text import counted, plain
from ledger.notify import Endpoint, get_endpoint, outbox

PAGE = 100
DIGITS = 18
SHOWN = {"pending": "Waiting", "dead": "Failed"}
STATES = {
    "pending": "Waiting",
    "delivered": "Delivered",
    "dead": "Failed",
    "off": "Not sent (no endpoint)",
}

KINDS = {
    "used_80": "80% used",
    "used_90": "90% used",
    "used_100": "100% used",
    "plan_exhausted": "Extra minutes in use",
    "limit_hit": "Limit hit",
}


def state_of_sending(db: Connection) -> None:
    """Draw the answer: whether alerts arrive, and where they go."""
    waiting, endpoint = outbox.count_waiting(db), get_endpoint(db)
    sending = endpoint is not None and endpoint.enabled
    tone: template.Tone = "attention" if waiting.dead else "good" if sending else "neutral"
    template.answer(answer(endpoint, pending=waiting.pending, failed=waiting.dead), tone=tone)
    with template.tile_row(2):
        st.metric("Waiting", f"{waiting.pending:,}" if sending else "–", border=True)
        st.metric("Failed", f"{waiting.dead:,}", border=True)


def answer(endpoint: Endpoint | None, *, pending: int, failed: int) -> str:
    """Return whether customers' systems get their alerts, in one sentence."""
    lost = f"**{counted(failed, '{n} alert failed', '{n} alerts failed')}** after all attempts"
    if endpoint is None:
        return f"**Alerts are not sent**: no endpoint is set{'; ' + lost if failed else ''}."
    where = plain(endpoint.url)
    if not endpoint.enabled:
        return f"**Sending is off** for {where}{'; ' + lost if failed else ''}."
    if failed:
        return f"{lost}; {pending:,} waiting for {where}."
    if pending:
        return f"**{counted(pending, '{n} alert is waiting', '{n} alerts are waiting')}** for {where}, none failed."
    return f"**Every alert was delivered** to {where}."


def list_alerts(db: Connection) -> None:
    """Draw the alerts, newest first, a page at a time; a selected one can be sent again."""
    delivery = next(iter(url.pills("Show only", dict(SHOWN.items()), key="show")), None)
    rows = outbox.list_usage_alerts(db, delivery=delivery, before=_place(db), limit=PAGE)
    answer = tables.show(
        _frame(rows, listening=listening(db)),
        key="alerts",
        linked=True,
        empty="No alerts.",
        selection_mode="single-row",
        on_select="rerun",
        columns={
            "recorded_at": tables.when("Reached"),
            "workspace_id": tables.text("Workspace"),
            "kind": tables.text("Alert"),
            "delivery": tables.text("Delivery"),
            "attempts": tables.whole("Attempts"),
            "next_attempt_at": tables.when("Next attempt"),
            "delivered_at": tables.when("Delivered"),
            "last_error": tables.text("Last error"),
        },
    )
    tables.paging("alerts", _name(rows[-1]) if len(rows) == PAGE else None)
    if rows:
        exports.download_usage_alerts(delivery, key="alerts_csv")
    picked = answer.selection.rows if answer else []
    if picked and picked[0] < len(rows) and operator_or_nobody().may("replay_events"):
        _offer_replay(db, rows[picked[0]])


def _name(row: outbox.OutgoingAlert) -> str:
    return f"{row.epoch}.{row.kind}.{row.workspace_id}"


def _place(db: Connection) -> outbox.OutgoingAlert | None:
    """Return the alert after which the page begins; None when the address names none that exists."""
    epoch, _dot, rest = url.parameter("before").partition(".")
    kind, _dot, workspace_id = rest.partition(".")
    if not epoch.isdecimal() or len(epoch) > DIGITS:
        return None
    try:
        return outbox.get_usage_alert(db, workspace_id, int(epoch), kind)
    except outbox.UnknownUsageAlert:
        return None


def listening(db: Connection) -> bool:
    """Return whether alerts are sent anywhere."""
    endpoint = get_endpoint(db)
    return endpoint is not None and endpoint.enabled


def named(states: Sequence[str], *, listening: bool) -> list[str]:
    """Return the delivery of each alert in words; an alert without an endpoint is not on its way."""
    return [STATES["off" if state == "pending" and not listening else state] for state in states]


def _frame(rows: list[outbox.OutgoingAlert], *, listening: bool) -> pd.DataFrame:
    waits = [listening and row.delivery == "pending" for row in rows]
    columns = ("recorded_at", "workspace_id", "attempts", "delivered_at", "last_error")
    next_tries: list[Any] = [
        row.next_attempt_at if wait else None for row, wait in zip(rows, waits, strict=True)
    ]
    return tables.from_rows(rows, columns).assign(
        kind=[KINDS[row.kind] for row in rows],
        delivery=named([row.delivery for row in rows], listening=listening),
        next_attempt_at=next_tries,
    )


def _offer_replay(db: Connection, row: outbox.OutgoingAlert) -> None:
    endpoint = get_endpoint(db)
    if endpoint and not outbox.is_wanted(endpoint, row.kind):
        st.caption("The endpoint does not subscribe to alerts of this kind.")
        return
    st.button(
        f"Send again: {KINDS[row.kind]} of {plain(row.workspace_id)}",
        key="alert_replay",
        icon=":material/replay:",
        on_click=replay,
        args=(row.workspace_id, row.epoch, row.kind, forms.minted("replay warning")),
    )


def change_endpoint(db: Connection) -> None:
    """Draw the form of the endpoint; a new secret is shown once."""
    if secret := st.session_state.pop("new_warning_secret", None):
        st.write("Verify the signature of each alert with this secret. It is shown once.")
        st.code(secret, language=None)
    endpoint = get_endpoint(db)
    with st.form("endpoint_form", border=True):
        st.markdown("**Endpoint**")
        st.text_input(
            "URL",
            value=endpoint.url if endpoint else "",
            key="endpoint_url",
            placeholder="https://hooks.example.com/minutes",
            max_chars=2_000,
        )
        st.toggle("Send alerts", value=endpoint.enabled if endpoint else True, key="endpoint_enabled")
        st.toggle(
            "Also alert when extra minutes come into use",
            value=endpoint.sends_plan_exhausted if endpoint else True,
            key="endpoint_plan_exhausted",
            help="Sends the message type `usage.plan_exhausted`: your endpoint must accept it.",
        )
        st.toggle("Replace the secret", value=False, key="endpoint_renew")
        st.form_submit_button(
            "Save endpoint", key="endpoint_submit", on_click=save, args=(forms.minted("warning endpoint"),)
        )


def replay(workspace_id: str, epoch: int, kind: str, key: str) -> None:
    """Send the selected alert again."""
    operator = operator_or_nobody()
    forms.carry_out(
        "replay warning", lambda: actions.replay_warning(operator, workspace_id, epoch, kind, key=key)
    )


def save(key: str) -> None:
    """Save the endpoint."""
    state, operator = st.session_state, operator_or_nobody()
    done = forms.carry_out(
        "warning endpoint",
        lambda: actions.set_warning_endpoint(
            operator,
            state["endpoint_url"] or "",
            enabled=state["endpoint_enabled"],
            sends_plan_exhausted=state["endpoint_plan_exhausted"],
            renew_secret=state["endpoint_renew"],
            key=key,
        ),
    )
    if done and "secret" in done.details:
        state["new_warning_secret"] = done.details["secret"]
