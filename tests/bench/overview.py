"""The screens of the product team at 100,000 workspaces against 2,000, both with 24 months behind them.

Run alone: `python -m tests.bench.overview`. Server time: what the database works for the statements, without the page
around them, at its best of several rounds. Two databases on one server, queried in turns; the larger one is grown from a
copy of the smaller one.
"""

import logging
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text
from streamlit.testing.v1 import AppTest

import ledger
from dashboard.kit.periods import Period, comparison
from dashboard.navigation import METRICS, existing
from dashboard.screens import overview
from ledger.metrics import Measure, measure, read_ahead
from ledger.metrics.rollups import refresh_rollups
from ledger.pricing.readings import load_snapshot, newest_snapshot, read_wanted, want_reading
from tests.bench.company import AS_OF, SOURCE, build_company, grow_company, settle
from tests.bench.database import bench_database
from tests.bench.server_time import Statement, server_time
from tests.pages.visits import hire, visit

MODELS, SMALL, LARGE = 500, 2_000, 100_000
ROUNDS = 5
BAR, PAGE_BAR = 2.0, 300
FILTERS = {"": {}, "-filtered": {"plan": "pro", "compare": "year"}, "-year": {"period": "365d"}}
"""Each page as it opens (90 days against the 90 before), of one plan against a year before, and over a year."""
SLOWEST = 3


def main() -> None:
    """Print server times of the Overview and of every metrics page. Raises SystemExit when a bar is missed."""
    logging.disable(logging.WARNING)  # outside its server Streamlit warns of everything it cannot do
    with bench_database() as small:
        _timed(f"made {MODELS:,}", lambda: build_company(small, MODELS))
        _timed(f"copied to {SMALL:,}", lambda: grow_company(small, SMALL // MODELS))
        with bench_database(copy_of=small) as large:
            _timed(f"copied to {LARGE:,}", lambda: grow_company(large, LARGE // SMALL))
            for engine in (small, large):
                _timed("rolled up", lambda engine=engine: _roll_up(engine))
                settle(engine)
                _without_helpers(engine)
            _describe(large)
            _pricing(large)
            missed = _overview(small, large) > BAR
            slow = _pages(large)
    if missed or slow:
        raise SystemExit(1)


def _timed(what: str, work: Callable[[], object]) -> None:
    begun = time.perf_counter()
    work()
    print(f"overview-preparation - {time.perf_counter() - begun:.0f} s ({what})", flush=True)


def _roll_up(engine: Engine) -> None:
    with ledger.writing(engine) as db:
        refresh_rollups(db, at=AS_OF)


def _without_helpers(engine: Engine) -> None:
    """One backend does all the work of a statement, so that all of it is counted."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("RESET ROLE"))
        db.execute(text(f"ALTER DATABASE {engine.url.database} SET max_parallel_workers_per_gather = 0"))
    engine.dispose()


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
        want_reading(db, SOURCE, "usd", at=AS_OF)
    read_wanted(engine, at=AS_OF)
    seconds = time.perf_counter() - begun
    begun = time.perf_counter()
    with ledger.reading(engine) as db:
        stored = newest_snapshot(db, SOURCE, "usd")
        load_snapshot(db, SOURCE, stored.fingerprint)
        loaded = 1000 * (time.perf_counter() - begun)
        size = db.execute(text("SELECT sum(length(facts)) / 1e6 FROM pricing_snapshots")).scalar_one()
    print(
        f"replay-facts - {seconds:.1f} s in the worker ({stored.workspaces:,} workspaces; {size:.1f} MB stored, "
        f"loaded in {loaded:.0f} ms)",
        flush=True,
    )


def overview_queries(db: Connection, *, source: str, today: date, as_of: datetime) -> list[Measure]:
    """Return every query of the Overview with default filters."""
    period = Period(today - timedelta(days=89), today + timedelta(days=1), today, "UTC")
    pair = comparison(period, "previous") or (period, period)
    wanted: list[tuple[str, Period, str | None]] = [
        (slug, period, None) for slug in (*overview.HEADLINES, *overview.SUPPORTING)
    ]
    wanted += [
        (slug, which, None)
        for slug in (*overview.HEADLINES, *overview.SUPPORTING)
        if slug != "retention-effect"
        for which in pair
    ]
    wanted += [
        (slug, period, "week")
        for slug in (*overview.HEADLINES, *overview.SUPPORTING)
        if slug != "retention-effect"
    ]
    arguments: list[tuple[str, dict[str, Any]]] = [
        (
            slug,
            {
                "start": which.start,
                "end": which.end,
                "as_of": as_of,
                "source": source,
                "by": by,
                "interval": which is period,
            },
        )
        for slug, which, by in wanted
    ]
    read_ahead(db, arguments)
    return [measure(db, slug, **chosen) for slug, chosen in arguments]


def _overview(small: Engine, large: Engine) -> float:
    """The ratio of what the questions of the Overview cost, each at the best of its rounds."""
    spent: dict[Engine, list[float]] = {small: [], large: []}
    for _ in range(ROUNDS):
        for engine, times in spent.items():
            with server_time(engine) as executed, ledger.reading(engine) as db:
                overview_queries(db, source=SOURCE, today=(AS_OF - timedelta(days=1)).date(), as_of=AS_OF)
            times.append(sum(one.ms for one in executed))
    few, many = (min(times) for times in spent.values())
    print(
        f"overview {many / few:.2f} {many:.0f} ms ({LARGE:,} workspaces; "
        f"{few:.0f} ms at {SMALL:,}; bar <= {BAR:g})",
        flush=True,
    )
    return many / few


def _pages(engine: Engine) -> list[str]:
    """Each page as a signed-in viewer opens it, the sum over all of its statements; gives those above the bar."""
    email = hire(engine, "admin")
    slow = []
    for entry in existing():
        for name, filters in FILTERS.items() if entry.section == METRICS else ():
            page = visit(engine, entry.file, email=email, at=AS_OF.isoformat(), source=SOURCE, **filters)
            executed = min((_run(engine, page) for _ in range(ROUNDS)), key=_sum)
            slowest = sorted(executed, key=lambda one: -one.ms)[:SLOWEST]
            print(
                f"server-{entry.file}{name} - {_sum(executed):.0f} ms ({len(executed)} statements; slowest: "
                f"{', '.join(f'{one.name} {one.ms:.1f}' for one in slowest)}; bar < {PAGE_BAR})",
                flush=True,
            )
            if _sum(executed) >= PAGE_BAR:
                slow.append(entry.file + name)
    return slow


def _sum(executed: list[Statement]) -> float:
    return sum(one.ms for one in executed)


def _run(engine: Engine, page: AppTest) -> list[Statement]:
    with server_time(engine) as executed:
        page.run()
    if page.exception:
        raise SystemExit(f"a page failed: {page.exception[0].value}")
    return executed


if __name__ == "__main__":
    main()
