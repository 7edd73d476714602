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

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from ledger.clocks import CLOCK_TOLERANCE
from ledger.database import query, writing
from ledger.postgres import supervised
from ledger.schedules import BATCH, SCHEDULES, Schedule
from ledger.settings import Settings
from ledger.webhooks.inbox import Gateways, open_gateway, words_of, work_inbox

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.5
"""Longest wait of an event that has just arrived."""
PAUSE_AFTER_TROUBLE_SECONDS = 5.0
PATIENCE_SECONDS = 2.0
"""How long shutdown waits for running schedules; what they have begun is rolled back or done again."""
_LANES = {True: threading.BoundedSemaphore(2), False: threading.BoundedSemaphore(3)}
"""Long schedules share two places and short ones three of their own, so that a short one never waits for a long one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRun:
    """How a schedule last went; `mark` is how far it got, in its own words."""

    name: str
    started_at: datetime
    finished_at: datetime | None
    succeeded_at: datetime | None
    error: str | None
    mark: str | None


def list_schedules(db: Connection) -> list[ScheduleRun]:
    """Return when each schedule last ran, and how that ended."""
    return [ScheduleRun(**row) for row in db.execute(query("list_schedules")).mappings()]


def system_clock() -> datetime:
    """Return the present time as this machine has it."""
    return datetime.now(UTC)


def open_gateways(engine: Engine, settings: Settings) -> Gateways:
    """Return the gateways of this installation by source: that of its mode, and the sandbox for copies."""
    sources = dict.fromkeys((settings.mode, "sandbox"))
    return {source: open_gateway(engine, settings, source, clock=system_clock) for source in sources}


def work_supervised(engine: Engine, settings: Settings, gateways: Gateways, stop: threading.Event) -> None:
    """Work until `stop` is set; an embedded database that dies meanwhile is started again."""
    with supervised(None if settings.database_url else settings.data_dir, clock=system_clock):
        work(engine, gateways, stop)


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
