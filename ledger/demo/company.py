"""Build a demo company, once per database; an interrupted build can be resumed."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from threading import Event

from sqlalchemy import Connection, Engine
from tqdm import tqdm

from ledger.database import connect, query, reading, writing
from ledger.demo.catalogue import OfferCatalogue, open_catalogue
from ledger.demo.customers import draw_customers
from ledger.demo.history import ShardHistory
from ledger.demo.parameters import STORY
from ledger.demo.seasonality import midnight, months_before
from ledger.demo.shard import Shard
from ledger.desk.search import sources
from ledger.errors import LedgerError
from ledger.minutes.workspaces import reset_due

SHARDS = 4
"""Shards built in parallel. A fixed number, because another number creates other data."""


class AnotherDemo(LedgerError):
    """This database can't hold that demo company."""

    code = "another_demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """The demo company of a database. `finished`: its history is complete."""

    workspaces: int
    months: int
    until: date
    seed: int
    story: int = STORY
    finished: bool = False

    @property
    def first(self) -> date:
        """Return the first day of its history."""
        return months_before(self.until, self.months)

    def arguments(self) -> dict[str, object]:
        """Return the arguments for `build`."""
        return {name: value for name, value in asdict(self).items() if name != "finished"}


def present_demo(db: Connection) -> Demo | None:
    """Return this database's demo company, finished or not, or None."""
    row = db.execute(query("demo_history")).mappings().one_or_none()
    return None if row is None else Demo(**row)


def build(
    engine: Engine,
    *,
    workspaces: int = 2_000,
    months: int = 12,
    until: date,
    seed: int = 1,
    progress: bool = True,
) -> Demo:
    """Create a company with `workspaces` sign-ups in the `months` before `until` (exclusive).

    The same arguments create the same data; keys, ids and amounts come from `seed`, only booking times are real.
    The same call resumes an interrupted build and leaves a finished one unchanged. `progress` draws a bar on stderr.
    Raise `AnotherDemo` when the database holds another demo company, real workspaces, or a build in progress.
    """
    if workspaces < 1 or months < 1 or seed < 0:
        raise AnotherDemo(
            f"Workspaces and months must be at least 1 and the seed at least 0: {workspaces}, {months}, {seed}."
        )
    wanted = Demo(workspaces=workspaces, months=months, until=until, seed=seed)
    with _exclusively(engine):
        with writing(engine) as db:
            present = _begin(db, wanted)
        if not present.finished:
            catalogue = open_catalogue(engine, wanted.first, until)
            days = (until - wanted.first).days
            often = 0.1 if sys.stderr.isatty() else 10.0  # seconds; a log file needs fewer updates
            with tqdm(
                total=days * SHARDS, unit="day", desc="Demo company", disable=not progress, mininterval=often
            ) as bar:
                _make_shards(engine, wanted, catalogue, bar.update)
            with writing(engine) as db:
                reset_due(db, at=midnight(until), limit=workspaces)
                db.execute(query("finish_demo_history"))
    with reading(engine) as db:
        return present_demo(db) or wanted


def _begin(db: Connection, wanted: Demo) -> Demo:
    present = present_demo(db)
    if present is None:
        if others := {"live", "stripe_test"} & set(sources(db)):
            raise AnotherDemo(f"It holds workspaces of {' and '.join(sorted(others))}.")
        db.execute(query("begin_demo_history"), wanted.arguments())
        return wanted
    if not present.finished and present.story != wanted.story:
        raise AnotherDemo(
            "Another version of this program began it and did not finish; use an empty database."
        )
    if replace(present, story=wanted.story, finished=False) != wanted:
        state = "It holds" if present.finished else "Begun and not finished is"
        raise AnotherDemo(
            f"{state} the one of --workspaces {present.workspaces} --months {present.months} --until {present.until}"
            f" --seed {present.seed}; use an empty database (another DATA_DIR or DATABASE_URL) for another one."
        )
    return present


def _shards(engine: Engine, demo: Demo) -> list[Shard]:
    customers = draw_customers(demo.workspaces, SHARDS, demo.first, demo.until, demo.seed)
    return [
        Shard(
            engine=engine,
            number=number,
            customers=customers[number::SHARDS],
            first=demo.first,
            until=demo.until,
            seed=demo.seed,
        )
        for number in range(SHARDS)
    ]


def _make_shards(
    engine: Engine, demo: Demo, catalogue: OfferCatalogue, advance: Callable[[], object]
) -> None:
    """Build all shards. On a failure or an interrupt, the others stop after their current day."""
    stop = Event()

    def make(history: ShardHistory) -> None:
        for _ in history.days():
            advance()
            if stop.is_set():
                return

    with _without_durable_commits(engine) as fast, ThreadPoolExecutor(SHARDS) as pool:
        histories = [ShardHistory(shard, catalogue) for shard in _shards(fast, demo)]
        shards = [pool.submit(make, history) for history in histories]
        try:
            for shard in as_completed(shards):
                shard.result()
        finally:
            stop.set()


@contextmanager
def _without_durable_commits(engine: Engine) -> Iterator[Engine]:
    """Yield an engine whose commits do not wait for the disk; the same call restores what a crash lost."""
    url = engine.url.render_as_string(hide_password=False)
    fast = connect(url, pre_ping=False, durable=False)
    try:
        yield fast
    finally:
        fast.dispose()


@contextmanager
def _exclusively(engine: Engine) -> Iterator[None]:
    """Hold the demo build lock on its own connection."""
    with engine.connect() as connection:
        if not connection.execute(query("lock_demo_history")).scalar_one():
            raise AnotherDemo("Another process is building its demo company right now.")
        connection.commit()
        try:
            yield
        finally:
            connection.invalidate()
