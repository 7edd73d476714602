"""The condition of the installation: alerts, both books compared, the worker, the database, the proof."""

from dataclasses import asdict
from datetime import datetime
from functools import partial

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, installation
from dashboard.access import Operator, operator_or_nobody
from dashboard.clock import present
from dashboard.installation import current
from dashboard.kit import forms, tables
from dashboard.text import counted, moment, plain, spaced
from dashboard.url import parameter
from ledger import database
from ledger.minutes.verify import verify
from ledger.payments import plan_invoices
from ledger.payments.alerts import Alert, count_alerts, list_alerts
from ledger.payments.reconcile import Reconciliation, list_reconciliations
from ledger.schedules import SCHEDULES
from ledger.webhooks.inbox import inbox_state
from ledger.worker import Run, list_schedules

ALERTS_PAGE = 20
DETAIL_WIDTH = 580
"""Pixels of the sentence of an alert, so that its end can be read; the table scrolls sideways where it must."""
LATE = 3
"""A schedule is late when it has not succeeded for so many times its own pause."""


def overview(db: Connection) -> None:
    """Four figures that should be zero or now."""
    inbox = inbox_state(db)
    lag = (present() - inbox.oldest_waiting_at).total_seconds() if inbox.oldest_waiting_at else 0
    report = next(iter(list_reconciliations(db, limit=1)), None)
    open_findings = sum(not finding.repaired for finding in report.findings) if report else 0
    columns = st.columns(4, border=True)
    columns[0].metric("Open alerts", f"{sum(count_alerts(db).values()):,}")
    columns[1].metric("Events behind", f"{lag:,.0f} s", help="Age of the oldest event that waits.")
    columns[2].metric("Events given up", f"{inbox.dead:,}")
    columns[3].metric("Differences to Stripe", f"{open_findings:,}", help="Of the last comparison.")


def alerts(db: Connection, operator: Operator) -> None:
    """What a person must look at: how many of each kind, and a table of them, newest first, a page at a time."""
    st.subheader("Alerts about money")
    counts = count_alerts(db)
    if not counts:
        st.success("Nothing waits for a decision.", icon=":material/check:")
        return
    kind = st.pills(
        "Kind",
        list(counts),
        key="alerts_kind",
        format_func=lambda one: f"{plain(spaced(one))} · {counts[one]:,}",
        on_change=tables.turn_to,
    )
    columns = ("at", "kind", "detail", "workspace_id", "object_id")
    rows = list_alerts(db, kind=kind, before=parameter("before") or None, limit=ALERTS_PAGE)
    answer = tables.show(
        tables.from_rows(rows, columns).assign(kind=[spaced(alert.kind) for alert in rows]),
        key=f"alerts_{st.session_state.get('alerts_turn', 0)}",
        empty="No alerts here.",
        linked=True,
        selection_mode="multi-row",
        on_select="rerun",
        columns={
            "at": tables.when("When"),
            "kind": tables.text("Kind"),
            "detail": tables.text("What", width=DETAIL_WIDTH),
            "workspace_id": tables.text("Workspace"),
            "object_id": tables.text("About"),
        },
    )
    tables.paging("alerts", rows[-1].alert_id if len(rows) == ALERTS_PAGE else None)
    picked = [rows[place] for place in (answer.selection.rows if answer else ()) if place < len(rows)]
    if operator.may("replay_events"):
        _dealt_with(picked)


def _dealt_with(picked: list[Alert]) -> None:
    """The chosen alerts in full, and the button that says they were dealt with."""
    if not picked:
        st.caption("Choose the lines that were dealt with.")
        return
    for alert in picked:
        who = alert.workspace_id or "no workspace"
        st.markdown(f"{plain(alert.detail)} · {plain(who)} · {plain(alert.object_id)} · {moment(alert.at)}")
    st.button(
        f"Dealt with ({len(picked)})",
        key="close_alerts",
        on_click=close,
        args=([alert.alert_id for alert in picked], forms.minted("close alerts")),
    )


def close(alert_ids: list[str], key: str) -> None:
    """The click on "Dealt with": each alert is closed, and audited, on its own."""
    operator = operator_or_nobody()

    def act() -> actions.Done:
        done = [actions.close_alert(operator, one, key=f"{key}:{one}") for one in alert_ids]
        closed = sum(not each.repeated for each in done)
        return actions.Done(f"{closed} alerts closed.") if closed > 1 else done[0]

    forms.carry_out("close alerts", act)
    # A table of its own, in which nothing is chosen: other alerts have taken the places of those that were closed.
    st.session_state["alerts_turn"] = st.session_state.get("alerts_turn", 0) + 1


