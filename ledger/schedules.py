"""Schedules of the worker: one line of SCHEDULES each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine

from ledger.database import reading, writing
from ledger.metrics.closed_months import close_months
from ledger.metrics.rollups import refresh_rollups
from ledger.minutes.workspaces import reset_due
from ledger.notify.alert_digests import purge_digests, send_digests
from ledger.notify.channels import MailServer
from ledger.notify.events import purge_outgoing_events, send_events
from ledger.notify.metric_alerts import check_metric_alerts, sender
from ledger.notify.top_up_mail import mail_confirmations
from ledger.payments.abandoned import cancel_abandoned
from ledger.payments.moving_in import compare_move_in, has_gone_live, is_on_trial
from ledger.payments.reconcile import reconcile
from ledger.payments.refunds import finish_refunds
from ledger.payments.top_ups import run_top_ups
from ledger.seals.sealing import seal
from ledger.settings import Settings
from ledger.webhooks.inbox import Gateways, poll_events, purge_events

BATCH = 50
EVENT_RETENTION = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """What a worker opens at start and passes to every schedule."""

    engine: Engine
    settings: Settings
    gateways: Gateways


class Schedule(NamedTuple):
    """A function to run every `seconds`, called with the worker's context and the time.

    `long`: may take minutes. `by_both_clocks`: waits while this machine and the database disagree by minutes. Every
    other schedule runs then too, and is never given a time ahead of the database.
    """

    name: str
    seconds: int
    run: Callable[[WorkerContext, datetime], object]
    long: bool = False
    by_both_clocks: bool = False


def book_due_periods(context: WorkerContext, at: datetime) -> None:
    """Book the monthly periods that are due, in several passes; months booked too early cannot be undone."""
    served = BATCH
    while served:
        with writing(context.engine) as db:
            served = reset_due(db, at=at, limit=BATCH)


def _play_the_sandbox(context: WorkerContext, _: datetime) -> None:
    """Run due actions of the built-in sandbox: renewals, late events, late refund failures."""
    for gateway in context.gateways.values():
        gateway.run_due()


def _poll(context: WorkerContext, at: datetime) -> None:
    for gateway in context.gateways.values():
        poll_events(context.engine, gateway, at=at)


def _finish_refunds(context: WorkerContext, at: datetime) -> None:
    for gateway in context.gateways.values():
        finish_refunds(context.engine, gateway, at=at)


def _cancel_abandoned(context: WorkerContext, at: datetime) -> None:
    for gateway in context.gateways.values():
        cancel_abandoned(context.engine, gateway, at=at)


def _top_up(context: WorkerContext, at: datetime) -> None:
    """Buy; with a wrong month, the limit of this month would not count."""
    for gateway in context.gateways.values():
        while run_top_ups(context.engine, gateway, at=at, limit=BATCH) == BATCH:
            continue


def _reconcile(days: int) -> Callable[[WorkerContext, datetime], None]:
    def run(context: WorkerContext, at: datetime) -> None:
        for gateway in context.gateways.values():
            since = at - timedelta(days=days)
            reconcile(context.engine, gateway, since=since, until=at, actor="schedule", at=at)

    return run


def _send_events(context: WorkerContext, at: datetime) -> None:
    """Send events to the endpoints that want them; a workspace's next one follows when the one before arrived."""
    send_events(context.engine, at=at, limit=BATCH)


def _purge_outgoing(context: WorkerContext, at: datetime) -> None:
    with writing(context.engine) as db:
        purge_outgoing_events(db, before=at - EVENT_RETENTION)
        purge_digests(db, before=at - EVENT_RETENTION)


def _purge(context: WorkerContext, at: datetime) -> None:
    with writing(context.engine) as db:
        purge_events(db, at=at)


def _roll_up(context: WorkerContext, at: datetime) -> None:
    """Refresh the daily sums, so that pages are never older than this schedule."""
    with writing(context.engine) as db:
        refresh_rollups(db, at=at, timezone=context.settings.report_timezone)


