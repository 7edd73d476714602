"""The screens of the product team at 100,000 workspaces against 2,000, both with 24 months behind them.

Run alone: `python -m tests.bench.overview`. Server time: what the database takes for the statements, without the page
around them. Two databases on one server, asked in turns; the larger one is grown from a copy of the smaller one.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event, text
from streamlit.testing.v1 import AppTest

import ledger
from dashboard import overview
from dashboard.navigation import METRICS, existing
from ledger.pricing.readings import load_snapshot, newest_snapshot, read_wanted, want_reading
from ledger.rollups import refresh_rollups
from tests.bench.company import AS_OF, SOURCE, build_company, grow_company, settle
from tests.bench.database import bench_database
from tests.pages.visits import hire, visit

SMALL, TIMES = 2_000, 50
ROUNDS = 7
BAR, PAGE_BAR = 2.0, 300


def main() -> None:
    """Print server times of the Overview and of every metrics page. Raises SystemExit when the Overview's bar is missed."""
    with bench_database() as small:
        _told("made", lambda: build_company(small, SMALL))
        with bench_database(copy_of=small) as large:
            _told(f"copied to {SMALL * TIMES:,}", lambda: grow_company(large, TIMES))
            for engine in (small, large):
                _told("rolled up", lambda engine=engine: _roll_up(engine))
                settle(engine)
            _describe(large)
            _pricing(large)
            ratio = _overview(small, large)
            _pages(large)
    if ratio > BAR:
        raise SystemExit(1)


def _told(what: str, work: Callable[[], object]) -> None:
    begun = time.perf_counter()
    work()
    print(f"overview-preparation - {time.perf_counter() - begun:.0f} s ({what})", flush=True)


def _roll_up(engine: Engine) -> None:
    with ledger.writing(engine) as db:
        refresh_rollups(db, at=AS_OF)


def _describe(engine: Engine) -> None:
    tables = ("workspaces", "entries", "extra_minutes_purchases", "limit_hits", "daily_rollups")
    with ledger.reading(engine) as db:
        counts = [db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables]
    rows = ", ".join(f"{count:,} {table}" for table, count in zip(tables, counts, strict=True))
    print(f"overview-preparation - {counts[0]} workspaces ({rows})", flush=True)


def _pricing(engine: Engine) -> None:
    """The facts of the pricing lab: what reading them costs the worker, and what a page pays for them."""
    begun = time.perf_counter()
    with ledger.writing(engine) as db:
        want_reading(db, SOURCE, at=AS_OF)
    read_wanted(engine, at=AS_OF)
    seconds = time.perf_counter() - begun
    begun = time.perf_counter()
    with ledger.reading(engine) as db:
        kept = newest_snapshot(db, SOURCE)
        load_snapshot(db, SOURCE, kept.fingerprint)
        loaded = 1000 * (time.perf_counter() - begun)
        size = db.execute(text("SELECT sum(length(facts)) / 1e6 FROM pricing_snapshots")).scalar_one()
    print(
        f"replay-facts - {seconds:.1f} s in the worker ({kept.workspaces:,} workspaces; {size:.1f} MB kept, "
        f"loaded in {loaded:.0f} ms)",
        flush=True,
    )


def _overview(small: Engine, large: Engine) -> float:
    """The ratio of what the questions of the Overview cost, each at the middle of its rounds."""
    asked: dict[Engine, list[float]] = {small: [], large: []}
    for _ in range(ROUNDS):
        for engine, times in asked.items():
            with _server_time(engine) as spent, ledger.reading(engine) as db:
                overview.queries(db, source=SOURCE, today=(AS_OF - timedelta(days=1)).date(), as_of=AS_OF)
            times.append(sum(spent))
    few, many = (1000 * statistics.median(times) for times in asked.values())
    print(
        f"overview {many / few:.2f} {many:.0f} ms ({SMALL * TIMES:,} workspaces; "
        f"{few:.0f} ms at {SMALL:,}; bar <= {BAR:g})",
        flush=True,
    )
    return many / few


def _pages(engine: Engine) -> None:
    """Each page as a signed-in viewer opens it: the sum over all of its statements."""
    email = hire(engine, "admin")
    for entry in existing():
        if entry.section != METRICS:
            continue
        page = visit(engine, entry.file, email=email, at=AS_OF.isoformat())
        times = [_run(engine, page) for _ in range(ROUNDS)]
        middle = 1000 * statistics.median(sum(each) for each in times)
        print(
            f"overview-page-{entry.file} - {middle:.0f} ms of server time (fastest {1000 * min(map(sum, times)):.0f}, "
            f"{len(times[0])} statements; bar < {PAGE_BAR})",
            flush=True,
        )


def _run(engine: Engine, page: AppTest) -> list[float]:
    with _server_time(engine) as spent:
        page.run()
    if page.exception:
        raise SystemExit(f"a page failed: {page.exception[0].value}")
    return spent


@contextmanager
def _server_time(engine: Engine) -> Iterator[list[float]]:
    """Collects how long each statement of the engine takes, from sending it to having its rows."""
    spent: list[float] = []

    def begin(connection: Any, *_: Any) -> None:
        connection.info["begun"] = time.perf_counter()

    def end(connection: Any, *_: Any) -> None:
        spent.append(time.perf_counter() - connection.info["begun"])

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    try:
        yield spent
    finally:
        event.remove(engine, "before_cursor_execute", begin)
        event.remove(engine, "after_cursor_execute", end)


if __name__ == "__main__":
    main()