def reconciliation(db: Connection, operator: Operator) -> None:
    """The kept reports of comparing both books, and comparing now."""
    invoices = plan_invoices.count_plan_invoices(db, installation.settings().mode)
    st.caption(
        f"Paid invoices of plans: {invoices['lots']:,} gave minutes, {invoices['nothing']:,} give nothing for a "
        f"reason, {invoices['alert']:,} wait for a person."
    )
    st.subheader("Both books compared")
    if operator.may("replay_events"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input("Days back", 1, 365, 3, key="reconcile_days", width=160)
            st.button("Compare now", key="reconcile", on_click=compare)
    reports = list_reconciliations(db, limit=20)
    if not reports:
        st.caption("Never compared yet.")
        return
    chosen = st.selectbox("Report", reports, format_func=_named, key="report_of")
    findings = pd.DataFrame([{**asdict(one), "kind": spaced(one.kind)} for one in chosen.findings])
    tables.show(
        findings,
        key="findings",
        linked=True,
        empty="No differences.",
        file_name="differences.csv",
        columns={
            "kind": tables.text("Difference"),
            "repaired": st.column_config.CheckboxColumn("Repaired"),
            "workspace_id": tables.text("Workspace"),
            "detail": tables.text("What"),
            "proposal": tables.text("Proposal"),
            "payment_intent": tables.text("Payment"),
            "purchase_id": tables.text("Purchase"),
        },
    )


def _named(report: Reconciliation) -> str:
    parts = (
        moment(report.at),
        report.source,
        counted(len(report.findings), "{n} difference", "{n} differences"),
        f"{report.repaired:,} repaired",
        counted(report.checked_payments, "{n} payment", "{n} payments"),
        counted(report.checked_purchases, "{n} purchase", "{n} purchases"),
        counted(report.checked_invoices, "{n} invoice", "{n} invoices"),
    )
    return " · ".join(parts)


def compare() -> None:
    """The click on "Compare now"."""
    days = int(st.session_state["reconcile_days"])
    act = partial(actions.reconcile_payments, operator_or_nobody(), days)
    forms.carry_out("reconcile", lambda: act(key=forms.minted("reconcile")))


def worker(db: Connection) -> None:
    """What happens by the clock: when it last succeeded, and what went wrong."""
    st.subheader("Worker")
    pauses = {schedule.name: schedule.seconds for schedule in SCHEDULES}
    rows = []
    for run in list_schedules(db):
        pause = pauses.get(run.name)
        state = "late" if is_late(run, pause, present()) else "fine"
        rows.append(asdict(run) | {"state": state, "seconds": pause})
    tables.show(
        pd.DataFrame(rows),
        key="schedules",
        empty="The worker has never run here: start the dashboard, or `python -m ledger work`.",
        columns={
            "name": tables.text("What"),
            "state": tables.text("State"),
            "seconds": tables.whole("Every (s)"),
            "succeeded_at": tables.when("Last success"),
            "started_at": tables.when("Last start"),
            "error": tables.text("Error"),
        },
    )


def is_late(run: Run, pause: int | None, at: datetime) -> bool:
    """Whether a schedule that should run every `pause` seconds has not succeeded for too long."""
    if pause is None:
        return False
    return run.succeeded_at is None or (at - run.succeeded_at).total_seconds() > LATE * pause


def show_installation(db: Connection) -> None:
    """Payment mode, and whether PostgreSQL itself keeps entries append-only."""
    st.subheader("Installation")
    gateway = current().gateway()
    st.markdown(f"Payments: **{gateway.source}**, key {plain(gateway.masked_key)}.")
    if installation.settings().stripe_webhook_secrets:
        st.markdown("Webhooks: a secret is configured.")
    else:
        st.markdown(
            "Webhooks: no secret is configured, so Stripe's deliveries are refused; events are fetched."
        )
    if database.runs_as_application(db):
        st.success("Entries and draws are append-only: the database refuses to change them.")
    else:
        st.warning(
            "The role ledger_app could not be created: append-only is kept by the programs, not by the database."
        )


def proof(db: Connection) -> None:
    """Replay the whole ledger on request, and name what does not fit."""
    st.subheader("Proof")
    st.caption("Replays every entry of every workspace. Takes as long as the history is.")
    if not st.button("Verify now", key="verify", icon=":material/fact_check:"):
        return
    with st.spinner("Replaying ..."):
        findings = verify(db, at=present())
    if not findings:
        st.success("The ledger is proven: nothing is off.")
        return
    st.error(counted(len(findings), "{n} row does not fit.", "{n} rows do not fit."))
    tables.show(pd.DataFrame([asdict(each) for each in findings]), key="verify_rows", file_name="verify.csv")
