"""Health: one verdict, open alerts, the comparison with Stripe, scheduled jobs, the installation and the proof."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, installation
from dashboard.access import Operator, operator_or_nobody
from dashboard.clock import present
from dashboard.installation import current
from dashboard.kit import forms, states, tables, template
from dashboard.kit.choices import choice
from dashboard.screens import restore_drills
from dashboard.text import counted, decimal, moment, plain, sentence_case
from ledger import database
from ledger.desk import audit, list_attention
from ledger.minutes import verify
from ledger.payments import (
    Reconciliation,
    count_alerts,
    list_reconciliations,
    plan_invoices,
)
from ledger.postgres import DrillResult, restarts
from ledger.schedules import SCHEDULES
from ledger.webhooks import inbox_state
from ledger.worker import ScheduleRun, list_schedules

LATE = 3
"""A job is late when it has not succeeded for this many of its own intervals."""


def problems(
    alerts: Mapping[str, int],
    *,
    failed_events: int,
    mismatches: int,
    late_jobs: int,
    due_soon: int = 0,
    knocking: int = 0,
    drill: str | None = None,
) -> list[str]:
    """Return the open problems, most urgent first. `due_soon`: disputes to answer within a week.

    `knocking`: addresses that tried keys or sign-ins in vain. `drill`: what is wrong with the last restore drill.
    """
    disputes = alerts.get("dispute", 0)
    counts = (
        (disputes, "{n} open dispute", "{n} open disputes"),
        (sum(alerts.values()) - disputes, "{n} other open alert", "{n} other open alerts"),
        (failed_events, "{n} failed event", "{n} failed events"),
        (mismatches, "{n} mismatch with Stripe", "{n} mismatches with Stripe"),
        (late_jobs, "{n} late job", "{n} late jobs"),
        (
            knocking,
            "{n} address with wrong keys or failed sign-ins since yesterday (Audit log)",
            "{n} addresses with wrong keys or failed sign-ins since yesterday (Audit log)",
        ),
    )
    said = [f"**{counted(number, one, many)}**" for number, one, many in counts if number]
    if disputes and due_soon:
        said[0] += f" ({decimal(due_soon)} to answer within a week)"
    return [*said, f"**{drill}**"] if drill else said


def answer(problems: list[str], *, compared: bool) -> str:
    """Return the verdict in one sentence."""
    if problems:
        return f"All healthy except {', '.join(problems)}."
    payments = "payments match Stripe" if compared else "payments have not been compared with Stripe yet"
    return f"**All healthy**: no open alerts, no failed events, all jobs on time; {payments}."


def overview(db: Connection, drill: DrillResult | None) -> None:
    """Draw the verdict, and the four figures behind it."""
    inbox = inbox_state(db)
    lag = (present() - inbox.oldest_waiting_at).total_seconds() if inbox.oldest_waiting_at else 0
    report = next(iter(list_reconciliations(db, limit=1)), None)
    mismatches = sum(not finding.repaired for finding in report.findings) if report else 0
    alerts_by_kind = count_alerts(db)
    late = sum(state == "Late" for _run, _pause, state in _jobs(db))
    disputes = list_attention(db, at=present(), limit=1).get("disputes")
    wrong = problems(
        alerts_by_kind,
        failed_events=inbox.dead,
        mismatches=mismatches,
        late_jobs=late,
        due_soon=disputes.due_soon if disputes else 0,
        knocking=audit.count_knocking_addresses(db, since=present() - timedelta(days=1)),
        drill=restore_drills.verdict(drill, present()),
    )
    template.answer(
        answer(wrong, compared=report is not None), tone="attention" if wrong or not report else "good"
    )
    with template.tile_row():
        st.metric("Open alerts", decimal(sum(alerts_by_kind.values())), border=True, height="stretch")
        st.metric(
            "Oldest event",
            f"{decimal(lag)} s",
            border=True,
            height="stretch",
            help="Age of the oldest event in the queue.",
        )
        st.metric("Failed events", decimal(inbox.dead), border=True, height="stretch")
        st.metric(
            "Mismatches",
            decimal(mismatches),
            border=True,
            height="stretch",
            help="In the last comparison with Stripe.",
        )


def reconciliation(db: Connection, operator: Operator) -> None:
    """Draw the stored reports of the comparison with Stripe, and the button that compares now."""
    invoices = plan_invoices.count_plan_invoices(db, installation.settings().mode)
    st.caption(
        f"Paid plan invoices: {decimal(invoices['lots'])} credited minutes, {decimal(invoices['nothing'])} credited "
        f"nothing for a known reason, {decimal(invoices['alert'])} need a decision."
    )
    template.section("Stripe reconciliation")
    if operator.may("replay_events"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.number_input("Days back", 1, 365, 3, key="reconcile_days", width=160)
            st.button("Compare now", key="reconcile", on_click=compare)
    reports = list_reconciliations(db, limit=20)
    if not reports:
        st.caption("Not compared yet. Compare the last days with Stripe.")
        return
    by_id = {str(report.reconciliation_id): report for report in reports}
    names = {report_id: _named(report) for report_id, report in by_id.items()}
    chosen = by_id[choice("Report", names, key="report", label_visibility="visible")]
    findings = pd.DataFrame([{**asdict(one), "kind": sentence_case(one.kind)} for one in chosen.findings])
    tables.show(
        findings,
        key="findings",
        linked=True,
        empty="No mismatches.",
        file_name="differences.csv",
        columns={
            "kind": tables.text("Mismatch"),
            "repaired": st.column_config.CheckboxColumn("Repaired"),
            "workspace_id": tables.text("Workspace"),
            "detail": tables.text("Detail"),
            "proposal": tables.text("Proposal"),
            "payment_intent": tables.text("Payment"),
            "purchase_id": tables.text("Purchase"),
        },
    )


def _named(report: Reconciliation) -> str:
    parts = (
        moment(report.at),
        report.source,
        counted(len(report.findings), "{n} mismatch", "{n} mismatches"),
        f"{decimal(report.repaired)} repaired",
        counted(report.checked_payments, "{n} payment", "{n} payments"),
        counted(report.checked_purchases, "{n} purchase", "{n} purchases"),
        counted(report.checked_invoices, "{n} invoice", "{n} invoices"),
    )
    return " · ".join(parts)


def compare() -> None:
    """Compare the ledger with Stripe over the chosen days."""
    days = int(st.session_state["reconcile_days"])
    act = partial(actions.reconcile_payments, operator_or_nobody(), days)
    forms.carry_out("reconcile", lambda: act(key=forms.key_of("reconcile")))


def _jobs(db: Connection) -> list[tuple[ScheduleRun, int | None, str]]:
    """Return the last run of each job, its interval in seconds, and whether it is on time."""
    pauses = {schedule.name: schedule.seconds for schedule in SCHEDULES}
    runs = [(run, pauses.get(run.name)) for run in list_schedules(db)]
    return [(run, pause, "Late" if is_late(run, pause, present()) else "On time") for run, pause in runs]


def worker(db: Connection) -> None:
    """Draw the scheduled jobs: when each last succeeded, and its last error. Closed while all are on time."""
    jobs = _jobs(db)
    late = sum(state == "Late" for _run, _pause, state in jobs)
    title = counted(late, "{n} job is late", "{n} jobs are late") if late else "All jobs on time"
    template.section("Scheduled jobs")
    with st.expander(title if jobs else "No job has run yet", expanded=bool(late) or not jobs):
        tables.show(
            pd.DataFrame([asdict(run) | {"state": state, "seconds": pause} for run, pause, state in jobs]),
            key="schedules",
            file_name="scheduled-jobs.csv",
            empty="The worker has never run. Start the dashboard, or run `python -m ledger work`.",
            columns={
                "name": tables.text("Job"),
                "state": states.column("State", ("On time", "Late"), width=110),
                "seconds": tables.whole("Every (s)"),
                "succeeded_at": tables.when("Last success"),
                "started_at": tables.when("Last start"),
                "error": tables.text("Error"),
            },
        )


def is_late(run: ScheduleRun, pause: int | None, at: datetime) -> bool:
    """Return whether a job due every `pause` seconds has not succeeded, or has been running, for too long."""
    if pause is None:
        return False
    allowed = timedelta(seconds=LATE * pause)
    if run.finished_at is None:
        return at - run.started_at > allowed
    return run.succeeded_at is None or at - run.succeeded_at > allowed


def show_installation(db: Connection) -> None:
    """Draw the payment mode, and whether PostgreSQL itself enforces append-only entries."""
    template.section("Installation")
    gateway = current().gateway()
    st.markdown(f"Payments: **{gateway.source}**, key {plain(gateway.masked_key)}.")
    if installation.settings().stripe_webhook_secrets:
        st.markdown("Webhooks: a secret is configured.")
    else:
        st.markdown(
            "Webhooks: no secret is configured. Deliveries from Stripe are refused; the worker fetches events instead."
        )
    if times := restarts():
        st.warning(
            f"The embedded database stopped and was started again "
            f"{counted(len(times), 'once', '{n} times')} since the product started, last {moment(times[-1])}. "
            "Confirmed writes are never lost. See postgres.log in DATA_DIR for the reason."
        )
    if database.runs_as_application(db):
        st.success("Entries and draws are append-only: the database refuses to change them.")
        if database.may_become_owner(db):
            st.info(
                "Everything uses one database login. Create separate ones with `python -m ledger logins`."
            )
    else:
        st.warning(
            "The role ledger_app could not be created: only the application enforces append-only, not the database."
        )


def proof(db: Connection) -> None:
    """Replay the whole ledger on request, and list what does not match."""
    template.section("Integrity check")
    st.caption("Replays every entry of every workspace. A long history takes longer.")
    if not st.button("Run check", key="verify", icon=":material/fact_check:"):
        return
    with st.spinner("Replaying ..."):
        findings = verify(db, at=present())
    if not findings:
        st.success("Integrity check passed: no discrepancies.")
        return
    st.error(
        counted(
            len(findings),
            "Integrity check failed: {n} row does not match.",
            "Integrity check failed: {n} rows do not match.",
        )
    )
    tables.show(pd.DataFrame([asdict(each) for each in findings]), key="verify_rows", file_name="verify.csv")
