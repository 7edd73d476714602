"""The HTTP intake measured: batches against the ledger itself, single uses against a route that only asks `select 1`.

Run alone: `python -m tests.bench.http`. Server, database and callers share the machine; both sides of every ratio run
in turns, in one run.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from uuid import uuid4

import requests
from fastapi import FastAPI
from sqlalchemy import Engine, text
from starlette.applications import Starlette
from starlette.routing import Mount

import ledger
from dashboard import installation
from dashboard.api import app as api
from dashboard.server.envelope import Envelope
from ledger.database import writing
from ledger.desk import keys
from ledger.postgres.conf import free_port
from tests.bench.database import bench_database, make_workspaces

BATCH = 1_000
ROUNDS = 5
SINGLE_ROUNDS = 12
SINGLE_SECONDS = 1.5
CONNECTIONS = 32
WORKSPACES = 1_000
HISTORIES = (1_000, 1_000_000)
PROBES = 400
STEP = 10_000

_numbers = count()
_plain = FastAPI()


@_plain.get("/select-1")
def select_one() -> int:
    """The cheapest route that asks the database anything, through the same pool."""
    with installation.engine().connect() as db:
        return int(db.execute(text("select 1")).scalar_one())


server = Starlette(
    routes=[Mount("/plain", _plain), Mount("/enveloped", Envelope(_plain)), Mount("/api", api)]
)
"""What is measured, served by `uvicorn tests.bench.http:server`."""


def main() -> None:
    """Print one line for each benchmark: name, ratio, value, unit."""
    with bench_database() as engine:
        key, workspace_ids = _prepare(engine)
        with _serving(engine) as port:
            _track_http(engine, port, key, workspace_ids)
            _single_http(port, key, workspace_ids)
        _history(engine)


def _prepare(engine: Engine) -> tuple[str, list[str]]:
    workspace_ids = make_workspaces(engine, WORKSPACES)
    with writing(engine) as db:
        made = keys.create_key(db, name="bench", scopes=("usage:write",), actor="bench", at=datetime.now(UTC))
    return made.text, workspace_ids


@contextmanager
def _serving(engine: Engine) -> Iterator[int]:
    """A process of its own, as in production."""
    port = free_port(preferred=0)
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "tests.bench.http:server",
        "--port",
        str(port),
        "--no-access-log",
    ]
    process = subprocess.Popen(
        command, env={**os.environ, "DATABASE_URL": engine.url.render_as_string(hide_password=False)}
    )
    try:
        while not _answers(port):
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/api/health", timeout=1).ok
    except requests.ConnectionError:
        return False


def _batch(workspace_ids: list[str]) -> list[dict[str, object]]:
    at = datetime.now(UTC)
    chosen = [workspace_ids[number * 7919 % len(workspace_ids)] for number in range(BATCH)]
    return [
        {"workspace_id": each, "minutes": 1, "key": f"k{next(_numbers)}-{uuid4().hex[:8]}", "at": at}
        for each in chosen
    ]


def _track_http(engine: Engine, port: int, key: str, workspace_ids: list[str]) -> None:
    session = requests.Session()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{port}/api/usage/track-minutes"

    def over_http(uses: list[dict[str, object]]) -> float:
        body = json.dumps({"uses": uses}, default=datetime.isoformat).encode()
        begun = time.perf_counter()
        answered = session.post(url, data=body, headers=headers)
        answered.raise_for_status()
        return time.perf_counter() - begun

    def directly(uses: list[dict[str, object]]) -> float:
        begun = time.perf_counter()
        with writing(engine) as db:
            ledger.track_uses(db, uses)
        return time.perf_counter() - begun

    rates: dict[Callable[..., float], list[float]] = {over_http: [], directly: []}
    for _ in range(ROUNDS):
        for way, measured in rates.items():
            way(_batch(workspace_ids))
            measured.append(10 * BATCH / sum(way(_batch(workspace_ids)) for _ in range(10)))
    http, direct = (statistics.median(measured) for measured in rates.values())
    print(f"track-http {http / direct:.2f} {http:,.0f} uses/s (track_uses {direct:,.0f} uses/s)")


def _single_http(port: int, key: str, workspace_ids: list[str]) -> None:
    """Single uses, checks of the limit, and the headers of every answer, each against `select 1` in turns."""

    def track() -> bytes:
        body = json.dumps({"workspace_id": _next(workspace_ids), "key": uuid4().hex}).encode()
        head = f"POST /api/usage/track-minute HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
        return f"{head}Authorization: Bearer {key}\r\nContent-Type: application/json\r\n\r\n".encode() + body

    def check() -> bytes:
        path = f"/api/usage/check-limit?workspace_id={_next(workspace_ids)}"
        return f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode()

    def select() -> bytes:
        return b"GET /plain/select-1 HTTP/1.1\r\nHost: x\r\n\r\n"

    def enveloped() -> bytes:
        return b"GET /enveloped/select-1 HTTP/1.1\r\nHost: x\r\n\r\n"

    seen: dict[Callable[[], bytes], list[list[float]]] = {track: [], check: [], enveloped: [], select: []}
    for number in range(SINGLE_ROUNDS):
        for request in list(seen)[
            :: 1 if number % 2 else -1
        ]:  # what else the machine does meets each as often first
            seen[request].append(asyncio.run(_load(port, request, SINGLE_SECONDS)))
    rates = {
        way: statistics.median(len(each) / SINGLE_SECONDS for each in rounds) for way, rounds in seen.items()
    }
    for name, way in (("track-minute-http", track), ("check-limit-http", check), ("headers-http", enveloped)):
        times = sorted(took for each in seen[way] for took in each)
        p50, p99 = (1000 * times[int(len(times) * share)] for share in (0.5, 0.99))
        ratio = statistics.median(len(a) / len(b) for a, b in zip(seen[way], seen[select], strict=True))
        print(
            f"{name} {ratio:.2f} {rates[way]:,.0f} requests/s "
            f"(select 1: {rates[select]:,.0f} requests/s; p50 {p50:.1f} ms, p99 {p99:.1f} ms, {CONNECTIONS} connections)"
        )


def _next(workspace_ids: list[str]) -> str:
    return workspace_ids[next(_numbers) % len(workspace_ids)]


async def _load(port: int, request: Callable[[], bytes], seconds: float) -> list[float]:
    """Keep every connection busy with one request at a time; give how long each answer took."""
    until = time.perf_counter() + seconds
    lines = [_line(port, request, until) for _ in range(CONNECTIONS)]
    return [took for times in await asyncio.gather(*lines) for took in times]


async def _line(port: int, request: Callable[[], bytes], until: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times: list[float] = []
    while (begun := time.perf_counter()) < until:
        writer.write(request())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        times.append(time.perf_counter() - begun)
    writer.close()
    return times


def _history(engine: Engine) -> None:
    """Cost of one use of a workspace with a short and with a long history, in turns."""
    at = datetime.now(UTC)
    costs: dict[str, list[float]] = {}
    for entries in HISTORIES:
        workspace_id = f"history-{entries}"
        _fill(engine, workspace_id, entries, at)
        costs[workspace_id] = []
    for number in range(PROBES):
        for workspace_id, seen in costs.items():
            begun = time.perf_counter()
            with writing(engine) as db:
                ledger.track_minutes(db, workspace_id, key=f"p{number}", at=at)
            seen.append(time.perf_counter() - begun)
    short, long = (1e6 * statistics.median(seen) for seen in costs.values())
    print(
        f"track-history {long / short:.2f} {long:,.0f} us/use "
        f"(at {HISTORIES[1]:,} entries; {short:,.0f} us at {HISTORIES[0]:,})"
    )


def _fill(engine: Engine, workspace_id: str, entries: int, at: datetime) -> None:
    """Book this many entries for a workspace."""
    with writing(engine) as db:
        ledger.create_workspace(
            db, workspace_id, name="Bench", owner_email="b@bench.example", actor="bench", at=at
        )
        for number in range(2):
            ledger.grant_minutes(
                db, workspace_id, 1_000_000, reason="bench", key=f"g{number}", actor="bench", at=at
            )
    for begin in range(2, entries, STEP):
        uses = [
            {"workspace_id": workspace_id, "minutes": 1, "key": f"h{number}", "at": at}
            for number in range(begin, min(begin + STEP, entries))
        ]
        with writing(engine) as db:
            ledger.track_uses(db, uses)


if __name__ == "__main__":
    main()
