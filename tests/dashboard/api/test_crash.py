"""A server that is killed in the middle of its work: whatever got no answer is sent again, and the totals are exact."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import pytest
import requests
from sqlalchemy import Engine

import ledger
from ledger.database import reading, writing
from ledger.desk import keys
from ledger.postgres.conf import free_port
from tests.depth import rounds

USES = rounds(20_000, deep=50_000)
SINGLES = USES // 25
BATCH = 250
WORKSPACES = 20
CALLERS = 6
KILLS = 3


@dataclass
class Server:
    """The interface in a process of its own, which can be killed and started again at the same place."""

    database_url: str
    port: int = field(default_factory=partial(free_port, preferred=0))
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "uvicorn", "dashboard.api:app", "--port", str(self.port)]
        environ = {**os.environ, "DATABASE_URL": self.database_url}
        self.process = subprocess.Popen([*command, "--log-level", "critical"], env=environ)
        while True:
            try:
                requests.get(f"http://127.0.0.1:{self.port}/api/health", timeout=10)
            except requests.RequestException:
                assert self.process.poll() is None, "the server ended by itself"
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def server(engine: Engine) -> Iterator[Server]:
    made = Server(engine.url.render_as_string(hide_password=False))
    made.start()
    yield made
    made.kill()


def prepare(engine: Engine) -> str:
    """Workspaces with minutes enough, and a key."""
    at = datetime.now(UTC)
    with writing(engine) as db:
        for number in range(WORKSPACES):
            name = f"w{number}"
            ledger.create_workspace(db, name, name="A", owner_email="a@b.example", actor="t", at=at)
            ledger.grant_minutes(db, name, 6_000, reason="test", key="g", actor="t", at=at)
        return keys.create_key(db, name="t", scopes=("usage:write",), actor="t", at=at).text


@pytest.mark.slow
def test_a_killed_server_loses_nothing_and_counts_nothing_twice(engine: Engine, server: Server) -> None:
    key = prepare(engine)
    uses = [
        {"workspace_id": f"w{number % WORKSPACES}", "minutes": number % 3 + 1, "key": f"u{number}"}
        for number in range(USES)
    ]
    waiting: queue.Queue[list[dict[str, object]]] = queue.Queue()
    for begin in range(0, USES - SINGLES, BATCH):
        waiting.put(uses[begin : min(begin + BATCH, USES - SINGLES)])
    for use in uses[USES - SINGLES :]:
        waiting.put([use])
    answered, unanswered = load(server, key, waiting)

    used = {}
    with reading(engine) as db:
        for number in range(WORKSPACES):
            balance = ledger.get_balance(db, f"w{number}")
            used[f"w{number}"] = (balance.minutes_used, 6_000 - balance.total_minutes)
        findings = ledger.verify(db)
    wanted = {f"w{number}": 0 for number in range(WORKSPACES)}
    for use in uses:
        wanted[str(use["workspace_id"])] += int(str(use["minutes"]))
    assert unanswered > 0, "nothing was in flight when the server was killed"
    assert answered == USES
    assert used == {name: (minutes, minutes) for name, minutes in wanted.items()}
    assert findings == []


def load(server: Server, key: str, waiting: queue.Queue[list[dict[str, object]]]) -> tuple[int, int]:
    """Send everything from several callers while the server is killed; give how many uses were answered, and how many
    requests were not at first."""
    counts = {"answered": 0, "unanswered": 0}
    lock = threading.Lock()

    def caller() -> None:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {key}"
        while counts["answered"] < USES:
            try:
                chunk = waiting.get(timeout=0.2)
            except queue.Empty:
                continue
            done = send(session, server.port, chunk)
            with lock:
                counts["answered" if done else "unanswered"] += len(chunk) if done else 1
            if not done:
                waiting.put(chunk)
                time.sleep(0.05)

    with ThreadPoolExecutor(CALLERS) as pool:
        calling = [pool.submit(caller) for _ in range(CALLERS)]
        for kill in range(1, KILLS + 1):
            while counts["answered"] < USES * kill // (KILLS + 2) and not any(
                each.done() for each in calling
            ):
                time.sleep(0.01)
            server.kill()
            server.start()
        for each in as_completed(calling):
            counts["answered"] += USES if each.exception() else 0  # a refusal ends the others as well
            each.result()
    return counts["answered"], counts["unanswered"]


def send(session: requests.Session, port: int, chunk: list[dict[str, object]]) -> bool:
    """Send one request; whether it was answered."""
    single = len(chunk) == 1
    path, body = ("track-minute", chunk[0]) if single else ("track-minutes", {"uses": chunk})
    try:
        answer = session.post(f"http://127.0.0.1:{port}/api/usage/{path}", json=body, timeout=60)
    except requests.RequestException:
        return False
    assert answer.status_code in {200, 503}, answer.text
    if answer.status_code == 200 and not single:
        assert not [each for each in answer.json()["results"] if "problem" in each]
    return answer.status_code == 200
