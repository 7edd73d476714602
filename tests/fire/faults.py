"""The faults of a round."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

import ledger
from ledger.settings import Settings
from ledger.webhooks.inbox import open_gateway
from ledger.worker import system_clock
from tests.fire.plan import PlannedFault, Round
from tests.servers import kill_server

if TYPE_CHECKING:
    from tests.fire.rounds import Arena

SECONDS_AHEAD, SECONDS_BEHIND = 400 * 86_400, -7_200
SECONDS_DELAYED = 0.7
SECONDS_LOCKED = 1.5
TIMES_AT_STRIPE = 2


def strike(arena: Arena, plan: Round, fault: PlannedFault) -> None:
    """Let one fault happen."""
    if fault.name.startswith("stripe_"):
        _stripe_fails(arena, fault.name.removeprefix("stripe_"))
    else:
        STRIKES[fault.name](arena, plan, fault)


def _database_killed(arena: Arena, _plan: Round, _fault: PlannedFault) -> None:
    kill_server(arena.home)
    arena.start_server()


def _connections_cut(arena: Arena, _plan: Round, _fault: PlannedFault) -> None:
    with psycopg.connect(arena.url.replace("+psycopg", ""), autocommit=True) as db:
        db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND usename = current_user AND backend_type = 'client backend'"
        )


def _client_killed(arena: Arena, plan: Round, fault: PlannedFault) -> None:
    arena.clients[fault.target].kill()
    arena.clients[fault.target].join()
    arena.clients[fault.target] = arena.start_client(fault.target, plan)


def _worker_killed(arena: Arena, _plan: Round, _fault: PlannedFault) -> None:
    if arena.worker:
        arena.worker.kill()
        arena.worker.join()
    arena.start_worker()


def _client_delayed(arena: Arena, _plan: Round, fault: PlannedFault) -> None:
    """A machine that stands still inside a transaction, and goes on."""
    process = arena.clients[fault.target]
    if process.is_alive() and process.pid:
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(SECONDS_DELAYED)
        os.kill(process.pid, signal.SIGCONT)


def _workspace_locked(arena: Arena, plan: Round, fault: PlannedFault) -> None:
    """Somebody holds the row of one workspace; nobody waits here for the end."""
    workspace_id = plan.workspaces[fault.target % len(plan.workspaces)]

    def hold() -> None:
        try:
            with psycopg.connect(arena.url.replace("+psycopg", "")) as db:
                db.execute("SELECT FROM workspace_minutes WHERE workspace_id = %s FOR UPDATE", [workspace_id])
                time.sleep(SECONDS_LOCKED)
        except psycopg.OperationalError:
            return  # another fault ended this connection

    threading.Thread(target=hold, daemon=True).start()


def _clock(seconds: int) -> Callable[[Arena, Round, PlannedFault], None]:
    def jump(arena: Arena, _plan: Round, _fault: PlannedFault) -> None:
        arena.set_clock(seconds)
        time.sleep(SECONDS_DELAYED)
        arena.set_clock(0)

    return jump


def _stripe_fails(arena: Arena, name: str) -> None:
    engine = ledger.connect(arena.url)
    gateway = open_gateway(engine, Settings(data_dir=Path(".data")), "sandbox", clock=system_clock)
    try:
        gateway.plan_fault(name, times=TIMES_AT_STRIPE)
    finally:
        gateway.close()
        engine.dispose()


STRIKES: dict[str, Callable[[Arena, Round, PlannedFault], None]] = {
    "database_killed": _database_killed,
    "connections_cut": _connections_cut,
    "client_killed": _client_killed,
    "worker_killed": _worker_killed,
    "client_delayed": _client_delayed,
    "workspace_locked": _workspace_locked,
    "clock_ahead": _clock(SECONDS_AHEAD),
    "clock_behind": _clock(SECONDS_BEHIND),
}
