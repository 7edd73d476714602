"""Open payment alerts on the Health page: by kind, with the bank's deadline, and what marks them as resolved."""

import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, url
from dashboard.access import Operator, operator_or_nobody
from dashboard.kit import forms, states, tables, template
from dashboard.text import decimal, moment, plain, sentence_case
from ledger.payments import Alert, count_alerts, list_alerts

ALERTS_PAGE = 20
RUNBOOK = "docs/runbook.md"
DETAIL_WIDTH = 580
"""Pixels of an alert's detail: wide enough to read its end; the table scrolls sideways where it must."""


def alerts(db: Connection, operator: Operator) -> None:
    """Draw the open alerts by kind, newest first, a page at a time."""
    template.section("Payment alerts")
    counts = count_alerts(db)
    if not counts:
        st.success("No open alerts.", icon=":material/check:")
        return
    st.caption(f"What happened and what to do, for each kind of alert: `{RUNBOOK}`.")
    names = {kind: f"{plain(sentence_case(kind))} · {decimal(count)}" for kind, count in counts.items()}
    kind = next(iter(url.pills("Kind", names, key="kind", label_visibility="collapsed")), None)
    columns = ("at", "kind", "due_at", "detail", "workspace_id", "object_id")
    rows = list_alerts(db, kind=kind, before=url.parameter("before") or None, limit=ALERTS_PAGE)
    answer = tables.show(
        tables.from_rows(rows, columns).assign(kind=[sentence_case(alert.kind) for alert in rows]),
        key=f"alerts_{st.session_state.get('alerts_turn', 0)}",
        empty="No alerts.",
        file_name="payment-alerts.csv",
        linked=True,
        selection_mode="multi-row",
        on_select="rerun",
        columns={
            "at": tables.when("When"),
            "kind": states.column("Kind", (sentence_case(one) for one in counts)),
            **({"due_at": tables.when("Respond by")} if any(row.due_at for row in rows) else {}),
            "detail": tables.text("Detail", width=DETAIL_WIDTH),
            "workspace_id": tables.text("Workspace"),
            "object_id": tables.text("About"),
        },
    )
    tables.paging("alerts", rows[-1].alert_id if len(rows) == ALERTS_PAGE else None)
    picked = [rows[place] for place in (answer.selection.rows if answer else ()) if place < len(rows)]
    if operator.may("replay_events"):
        _resolution(picked)


def _resolution(picked: list[Alert]) -> None:
    """Draw the selected alerts in full, and the button that closes them."""
    if not picked:
        st.caption("Select alerts to mark them as resolved.")
        return
    for alert in picked:
        who = alert.workspace_id or "no workspace"
        st.markdown(f"{plain(alert.detail)} · {plain(who)} · {plain(alert.object_id)} · {moment(alert.at)}")
    ids, customers = [alert.alert_id for alert in picked], len({alert.workspace_id for alert in picked})
    several = customers > 1
    st.button(
        f"Mark resolved ({len(picked)})",
        key="close_alerts",
        on_click=forms.ask_to_confirm if several else close,
        args=("resolve", ids) if several else (ids, forms.key_of("close alerts")),
    )
    forms.confirmation(
        "resolve",
        lambda chosen: f"Mark {len(chosen)} alerts of {customers} customers as resolved? They stay closed.",
        lambda chosen: close(chosen, forms.key_of("close alerts")),
        yes="Mark resolved",
    )


def close(alert_ids: list[str], key: str) -> None:
    """Close each selected alert, each with its own line in the audit log."""
    operator = operator_or_nobody()

    def act() -> actions.ActionResult:
        done = [actions.close_alert(operator, one, key=f"{key}:{one}") for one in alert_ids]
        closed = sum(not each.repeated for each in done)
        return actions.ActionResult(f"{closed} alerts closed.") if closed > 1 else done[0]

    forms.carry_out("close alerts", act)
    # A new table with nothing selected: other alerts have moved into the rows of those that were closed.
    st.session_state["alerts_turn"] = st.session_state.get("alerts_turn", 0) + 1
