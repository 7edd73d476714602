"""The worker: the inbox, and what happens by the clock. One of the edges that read the time and commit.

The same loop runs as a thread beside the dashboard and as a process of its own; any number may run at once:
events are claimed one by one, and a schedule runs in one of them only, however long it takes.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from ledger.database import query, reading, writing
from ledger.errors import LedgerError
from ledger.metrics.closed_months import close_months
from ledger.metrics.rollups import refresh_rollups
from ledger.minutes.workspaces import reset_due
from ledger.notify.channels import MailServer
from ledger.notify.metric_alerts import check_metric_alerts, sender
from ledger.notify.outbox import send_due
from ledger.payments.reconcile import reconcile
from ledger.payments.refunds import finish_refunds
from ledger.settings import Settings, load_settings
from ledger.webhooks.inbox import Gateways, open_gateway, poll_events, purge_events, words_of, work_inbox

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.5
"""Longest wait of an event that has just arrived."""
PAUSE_AFTER_TROUBLE_SECONDS = 5.0
BATCH = 50
PATIENCE_SECONDS = 2.0
"""How long shutdown waits for running schedules; what they have begun is rolled back or done again."""
CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far the clocks of this machine and of the database may differ before monthly minutes wait."""
_LANES = {True: threading.BoundedSemaphore(2), False: threading.BoundedSemaphore(3)}
"""Long schedules share two places and short ones three of their own, so that a short one never waits for a long one."""


class Schedule(NamedTuple):
    """Something to do every `seconds`: a function of engine, gateways and the time. `long`: may take minutes."""

    name: str
    seconds: int
    run: Callable[[Engine, Gateways, datetime], object]
    long: bool = False


class ClocksDiffer(LedgerError):
    """This machine and the database disagree about the time, so monthly minutes wait; correct the wrong clock."""

    code = "clocks_differ"


def clock_difference(db: Connection, at: datetime) -> timedelta:
    """Return by how much `at` is ahead of the clock of the database."""
    ahead: timedelta = at - db.execute(query("database_clock")).scalar_one()
    return ahead


def require_right_clock(db: Connection, at: datetime) -> None:
    """Raise ClocksDiffer when `at` is minutes away from the clock of the database."""
    ahead = clock_difference(db, at)
    if abs(ahead) > CLOCK_TOLERANCE:
        raise ClocksDiffer(f"{ahead.total_seconds():+.0f} s against the database")


def book_due_periods(engine: Engine, _: Gateways, at: datetime) -> None:
    """Book the monthly periods that are due; what one pass leaves, the next one finds."""
    served = BATCH
    while served:
        with writing(engine) as db:
            served = reset_due(db, at=at, limit=BATCH)


def _book_by_both_clocks(engine: Engine, gateways: Gateways, at: datetime) -> None:
    """Book what is due while both clocks agree: months given too early cannot be taken back."""
    with reading(engine) as db:
        require_right_clock(db, at)
    book_due_periods(engine, gateways, at)


def _play_the_sandbox(_: Engine, gateways: Gateways, __: datetime) -> None:
    """Let what is due in the built-in sandbox happen: renewals, late events, late refund failures."""
    for gateway in gateways.values():
        gateway.run_due()


def _poll(engine: Engine, gateways: Gateways, at: datetime) -> None:
    for gateway in gateways.values():
        poll_events(engine, gateway, at=at)


def _finish_refunds(engine: Engine, gateways: Gateways, at: datetime) -> None:
    for gateway in gateways.values():
        finish_refunds(engine, gateway, at=at)


def _reconcile(days: int) -> Callable[[Engine, Gateways, datetime], None]:
    def run(engine: Engine, gateways: Gateways, at: datetime) -> None:
        for gateway in gateways.values():
            since = at - timedelta(days=days)
            reconcile(engine, gateway, since=since, until=at, actor="schedule", at=at)

    return run