def _fit(context: WorkerContext, at: datetime) -> None:
    """Compute the slow estimates that pages requested, one transaction each."""
    from ledger.metrics.fits import refresh_fits  # noqa: PLC0415  statistics take a second to import

    made = 1
    while made:
        with writing(context.engine) as db:
            made = refresh_fits(db, at=at, limit=1)


def _close_months(context: WorkerContext, at: datetime) -> None:
    """Store the numbers of closed months, and their later differences."""
    with writing(context.engine) as db:
        close_months(db, at=at)


def _want_facts(context: WorkerContext, at: datetime) -> None:
    """Request new facts of the pricing lab where data changed."""
    from ledger.pricing.readings import want_due  # noqa: PLC0415  as above

    want_due(context.engine, at=at)


def _read_facts(context: WorkerContext, at: datetime) -> None:
    """Read the facts of the pricing lab that pages or the schedule above requested."""
    from ledger.pricing.readings import read_wanted  # noqa: PLC0415  as above

    read_wanted(context.engine, at=at)


def _alert(context: WorkerContext, at: datetime) -> None:
    """Send alerts of metrics that crossed a threshold, or returned."""
    check_metric_alerts(context.engine, at=at, send=sender(mail_server_of(context.settings), at=at))


def _send_digests(context: WorkerContext, at: datetime) -> None:
    """Send usage and payment alerts to who subscribed to them."""
    send_digests(context.engine, mail_server_of(context.settings), mode=context.settings.mode, at=at)


def _mail_confirmations(context: WorkerContext, at: datetime) -> None:
    """Write to customers whose bank asks them to confirm a top-up."""
    mail_confirmations(context.engine, mail_server_of(context.settings), context.settings.public_url, at=at)


def mail_server_of(settings: Settings) -> MailServer:
    """Return the mail server of the settings."""
    return MailServer(url=settings.smtp_url, sender=settings.mail_from)


def _seal(context: WorkerContext, at: datetime) -> None:
    """Seal new bookings, so that later changes are detected."""
    seal(context.engine, context.settings.data_dir, at=at)


def _compare_move_in(context: WorkerContext, at: datetime) -> None:
    """Compare the ledger with Stripe during a trial and after going live."""
    with reading(context.engine) as db:
        if not (is_on_trial(db) or has_gone_live(db)):
            return
    gateway = next(iter(context.gateways.values()))
    compare_move_in(context.engine, gateway, actor="schedule", at=at)


SCHEDULES = [
    Schedule("resets", 60, book_due_periods, by_both_clocks=True),
    Schedule("events to endpoints", 2, _send_events),
    Schedule("purge of sent events", 24 * 3600, _purge_outgoing),
    Schedule("sandbox", 5, _play_the_sandbox),
    Schedule("events from Stripe", 20, _poll),
    Schedule("refunds", 60, _finish_refunds),
    Schedule("auto top-ups", 5, _top_up, by_both_clocks=True),
    Schedule("unanswered payments", 60, _cancel_abandoned),
    Schedule("top-ups to confirm", 60, _mail_confirmations),
    Schedule("reconcile, 3 days", 15 * 60, _reconcile(3), long=True),
    Schedule("reconcile, 35 days", 24 * 3600, _reconcile(35), long=True),
    Schedule("moving in, comparison", 24 * 3600, _compare_move_in, long=True),
    Schedule("daily sums", 20, _roll_up, long=True),
    Schedule("estimates", 20, _fit, long=True),
    Schedule("closed months", 60, _close_months, long=True),
    Schedule("pricing, what is due", 10 * 60, _want_facts),
    Schedule("pricing, readings", 2, _read_facts, long=True),
    Schedule("metric alerts", 5 * 60, _alert),
    Schedule("usage and payment alerts", 60, _send_digests),
    Schedule("seals", 3600, _seal, long=True),
    Schedule("purge of personal data", 24 * 3600, _purge),
]
"""All schedules; add one line for a new one."""
