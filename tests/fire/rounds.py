"""Plays one round: starts clients and worker, strikes with the planned faults, waits, and checks."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import ledger
from ledger.payments.reconcile import reconcile
from ledger.payments.refunds import finish_refunds
from ledger.postgres.embedded import release, server_url
from ledger.schedules import WorkerContext
from ledger.settings import Settings
from ledger.webhooks.inbox import open_gateway, poll_events, work_inbox
from ledger.worker import system_clock, work
from tests.fire.client import Client, lines_of
from tests.fire.faults import strike
from tests.fire.model import Exchange, Statement, faults_of, lost_or_doubled, out_of_order
from tests.fire.plan import Round, round_of

FORK = multiprocessing.get_context("fork")  # a client that has imported everything starts at once
SECONDS_OF_A_ROUND = 240.0
DAYS_BEFORE = 3


@dataclass
class Arena:
    """The server and the processes of a campaign."""

    home: Path
    url: str = ""
    clients: list[BaseProcess] = field(default_factory=list)
    worker: BaseProcess | None = None
    histories: list[Path] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)

    @classmethod
    @contextmanager
    def opened(cls, home: Path) -> Iterator["Arena"]:
        """Yield an arena with a durable server of its own, which is stopped afterwards."""
        arena = cls(home)
        arena.start_server()
        engine = ledger.connect(arena.url)
        ledger.migrate(engine)
        engine.dispose()
        try:
            yield arena
        finally:
            arena.end_processes()
            release(home)

    @property
    def clock(self) -> Path:
        """The file with the seconds by which clients and worker are wrong."""
        return self.home / "clock"

    def set_clock(self, seconds: int) -> None:
        """Make clients and worker wrong by this; no reader ever sees half of it."""
        new = self.clock.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self.clock)

    def start_server(self) -> None:
        """Start the server, or find it running; remember how long it took to answer."""
        began = time.monotonic()
        self.url = server_url(self.home)
        if self.clients:
            self.recoveries.append(time.monotonic() - began)

    def start_client(self, number: int, plan: Round) -> BaseProcess:
        """Start one client, or start it again where it was killed."""
        process = FORK.Process(
            target=_client, args=(self.url, plan.seed, number, self.histories[number], self.clock)
        )
        process.start()
        return process

    def start_worker(self) -> None:
        """Start the worker in a process of its own."""
        self.worker = FORK.Process(target=_worker, args=(self.url, self.clock))
        self.worker.start()

    def end_processes(self) -> None:
        """Kill whatever still runs."""
        for process in [*self.clients, *filter(None, [self.worker])]:
            if process.is_alive() and process.pid:
                os.kill(process.pid, signal.SIGCONT)
                process.kill()
            process.join()
        self.clients, self.worker = [], None


@dataclass
class Result:
    """What one round came to."""

    seed: int
    faults: tuple[str, ...]
    calls: int = 0
    entries: int = 0
    repeats: int = 0
    seconds: float = 0.0
    recoveries: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Return one line of progress."""
        state = "; ".join(self.problems) or "ok"
        return f"seed {self.seed}: {self.calls} calls, {self.entries} entries, {self.seconds:.1f} s, {', '.join(self.faults)}: {state}"


def play(arena: Arena, seed: int) -> Result:
    """Play the round of a seed and check it."""
    plan, began = round_of(seed), time.monotonic()
    result = Result(seed, tuple(fault.name for fault in plan.faults))
    arena.recoveries = result.recoveries
    _prepare(arena, plan)
    arena.clients = [arena.start_client(number, plan) for number in range(len(plan.calls))]
    arena.start_worker()
    _strike_as_planned(arena, plan)
    result.problems += _wait(arena)
    arena.end_processes()
    arena.set_clock(0)
    result.problems += _settle(arena, plan)
    _check(arena, plan, result)
    result.seconds = time.monotonic() - began
    return result


def _prepare(arena: Arena, plan: Round) -> None:
    arena.set_clock(0)
    arena.histories = [arena.home / f"history-{plan.seed}-{number}" for number in range(len(plan.calls))]
    at = datetime.now(UTC) - timedelta(days=DAYS_BEFORE)
    engine = ledger.connect(arena.url)
    with ledger.writing(engine) as db:
        for workspace_id in plan.workspaces:
            ledger.create_workspace(
                db,
                workspace_id,
                name=workspace_id,
                owner_email="fire@example.com",
                actor="fire",
                at=at,
                source="sandbox",
            )
            ledger.update_plan_allocation(
                db, workspace_id, "starter", "monthly", key="first", actor="fire", at=at
            )
    engine.dispose()