def _send_warnings(engine: Engine, _: Gateways, at: datetime) -> None:
    """Send what was crossed; what fails comes back later by itself."""
    while send_due(engine, at=at, limit=BATCH) == BATCH:
        continue


def _purge(engine: Engine, _: Gateways, at: datetime) -> None:
    with writing(engine) as db:
        purge_events(db, at=at)


def _roll_up(engine: Engine, _: Gateways, at: datetime) -> None:
    """Bring the day-level sums up to now: a page is never older than this schedule."""
    with writing(engine) as db:
        refresh_rollups(db, at=at, timezone=load_settings().report_timezone)


def _fit(engine: Engine, _: Gateways, at: datetime) -> None:
    """Make the slow estimates that pages have asked for, one transaction each."""
    from ledger.metrics.fits import refresh_fits  # noqa: PLC0415  statistics take a second to import

    made = 1
    while made:
        with writing(engine) as db:
            made = refresh_fits(db, at=at, limit=1)


def _close_months(engine: Engine, _: Gateways, at: datetime) -> None:
    """Keep the numbers of months that are over, and list what differs since."""
    with writing(engine) as db:
        close_months(db, at=at)


def _want_facts(engine: Engine, _: Gateways, at: datetime) -> None:
    """Have the facts of the pricing lab read again where something has happened."""
    from ledger.pricing.readings import want_due  # noqa: PLC0415  as above

    want_due(engine, at=at)


def _read_facts(engine: Engine, _: Gateways, at: datetime) -> None:
    """Read the facts of the pricing lab that pages, or the schedule above, have asked for."""
    from ledger.pricing.readings import read_wanted  # noqa: PLC0415  as above

    read_wanted(engine, at=at)


def _alert(engine: Engine, _: Gateways, at: datetime) -> None:
    """Send what metrics went beyond their thresholds, or came back."""
    settings = load_settings()
    server = MailServer(url=settings.smtp_url, sender=settings.mail_from)
    check_metric_alerts(engine, at=at, send=sender(server, at=at))


SCHEDULES = [
    Schedule("resets", 60, _book_by_both_clocks),
    Schedule("warnings", 2, _send_warnings),
    Schedule("sandbox", 5, _play_the_sandbox),
    Schedule("events from Stripe", 20, _poll),
    Schedule("refunds", 60, _finish_refunds),
    Schedule("reconcile, 3 days", 15 * 60, _reconcile(3), long=True),
    Schedule("reconcile, 35 days", 24 * 3600, _reconcile(35), long=True),
    Schedule("daily sums", 20, _roll_up, long=True),
    Schedule("estimates", 20, _fit, long=True),
    Schedule("closed months", 60, _close_months, long=True),
    Schedule("pricing, what is due", 10 * 60, _want_facts),
    Schedule("pricing, readings", 2, _read_facts, long=True),
    Schedule("metric alerts", 5 * 60, _alert),
    Schedule("purge of personal data", 24 * 3600, _purge),
]
"""Everything that happens by the clock; a new one is one line here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How a schedule last went; `mark` is how far it got, in its own words."""

    name: str
    started_at: datetime
    finished_at: datetime | None
    succeeded_at: datetime | None
    error: str | None
    mark: str | None


def list_schedules(db: Connection) -> list[Run]:
    """Return when each schedule last ran, and how that ended."""
    return [Run(**row) for row in db.execute(query("list_schedules")).mappings()]


def system_clock() -> datetime:
    """Return the present time as this machine has it."""
    return datetime.now(UTC)


def open_gateways(engine: Engine, settings: Settings) -> Gateways:
    """Return the gateways of this installation by source: that of its mode, and the sandbox for copies."""
    sources = dict.fromkeys((settings.mode, "sandbox"))
    return {source: open_gateway(engine, settings, source, clock=system_clock) for source in sources}


