"""The worker: processes the inbox and runs schedules. One of the edges that read the clock and commit.

The same loop runs as a thread beside the dashboard or as its own process. Several workers may run at once: events are
claimed one by one, and each schedule runs in only one of them at a time.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from ledger.clocks import CLOCK_TOLERANCE, not_ahead, require_right_clock
from ledger.database import query, reading, writing
from ledger.logs import run_of
from ledger.postgres import supervised
from ledger.schedules import BATCH, SCHEDULES, Schedule, WorkerContext
from ledger.settings import Settings
from ledger.webhooks.inbox import Gateways, error_text, open_gateway, work_inbox

log = logging.getLogger(__name__)
BESIDE = "dashboard.schedules"
"""Named, not imported: the ledger knows no screen, and works without them."""

PAUSE_SECONDS = 0.5
"""Longest wait of an event that has just arrived."""
PAUSE_AFTER_TROUBLE_SECONDS = 5.0
PATIENCE_SECONDS = 2.0
"""How long shutdown waits for running schedules; unfinished work is rolled back or repeated."""
_LANES = {True: threading.BoundedSemaphore(2), False: threading.BoundedSemaphore(3)}
"""Long schedules share two slots and short ones three, so that a short one never waits for a long one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRun:
    """The last run of a schedule; `mark` is its own note of progress."""

    name: str
    started_at: datetime
    finished_at: datetime | None
    succeeded_at: datetime | None
    error: str | None
    mark: str | None


def list_schedules(db: Connection) -> list[ScheduleRun]:
    """Return the last run of each schedule."""
    return [ScheduleRun(**row) for row in db.execute(query("list_schedules")).mappings()]


def system_clock() -> datetime:
    """Return the current time of this machine."""
    return datetime.now(UTC)


def open_gateways(engine: Engine, settings: Settings) -> Gateways:
    """Return the gateways of this installation by source: that of its mode, and the sandbox for copies."""
    sources = dict.fromkeys((settings.mode, "sandbox"))
    return {source: open_gateway(engine, settings, source, clock=system_clock) for source in sources}


def schedules_beside() -> list[Schedule]:
    """Return the schedules that write in the words of screens, where a dashboard is installed."""
    beside: list[Schedule] = import_module(BESIDE).SCHEDULES if find_spec(BESIDE.partition(".")[0]) else []
    return beside


def work_supervised(
    engine: Engine,
    settings: Settings,
    gateways: Gateways,
    stop: threading.Event,
) -> None:
    """Work until `stop` is set; an embedded database that dies meanwhile is started again."""
    with supervised(None if settings.database_url else settings.data_dir, clock=system_clock):
        work(WorkerContext(engine, settings, gateways), stop)


def work(
    context: WorkerContext,
    stop: threading.Event,
    *,
    schedules: list[Schedule] | None = None,
    clock: Callable[[], datetime] = system_clock,
) -> None:
    """Work until `stop` is set. Failures of the database or Stripe are logged and retried.

    Schedules run beside the inbox, a few at a time: an event never waits for a long comparison or a slow estimate.
    """
    every = [*SCHEDULES, *schedules_beside()] if schedules is None else schedules
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
                    args=(context, schedule, clock),
                    name=schedule.name,
                    daemon=True,
                )
                running[schedule].start()
        stop.wait(_work_inbox_or_wait(context, at))
    for thread in running.values():
        thread.join(timeout=PATIENCE_SECONDS)


def _work_inbox_or_wait(context: WorkerContext, at: datetime) -> float:
    """Process due events; return the seconds to wait before the next pass."""
    try:
        worked = work_inbox(context.engine, context.gateways, at=_right_time(context, at), limit=BATCH)
    except DBAPIError as error:
        log.warning("the worker waits: %s", error_text(error))
        return PAUSE_AFTER_TROUBLE_SECONDS
    return 0.0 if worked else PAUSE_SECONDS


def _run_beside(context: WorkerContext, schedule: Schedule, clock: Callable[[], datetime]) -> None:
    """Run a schedule in its own thread, with the time of its start and not of its queueing."""
    with _LANES[schedule.long]:
        try:
            run_schedule(context, schedule, at=clock())
        except DBAPIError as error:
            log.warning("schedule %s could not be noted: %s", schedule.name, error_text(error))


def work_once(context: WorkerContext, *, at: datetime, schedules: list[Schedule] | None = None) -> int:
    """Run one pass: due events, then due schedules. Return the number of events."""
    events = work_inbox(context.engine, context.gateways, at=_right_time(context, at), limit=BATCH)
    for schedule in [*SCHEDULES, *schedules_beside()] if schedules is None else schedules:
        run_schedule(context, schedule, at=at)
    return events


def run_schedule(context: WorkerContext, schedule: Schedule, *, at: datetime) -> bool:
    """Run a schedule if it is due and no other worker runs it; record a failure. Return whether it ran."""
    due = {
        "name": schedule.name,
        "at": at,
        "before": at - timedelta(seconds=schedule.seconds),
        "future": at + CLOCK_TOLERANCE,
    }
    with _alone(context.engine, schedule.name) as alone:
        if not alone:
            return False
        with writing(context.engine) as db:
            if db.execute(query("claim_schedule"), due).one_or_none() is None:
                return False
        error = None
        with run_of(schedule.name) as run:
            try:
                schedule.run(context, _right_time(context, at, by_both_clocks=schedule.by_both_clocks))
            except Exception as trouble:  # noqa: BLE001 - one schedule's failure stops no other
                run["outcome"], error = "failed", error_text(trouble)
                log.warning("schedule %s failed: %s", schedule.name, error)
        with writing(context.engine) as db:
            db.execute(query("finish_schedule"), {"name": schedule.name, "at": at, "error": error})
    return True


def _right_time(context: WorkerContext, at: datetime, *, by_both_clocks: bool = False) -> datetime:
    """Return the time that events and schedules are given. Raise ClocksDiffer where both clocks have to agree."""
    with reading(context.engine) as db:
        if not by_both_clocks:
            return not_ahead(db, at)
        require_right_clock(db, at)
        return at


@contextmanager
def _alone(engine: Engine, name: str) -> Iterator[bool]:
    """Hold the lease of a schedule while it runs; False when another worker holds it.

    It is a lock of a database session, so a worker that dies releases it at once.
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