def _client(url: str, seed: int, number: int, history: Path, clock: Path) -> None:
    _as_a_process_of_its_own()
    Client(url, round_of(seed).calls[number], history, clock).run()


def _worker(url: str, clock: Path) -> None:
    _as_a_process_of_its_own()
    engine = ledger.connect(url)

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(clock.read_text()))

    settings = Settings(data_dir=Path(".data"))
    gateways = {"sandbox": open_gateway(engine, settings, "sandbox", clock=system_clock)}
    work(WorkerContext(engine, settings, gateways), threading.Event(), clock=now)


def _as_a_process_of_its_own() -> None:
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_DFL)


def _strike_as_planned(arena: Arena, plan: Round) -> None:
    total = sum(map(len, plan.calls))
    until = time.monotonic() + SECONDS_OF_A_ROUND
    for fault in plan.faults:
        while _answered(arena) < fault.after_share * total and time.monotonic() < until:
            if not any(client.is_alive() for client in arena.clients):
                break
            time.sleep(0.01)
        strike(arena, plan, fault)


def _answered(arena: Arena) -> int:
    return sum(path.read_text().count('"answer"') for path in arena.histories if path.exists())


def _wait(arena: Arena) -> list[str]:
    """Wait for the clients; return who did not come to an end."""
    until = time.monotonic() + SECONDS_OF_A_ROUND
    for client in arena.clients:
        client.join(max(0.1, until - time.monotonic()))
    return [
        f"client {number} ended with {client.exitcode}"
        for number, client in enumerate(arena.clients)
        if client.exitcode != 0
    ]


def _settle(arena: Arena, plan: Round) -> list[str]:
    """Let everything that the payment provider still owes arrive; return where the two sides differ afterwards."""
    arena.start_server()
    engine = ledger.connect(arena.url)
    gateway = open_gateway(engine, Settings(data_dir=Path(".data")), "sandbox", clock=system_clock)
    for _ in range(3):
        # Ahead of every retry: nothing waits for its time here.
        at = datetime.now(UTC) + timedelta(minutes=30)
        gateway.run_due()
        poll_events(engine, gateway, at=at)
        while work_inbox(engine, {"sandbox": gateway}, at=at):
            pass
        finish_refunds(engine, gateway, at=at)
    now = datetime.now(UTC)
    compared = reconcile(
        engine,
        gateway,
        since=now - timedelta(days=DAYS_BEFORE),
        until=now + timedelta(days=1),
        actor="fire",
        at=now,
        repair=False,
    )
    gateway.close()
    engine.dispose()
    return [
        f"reconcile: {finding}"
        for finding in compared.findings
        if finding.workspace_id is None or finding.workspace_id in plan.workspaces
    ]


def _check(arena: Arena, plan: Round, result: Result) -> None:
    engine = ledger.connect(arena.url)
    with ledger.reading(engine) as db:
        statements = {
            workspace_id: Statement(
                ledger.list_entries(db, workspace_id, limit=10_000)[::-1],
                ledger.list_lots(db, workspace_id),
            )
            for workspace_id in plan.workspaces
        }
        result.problems += [
            f"verify: {finding}"
            for finding in ledger.verify(db)
            if finding.workspace_id is None or finding.workspace_id in plan.workspaces
        ]
    engine.dispose()
    exchanges = _exchanges(arena, plan, result)
    result.calls = sum(each.answer is not None for each in exchanges)
    result.entries = sum(len(statement.entries) for statement in statements.values())
    for workspace_id, statement in statements.items():
        result.problems += [f"{workspace_id}: {problem}" for problem in faults_of(statement)]
    result.problems += [*lost_or_doubled(exchanges, statements), *out_of_order(exchanges, statements)]


def _exchanges(arena: Arena, plan: Round, result: Result) -> list[Exchange]:
    calls: dict[str, Exchange] = {}
    for number, path in enumerate(arena.histories):
        planned = {call.key: call for call in plan.calls[number]}
        for line in lines_of(path):
            if "began" in line:
                result.repeats += line["key"] in calls
                calls.setdefault(line["key"], Exchange(planned[line["key"]], line["began"]))
            if "answer" in line:
                calls[line["key"]].ended, calls[line["key"]].answer = line["ended"], line["answer"]
    for missing in {call.key: call for calls_ in plan.calls for call in calls_}.keys() - calls.keys():
        result.problems.append(f"{missing}: never began")
    return list(calls.values())