def work(
    engine: Engine,
    gateways: Gateways,
    stop: threading.Event,
    *,
    schedules: list[Schedule] | None = None,
    clock: Callable[[], datetime] = system_clock,
) -> None:
    """Work until `stop` is set. Trouble with the database or Stripe is logged and tried again.

    Schedules run beside the inbox, a few at a time: an event never waits for a long comparison or a slow estimate.
    """
    every = SCHEDULES if schedules is None else schedules
    due = dict.fromkeys(every, clock())
    running: dict[Schedule, threading.Thread] = {}
    while not stop.is_set():
        at = clock()
        for schedule in every:
            pause = timedelta(seconds=schedule.seconds)
            is_due = (
                not at < due[schedule] <= at + pause
            )  # a clock that was set back does not stop a schedule
            if is_due and not (schedule in running and running[schedule].is_alive()):
                due[schedule] = at + pause
                running[schedule] = threading.Thread(
                    target=_run_beside,
                    args=(engine, gateways, schedule, clock),
                    name=schedule.name,
                    daemon=True,
                )
                running[schedule].start()
        stop.wait(_work_inbox_or_wait(engine, gateways, at))
    for thread in running.values():
        thread.join(timeout=PATIENCE_SECONDS)


def _work_inbox_or_wait(engine: Engine, gateways: Gateways, at: datetime) -> float:
    """Work on what is due; return the seconds to wait before the next look."""
    try:
        return 0.0 if work_inbox(engine, gateways, at=at, limit=BATCH) else PAUSE_SECONDS
    except DBAPIError as error:
        log.warning("the worker waits: %s", words_of(error))
        return PAUSE_AFTER_TROUBLE_SECONDS


def _run_beside(
    engine: Engine, gateways: Gateways, schedule: Schedule, clock: Callable[[], datetime]
) -> None:
    """Run a schedule in its own thread, at the time when it begins and not when it was queued."""
    with _LANES[schedule.long]:
        try:
            run_schedule(engine, gateways, schedule, at=clock())
        except DBAPIError as error:
            log.warning("schedule %s could not be noted: %s", schedule.name, words_of(error))


def work_once(
    engine: Engine, gateways: Gateways, *, at: datetime, schedules: list[Schedule] | None = None
) -> int:
    """Do one pass: events that are due, then schedules that are due. Returns the number of events."""
    events = work_inbox(engine, gateways, at=at, limit=BATCH)
    for schedule in SCHEDULES if schedules is None else schedules:
        run_schedule(engine, gateways, schedule, at=at)
    return events


def run_schedule(engine: Engine, gateways: Gateways, schedule: Schedule, *, at: datetime) -> bool:
    """Run a schedule if it is due and nobody else runs it; its failure is noted. Returns whether it ran."""
    due = {
        "name": schedule.name,
        "at": at,
        "before": at - timedelta(seconds=schedule.seconds),
        "future": at + CLOCK_TOLERANCE,
    }
    with _alone(engine, schedule.name) as alone:
        if not alone:
            return False
        with writing(engine) as db:
            if db.execute(query("claim_schedule"), due).one_or_none() is None:
                return False
        error = None
        try:
            schedule.run(engine, gateways, at)
        except Exception as trouble:  # noqa: BLE001 - one schedule's failure stops no other
            error = words_of(trouble)
            log.warning("schedule %s failed: %s", schedule.name, error)
        with writing(engine) as db:
            db.execute(query("finish_schedule"), {"name": schedule.name, "at": at, "error": error})
    return True


@contextmanager
def _alone(engine: Engine, name: str) -> Iterator[bool]:
    """Hold the lease of a schedule while it runs; False when another worker holds it.

    It is a lock of a database session: it lasts as long as the run, and a worker that dies gives it back at once.
    """
    with engine.connect() as connection:
        session = connection.execution_options(isolation_level="AUTOCOMMIT")
        if not session.execute(query("lease_schedule"), {"name": name}).scalar_one():
            yield False
            return
        try:
            yield True
        finally:
            session.execute(query("release_schedule"), {"name": name})
