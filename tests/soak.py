"""A soak: `python -m tests.soak [--minutes 10]` serves a demo company and loads it from all sides at once.

Single uses, batches and Stripe's webhooks arrive while ten viewers open one page after the other. Printed: p50 and p99
of each, errors, memory of the server over time, size and dead rows of the database. Status 1 on any error, also
when a viewer or a caller has stopped before the end.
"""

import argparse
import itertools
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import requests
from sqlalchemy import Engine, text
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

import ledger
from dashboard.navigation import ENTRIES
from dashboard.server.start_token import COOKIE
from ledger.desk.keys import create_key
from ledger.postgres.conf import free_port
from ledger.postgres.embedded import release, server_url
from ledger.stripe_gateway.signatures import sign

COMPANY = ("demo", "--workspaces", "300", "--months", "12", "--until", "2026-11-30")
VIEWERS = 10
SINGLES, SINGLES_A_SECOND = 4, 5.0
BATCH, BATCHES_A_SECOND = 500, 0.5
WEBHOOKS_A_SECOND = 4.0
SECONDS_OF_READING = 5.0
SECONDS_BETWEEN_LOOKS = 15.0
SECONDS_UNTIL_UP = 300
PAGES = [entry.file for entry in ENTRIES if entry.file not in {"confirming", "preview"}]
EVENT = Path(__file__).parent / "stripe_events" / "payment_intent.succeeded.json"
GROWTH = text(
    "SELECT pg_database_size(current_database()), "
    "(SELECT sum(n_dead_tup)::float / greatest(sum(n_live_tup), 1) FROM pg_stat_user_tables)"
)


@dataclass
class Soak:
    """A server under load, and what was seen."""

    port: int
    key: str
    token: str
    webhook_secret: str
    names: list[str]
    ended: threading.Event = field(default_factory=threading.Event)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    looks: list[tuple[float, float, float, float]] = field(default_factory=list)
    numbers: Any = field(default_factory=itertools.count)

    def post(self, path: str, **request: Any) -> None:
        """Send a request; whatever is not a success is an error of the soak."""
        address = f"http://127.0.0.1:{self.port}/api/{path}"
        answer = requests.post(address, timeout=60, **request)
        if not answer.ok:
            raise AssertionError(f"{path}: {answer.status_code} {answer.text[:200]}")

    def single(self) -> None:
        """Book one use."""
        body = {"workspace_id": self._name(), "minutes": 1, "key": f"s{next(self.numbers)}"}
        self.post("usage/track-minute", json=body, headers=self._authorization)

    def batch(self) -> None:
        """Book many uses."""
        uses = [
            {"workspace_id": self._name(), "minutes": 1, "key": f"b{next(self.numbers)}"}
            for _ in range(BATCH)
        ]
        self.post("usage/track-minutes", json={"uses": uses}, headers=self._authorization)

    def webhook(self) -> None:
        """Deliver a signed event of a payment that nobody here has started."""
        body = EVENT.read_text().replace("{payment_intent}", f"pi_soak_{next(self.numbers)}")
        raw = body.replace('"evt_', f'"evt_soak{next(self.numbers)}_', 1).encode()
        signature = sign(raw, self.webhook_secret, datetime.now(UTC))
        self.post("webhooks/stripe", data=raw, headers={"Stripe-Signature": signature})

    def look(self, process: psutil.Process, engine: Engine, began: float) -> None:
        """Note memory of the server, size and dead rows of the database."""
        with ledger.reading(engine) as db:
            size, dead_share = db.execute(GROWTH).one()
        memory = process.memory_info().rss / 1e6
        self.looks.append((time.monotonic() - began, memory, size / 1e6, dead_share))

    def _name(self) -> str:
        return self.names[next(self.numbers) * 7919 % len(self.names)]

    @property
    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


def main(argv: list[str]) -> int:
    """Run the soak and print its table; return 1 after any error."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    minutes = parser.parse_args(argv).minutes
    home = Path(tempfile.mkdtemp(prefix="minutes-soak-"))
    home.chmod(0o711)
    data, port = home / "data", free_port(preferred=0)
    token, webhook_secret = secrets.token_urlsafe(32), "whsec_" + secrets.token_hex(16)
    environ = {
        **os.environ,
        "DATA_DIR": str(data),
        "START_TOKEN": token,
        "STRIPE_WEBHOOK_SECRET": webhook_secret,
    }
    subprocess.run([sys.executable, "-m", "ledger", *COMPANY], env=environ, check=True, capture_output=True)
    with (home / "log").open("w") as log:
        command = [sys.executable, "-m", "dashboard", "--no-demo", "--port", str(port)]
        server = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
    try:
        wait_until_up(port, server)
        engine = ledger.connect(server_url(data))
        names, key = prepare(engine)
        soak = Soak(port, key, token, webhook_secret, names)
        load(soak, psutil.Process(server.pid), engine, minutes * 60)
        with ledger.reading(engine) as db:
            soak.errors += [f"verify: {finding}" for finding in ledger.verify(db)]
        engine.dispose()
    finally:
        server.terminate()
        server.wait(timeout=60)
        release(data)
    return report(soak)


def wait_until_up(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers."""
    until = time.monotonic() + SECONDS_UNTIL_UP
    while time.monotonic() < until and server.poll() is None:
        try:
            if requests.get(f"http://127.0.0.1:{port}/api/health", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.2)
    raise AssertionError("the server did not start")


