"""The use path measured against what the same server can do at most: pgbench, and plain inserts of the same rows.

Run alone: `python -m tests.bench.uses`. Both sides of a ratio run in turns, in one run; the median of rounds counts.
"""

import itertools
import multiprocessing
import os
import re
import secrets
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, text

import ledger
from ledger.postgres.embedded import binary
from tests.bench.database import AT, bench_database, make_workspaces, settle

ROUNDS = 5
SECONDS = 4
CLIENTS = 8
WORKSPACES = 2_000
USE = """\\set w random(0, {last})
\\set k random(1, 9000000000000000000)
SELECT repeated FROM record_use('b' || :w, 1, :k ::text, now(), NULL, 'partial');
"""
ONE_ROW = "UPDATE pgbench_branches SET bbalance = bbalance + 1 WHERE bid = 1;\n"
PLAIN = Path(__file__).parent / "plain_uses.sql"


def main() -> None:
    """Print one line for each benchmark: name, ratio, value, unit."""
    with bench_database() as engine:
        names = make_workspaces(engine, WORKSPACES)
        settle(engine)
        single = _track_single(engine)
        _track_hot(engine)
        _through_python(engine, names)
        _track_batch(engine, names, single)
        _verified(engine)


def _track_single(engine: Engine) -> float:
    _pgbench(engine, "-i", "-q", "-s", "10")
    ours, limit = _in_turns(
        lambda: _rate(engine, USE.format(last=WORKSPACES - 1)), lambda: _rate(engine, None)
    )
    print(f"track-single {ours / limit:.2f} {ours:,.0f} uses/s (pgbench -N {limit:,.0f} transactions/s)")
    return ours


def _track_hot(engine: Engine) -> None:
    ours, limit = _in_turns(lambda: _rate(engine, USE.format(last=0)), lambda: _rate(engine, ONE_ROW))
    print(f"track-hot {ours / limit:.2f} {ours:,.0f} uses/s (one updated row {limit:,.0f} transactions/s)")


def _through_python(engine: Engine, names: list[str]) -> None:
    until, uses = time.perf_counter() + SECONDS, 0
    for name in itertools.cycle(names):
        with ledger.writing(engine) as db:
            ledger.track_minutes(db, name, key=secrets.token_hex(8), at=AT)
        uses += 1
        if time.perf_counter() > until:
            break
    print(f"track-single-python - {uses / SECONDS:,.0f} uses/s (one connection)")


def _track_batch(engine: Engine, names: list[str], single: float) -> None:
    with engine.begin() as db:
        db.exec_driver_sql("RESET ROLE")
        db.exec_driver_sql(PLAIN.read_text().split("-- every batch")[0])
        db.exec_driver_sql("SET ROLE ledger_app")
    for size in (1_000, 10_000):
        ours, limit = _in_turns(
            lambda size=size: _two_connections(engine, _uses, names, size),
            lambda size=size: _two_connections(engine, _plain_inserts, names, size),
        )
        print(
            f"track-batch-{size} {ours / limit:.2f} {ours:,.0f} uses/s "
            f"(plain inserts {limit:,.0f}; {ours / single:.1f} x track-single)"
        )


def _in_turns(ours: Callable[[], float], limit: Callable[[], float]) -> tuple[float, float]:
    """Medians of two measurements that alternate, so that a noisy machine is noisy for both."""
    rounds = [(ours(), limit()) for _ in range(ROUNDS)]
    return statistics.median(each for each, _ in rounds), statistics.median(each for _, each in rounds)


def _rate(engine: Engine, script: str | None) -> float:
    """Transactions a second of a pgbench script; None: its built-in simple update."""
    load = ("-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(SECONDS))
    if script is None:
        said = _pgbench(engine, *load, "-N")
    else:
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(script)
            file.flush()
            said = _pgbench(engine, *load, "-f", file.name)
    return float(re.findall(r"tps = ([0-9.]+)", said)[0])


def _pgbench(engine: Engine, *arguments: str) -> str:
    url = engine.url
    environment = {
        **os.environ,
        "PGHOST": url.host or "",
        "PGPORT": str(url.port or ""),
        "PGUSER": url.username or "",
        "PGPASSWORD": str(url.password or ""),
    }
    command = [binary("pgbench"), *arguments, url.database or ""]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def _two_connections(
    engine: Engine, work: Callable[[Engine, list[str], int, float], int], names: list[str], size: int
) -> float:
    """Uses a second of two processes, each on a connection and on workspaces of its own, for the same seconds."""
    url = engine.url.render_as_string(hide_password=False)
    halves = (names[0::2], names[1::2])
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.starmap(_connected, [(url, work, half, 1, 0.0) for half in halves])
        started = time.perf_counter()
        done = pool.starmap(_connected, [(url, work, half, size, float(SECONDS)) for half in halves])
        return sum(done) / (time.perf_counter() - started)


_engines: dict[str, Engine] = {}


def _connected(
    url: str,
    work: Callable[[Engine, list[str], int, float], int],
    names: list[str],
    size: int,
    seconds: float,
) -> int:
    engine = _engines.setdefault(url, ledger.connect(url))
    return work(engine, names, size, seconds)


def _uses(engine: Engine, names: list[str], size: int, seconds: float) -> int:
    until, done, run = time.perf_counter() + seconds, 0, secrets.token_hex(6)
    numbers = itertools.count()
    while True:
        chosen = [names[secrets.randbelow(len(names))] for _ in range(size)]
        batch = [{"workspace_id": name, "key": f"{run}-{next(numbers)}", "at": AT} for name in chosen]
        with ledger.writing(engine) as db:
            answers = ledger.track_uses(db, batch)
        done += len(answers)
        if time.perf_counter() > until:
            return done


def _plain_inserts(engine: Engine, names: list[str], size: int, seconds: float) -> int:
    """Insert as many ready-made entries, in workspaces of this process's own: nothing to compute or lock."""
    run = secrets.token_hex(6)
    mine = [f"{name}-{run}" for name in names]
    statements = [
        part.strip() for part in PLAIN.read_text().split("-- every batch")[1].split(";") if part.strip()
    ]
    with engine.begin() as db:
        db.execute(text(statements[0]), {"ids": mine})
    booked = dict.fromkeys(mine, 1)
    until, done, numbers = time.perf_counter() + seconds, 0, itertools.count()
    while True:
        chosen = sorted(mine[secrets.randbelow(len(mine))] for _ in range(size))
        rows = {"ids": chosen, "keys": [f"{run}-{next(numbers)}" for _ in chosen], "numbers": [], "at": AT}
        for name in chosen:
            booked[name] += 1
            rows["numbers"].append(booked[name])
        with engine.begin() as db:
            db.execute(text(statements[1]), rows)
        done += size
        if time.perf_counter() > until:
            return done


def _verified(engine: Engine) -> None:
    with ledger.reading(engine) as db:
        findings = ledger.verify(db)
    if findings:
        raise SystemExit(f"the benchmark broke the ledger: {findings[0]}")


if __name__ == "__main__":
    main()
