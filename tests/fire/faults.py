"""The faults of a round."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

import ledger
from ledger.settings import Settings
from ledger.stripe_gateway import Gateway
from ledger.stripe_sandbox.faults import FAULTS as STRIPE_FAULTS
from ledger.webhooks.inbox import open_gateway
from ledger.worker import system_clock
from tests.fire.plan import PlannedFault, Round
from tests.servers import kill_server, server_processes

if TYPE_CHECKING:
    from tests.fire.arena import Arena

SECONDS_AHEAD, SECONDS_BEHIND = 400 * 86_400, -7_200
SECONDS_DELAYED = 0.7
SECONDS_LOCKED = 1.5
SECONDS_FULL = 1.0
TIMES_AT_STRIPE = 2


def strike(arena: Arena, plan: Round, fault: PlannedFault) -> None:
    """Let one fault happen."""
    if fault.name.startswith("stripe_"):
        _stripe_fails(arena, fault.name.removeprefix("stripe_"))
    else:
        STRIKES[fault.name](arena, plan, fault)


def _database_killed(arena: Arena, _plan: Round, _fault: PlannedFault) -> None:
    kill_server(arena.data)
    arena.start_server()


def _connections_cut(arena: Arena, _plan: Round, _fault: PlannedFault) -> None:
    with psycopg.connect(arena.url.replace("+psycopg", ""), autocommit=True) as db:
        db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND usename = current_user AND backend_type = 'client backend'"
        )


def _disk_full(arena: Arena, _plan: Round, _fault: PlannedFault) -> None:
    """Leave the server's disk without a byte for a while; the machine's own disk is not ours to fill."""
    if not arena.has_own_disk:
        return
    filler = arena.data / "filler"
    with filler.open("wb") as file:
        with suppress(OSError):  # the server may take what is left at the same moment
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(arena.data).free)
        time.sleep(SECONDS_FULL)
    filler.unlink()
    arena.start_server()  # a server that had no room for its log has ended


def _api_killed(arena: Arena, _plan: Round, _fault: PlannedFault) -> None:
    arena.kill_api()
    arena.start_api()


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


def _api_delayed(arena: Arena, _plan: Round, _fault: PlannedFault) -> None:
    if arena.api and arena.api.pid:
        os.kill(arena.api.pid, signal.SIGSTOP)
        time.sleep(SECONDS_DELAYED)
        os.kill(arena.api.pid, signal.SIGCONT)


def _database_delayed(arena: Arena, _plan: Round, _fault: PlannedFault) -> None:
    """The machine of the database stands still, with every process of the server."""
    processes = server_processes(arena.data)
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGSTOP)
    time.sleep(SECONDS_DELAYED)
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)


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


def end_faults(gateway: Gateway) -> None:
    """Let the payment provider work again."""
    for name in STRIPE_FAULTS:
        gateway.plan_fault(name, times=0)


STRIKES: dict[str, Callable[[Arena, Round, PlannedFault], None]] = {
    "database_killed": _database_killed,
    "connections_cut": _connections_cut,
    "client_killed": _client_killed,
    "worker_killed": _worker_killed,
    "api_killed": _api_killed,
    "disk_full": _disk_full,
    "client_delayed": _client_delayed,
    "api_delayed": _api_delayed,
    "database_delayed": _database_delayed,
    "workspace_locked": _workspace_locked,
    "clock_ahead": _clock(SECONDS_AHEAD),
    "clock_behind": _clock(SECONDS_BEHIND),
}