def prepare(engine: Engine) -> tuple[list[str], str]:
    """Return the workspaces of the demo, and a key."""
    with ledger.writing(engine) as db:
        names = db.execute(text("SELECT workspace_id FROM workspaces ORDER BY 1")).scalars().all()
        key = create_key(db, name="soak", scopes=("usage:write",), actor="soak", at=datetime.now(UTC)).text
    return list(names), key


def load(soak: Soak, process: psutil.Process, engine: Engine, seconds: float) -> None:
    """Load the server from all sides for a while."""
    began = time.monotonic()
    works = [partial(repeat, soak, "single use", soak.single, 1 / SINGLES_A_SECOND)] * SINGLES
    works.append(partial(repeat, soak, f"batch of {BATCH}", soak.batch, 1 / BATCHES_A_SECOND))
    works.append(partial(repeat, soak, "webhook", soak.webhook, 1 / WEBHOOKS_A_SECOND))
    works += [partial(view, soak, number) for number in range(VIEWERS)]
    with ThreadPoolExecutor(len(works)) as threads:
        running = [threads.submit(work) for work in works]
        try:
            while (left := began + seconds - time.monotonic()) > 0:
                soak.look(process, engine, began)
                soak.ended.wait(min(left, SECONDS_BETWEEN_LOOKS))
        finally:
            soak.ended.set()
    stopped = filter(None, (each.exception() for each in running))
    soak.errors += [f"stopped before the end: {error!r}" for error in stopped]
    soak.look(process, engine, began)


def repeat(soak: Soak, name: str, work: Callable[[], None], pause_seconds: float) -> None:
    """Do something again and again until the soak ends, and note how long each took."""
    while not soak.ended.wait(pause_seconds):
        began = time.perf_counter()
        try:
            work()
        except (AssertionError, requests.RequestException) as error:
            soak.errors.append(f"{name}: {error}")
        else:
            soak.seconds[name].append(time.perf_counter() - began)


def view(soak: Soak, number: int) -> None:
    """Open one page after the other, as a browser does, with a pause to read."""
    url = f"ws://127.0.0.1:{soak.port}/_stcore/stream"
    headers = {"Cookie": f"{COOKIE}={soak.token}"}
    options: dict[str, Any] = {"origin": f"http://127.0.0.1:{soak.port}", "max_size": None}
    with connect(url, additional_headers=headers, subprotocols=["streamlit"], **options) as stream:  # type: ignore[list-item]
        for page in itertools.islice(itertools.cycle(PAGES), number, None):
            if soak.ended.wait(SECONDS_OF_READING):
                return
            began, request = time.perf_counter(), BackMsg()
            request.rerun_script.page_name = page
            if page == "workspace":
                request.rerun_script.query_string = f"id={soak.names[number]}"
            stream.send(request.SerializeToString())
            failure = finish(stream)
            if failure:
                soak.errors.append(f"page {page}: {failure}")
            soak.seconds["page"].append(time.perf_counter() - began)


def finish(stream: Any) -> str:
    """Read until the page has run; return the exception that it shows, if any."""
    failure = ""
    while True:
        message = ForwardMsg.FromString(stream.recv(timeout=120))
        if (
            message.WhichOneof("type") == "delta"
            and message.delta.new_element.WhichOneof("type") == "exception"
        ):
            failure = message.delta.new_element.exception.message
        if message.WhichOneof("type") == "script_finished":
            return failure


def report(soak: Soak) -> int:
    """Print the table; return the status."""
    print("| what | times | p50 | p99 | longest |\n|---|---|---|---|---|")
    for name, seconds in soak.seconds.items():
        ordered = sorted(seconds)
        p99 = ordered[int(0.99 * len(ordered))]
        cells = [f"{1000 * each:,.0f} ms" for each in (statistics.median(ordered), p99, ordered[-1])]
        print(f"| {name} | {len(ordered):,} | {' | '.join(cells)} |")
    print("\n| after | memory of the server | database | dead rows |\n|---|---|---|---|")
    for at, memory, size, dead_share in soak.looks[:: max(1, len(soak.looks) // 6)] + soak.looks[-1:]:
        print(f"| {at:.0f} s | {memory:.0f} MB | {size:.0f} MB | {dead_share:.1%} of living |")
    print(f"\nerrors {len(soak.errors)}")
    for error in soak.errors[:20]:
        print(f"  {error}")
    return 1 if soak.errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
