"""The server, the disk and the processes of a campaign."""

import logging
import multiprocessing
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

import requests

import ledger
from ledger.desk.keys import SCOPES, create_key
from ledger.notify.webhook_endpoints import EVENT_TYPES, create_endpoint
from ledger.postgres.conf import free_port
from ledger.postgres.embedded import EmbeddedError, release, server_url
from ledger.schedules import SCHEDULES, WorkerContext
from ledger.settings import Settings
from ledger.webhooks.inbox import open_gateway
from ledger.worker import system_clock, work
from tests.fire.api import serve
from tests.fire.client import Client
from tests.fire.http_client import HttpClient
from tests.fire.plan import OVER_HTTP, Round, round_of
from tests.receiver import EventReceiver, receiving

FORK = multiprocessing.get_context("fork")  # a process that has imported everything starts at once
DISK = "3g"
SECONDS_UNTIL_UP = 60.0
HURRIED = {"auto top-ups", "sandbox", "events from Stripe", "refunds", "resets", "seals"}
"""Schedules that run every second, so that each round meets them."""
MINUTES_A_KEY_MAY_GRANT = 1_000_000


@dataclass
class Arena:
    """The server and the processes of a campaign."""

    home: Path
    receiver: EventReceiver
    url: str = ""
    secret: str = field(default="", repr=False)
    has_own_disk: bool = False
    clients: list[BaseProcess] = field(default_factory=list)
    worker: BaseProcess | None = None
    api: BaseProcess | None = None
    api_port: int = field(default_factory=partial(free_port, preferred=0))
    histories: list[Path] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)
    api_recoveries: list[float] = field(default_factory=list)

    @classmethod
    @contextmanager
    def opened(cls, home: Path) -> Iterator["Arena"]:
        """Yield an arena with a durable server of its own, which is stopped afterwards."""
        with receiving() as receiver:
            arena = cls(home, receiver)
            arena.data.mkdir(mode=0o711)
            arena.has_own_disk = _mounts_a_disk(arena.data)
            try:
                arena._prepare()
                yield arena
            finally:
                arena.end_processes()
                release(arena.data)
                if arena.has_own_disk:
                    subprocess.run(["umount", "--lazy", str(arena.data)], check=False)

    def _prepare(self) -> None:
        self.start_server()
        engine, at = ledger.connect(self.url), datetime.now(UTC)
        ledger.migrate(engine)
        with ledger.writing(engine) as db:
            create_endpoint(db, self.receiver.url, EVENT_TYPES, actor="fire", at=at)
            self.secret = create_key(
                db,
                name="fire",
                scopes=SCOPES,
                actor="fire",
                at=at,
                grant_minutes_per_day=MINUTES_A_KEY_MAY_GRANT,
            ).text
        engine.dispose()

    @property
    def data(self) -> Path:
        """The folder of the server: a disk of its own where this machine lets us mount one."""
        return self.home / "data"

    @property
    def clock(self) -> Path:
        """The file with the seconds by which the clocks of our machines are wrong."""
        return self.home / "clock"

    def set_clock(self, seconds: int) -> None:
        """Make our machines wrong by this; no reader ever sees half of it."""
        new = self.clock.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self.clock)

    def start_server(self) -> None:
        """Start the server, or find it running; remember how long it took to answer."""
        began = time.monotonic()
        while True:
            try:
                self.url = server_url(self.data)
            except EmbeddedError:  # a recovery that was killed leaves processes behind for a moment
                if time.monotonic() - began > SECONDS_UNTIL_UP:
                    raise
                time.sleep(0.2)
            else:
                break
        if self.clients:
            self.recoveries.append(time.monotonic() - began)

    def start_client(self, number: int, plan: Round) -> BaseProcess:
        """Start one client, or start it again where it was killed."""
        about = (self.url, plan.seed, number, self.histories[number], self.clock)
        process = FORK.Process(
            target=_client, args=(*about, f"http://127.0.0.1:{self.api_port}", self.secret)
        )
        process.start()
        return process

    def start_worker(self) -> None:
        """Start the worker in a process of its own."""
        self.worker = FORK.Process(target=_worker, args=(self.url, self.clock))
        self.worker.start()

    def start_api(self) -> None:
        """Start the HTTP interface, and wait until it answers."""
        began = time.monotonic()
        self.api = FORK.Process(target=_api, args=(self.url, self.api_port, self.clock))
        self.api.start()
        while time.monotonic() - began < SECONDS_UNTIL_UP:
            try:
                requests.get(f"http://127.0.0.1:{self.api_port}/api/health", timeout=1)
            except requests.RequestException:
                time.sleep(0.02)
            else:
                break
        if self.clients:
            self.api_recoveries.append(time.monotonic() - began)

    def kill_api(self) -> None:
        """Kill the HTTP interface."""
        if self.api is not None:
            _end(self.api)
            self.api = None

    def end_processes(self) -> None:
        """Kill whatever still runs."""
        for process in [*self.clients, *filter(None, [self.worker, self.api])]:
            _end(process)
        self.clients, self.worker, self.api = [], None, None


def _mounts_a_disk(folder: Path) -> bool:
    """Mount a small disk in memory, which a fault can fill; False where only the administrator may."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=711", "tmpfs", str(folder)]
    return os.geteuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0


def _end(process: BaseProcess) -> None:
    if process.is_alive() and process.pid:
        os.kill(process.pid, signal.SIGCONT)
        process.kill()
    process.join()


def _client(url: str, seed: int, number: int, history: Path, clock: Path, address: str, secret: str) -> None:
    _as_a_process_of_its_own(clock.parent)
    about = (url, round_of(seed).calls[number], history, clock)
    over_http = number in OVER_HTTP
    client = HttpClient(*about, address=address, secret=secret) if over_http else Client(*about)
    client.run()


def _api(url: str, port: int, clock: Path) -> None:
    _as_a_process_of_its_own(clock.parent)
    serve(url, port, clock)


def _worker(url: str, clock: Path) -> None:
    _as_a_process_of_its_own(clock.parent)
    engine = ledger.connect(url)

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(clock.read_text()))

    settings = Settings(data_dir=clock.parent)
    gateways = {"sandbox": open_gateway(engine, settings, "sandbox", clock=system_clock)}
    schedules = [each._replace(seconds=1) if each.name in HURRIED else each for each in SCHEDULES]
    work(WorkerContext(engine, settings, gateways), threading.Event(), schedules=schedules, clock=now)


def _as_a_process_of_its_own(home: Path) -> None:
    """Forget what the campaign's own process does at signals; complaints about faults go to a file."""
    logging.basicConfig(filename=home / "log", force=True)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_DFL)
