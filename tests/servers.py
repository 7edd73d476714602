"""Embedded servers for the tests that start, join, kill and stop them."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

USER = """
import sys
from ledger.postgres.embedded import server_url
print(server_url(sys.argv[1]), flush=True)
sys.stdin.read()
"""
Join = Callable[..., subprocess.Popen[str]]


def url_from(process: subprocess.Popen[str]) -> str:
    """Wait for the URL that a process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip() or process.communicate()[1]


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Let a process end by itself; give its status and what it complained of."""
    _, complaints = process.communicate()
    return process.returncode, complaints


def ask(url: str, statement: str) -> object:
    """Run one statement in a connection of its own; give the first value of its first row."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def server_process(data_dir: Path) -> int | None:
    """Return the id of the running server's process, from the file that PostgreSQL writes; None without one."""
    try:
        pid = int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, 0)
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return None
    return pid


def server_processes(data_dir: Path) -> list[int]:
    """Return the ids of the running server's process and of all its children."""
    pid = server_process(data_dir)
    if pid is None:
        return []
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def kill_server(data_dir: Path) -> None:
    """Kill the server as a power cut would, and wait until it is gone."""
    pid = server_process(data_dir)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while server_process(data_dir) and Path(f"/proc/{pid}/cmdline").read_bytes():
        time.sleep(0.02)
