"""The embedded PostgreSQL server: one per DATA_DIR, shared by every process that asks for it.

The first process that asks starts the server, later ones join it, the last living one stops it.
Who is living is not written down but held: each user keeps a shared lock on one file, which the kernel
drops even after SIGKILL and never hands to a forked child. Who can make it exclusive is the last one.
Everything that starts or stops the server happens under a second, exclusive lock.
"""

import atexit
import fcntl
import os
import secrets
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.postgres.conf import free_port, last_port, write_conf
from ledger.postgres.logins import DATABASE, OWNER, SUPERUSER, Login, Server, add_logins, write_secret
from ledger.postgres.programs import (
    EmbeddedError,
    binary,
    command_line,
    in_short,
    programs_for,
    server_account,
    why_refused,
)

__all__ = ["EmbeddedError", "binary", "owner_of", "release", "restart_if_down", "server_url"]

SECONDS_BETWEEN_MESSAGES = 5.0
SECONDS_BETWEEN_LOOKS = 0.05
SECONDS_WITHOUT_END = "86400"  # crash recovery takes as long as it takes; the wait is reported
STARTS_AT_MOST = 3  # the port may be taken meanwhile, a killed server's children may still be leaving
LOG_BYTES_AT_MOST = 10_000_000
UNQUOTABLE = '"$`\\\n'  # pg_ctl hands the folder's name to a shell

_held: dict[Path, int] = {}  # DATA_DIR -> descriptor of our shared lock
_turn = threading.RLock()


def server_url(data_dir: Path | str, *, login: Login = "owner", durable: bool = True) -> str:
    """Start or join the server whose data lie in `data_dir`/postgres. Return the URL of its database for a login.

    `durable=False` (tests only) starts it without fsync, and keeps its superuser. Waits as long as crash recovery
    takes, and says so on stderr. The server stops when the last living process has called `release` or ended normally.
    Raises `EmbeddedError` with one line that says what to change.
    """
    data_dir = Path(data_dir).resolve()
    if any(character in UNQUOTABLE for character in str(data_dir)):
        msg = f"DATA_DIR must not contain quotes, dollar signs or backslashes: {data_dir}"
        raise EmbeddedError(msg)
    try:
        with _turn:
            return _joined(data_dir, login, durable=durable)
    except OSError as error:  # not ours to make or to write
        msg = f"DATA_DIR cannot be used: {error.filename or data_dir}: {why_refused(error)}"
        raise EmbeddedError(msg) from error


def _server_of(data_dir: Path) -> Server:
    return Server(data_dir, programs_for(data_dir, server_account(data_dir / "postgres")))


def owner_of(port: int | None, login: str) -> tuple[str, str] | None:
    """Return name and password of the owner of the server at `port`, when this process uses it by another login."""
    for data_dir in _held:
        server = _server_of(data_dir)
        if login in (f"{DATABASE}_app", f"{DATABASE}_reader") and _state(server)[1] == port:
            return OWNER, server.password_file.read_text().strip()
    return None


def _joined(data_dir: Path, login: Login, *, durable: bool) -> str:
    server = _server_of(data_dir)
    try:
        with _alone(data_dir):
            _hold(data_dir)
            _create(server, durable=durable)
            port = _running(server, durable=durable)
            add_logins(server, port)
    except BaseException:
        release(data_dir)
        raise
    return server.url(login, port)


def restart_if_down(data_dir: Path | str) -> bool:
    """Start the server again if it has died under its users. Return whether it had. Raise `EmbeddedError`.

    Does nothing for who has not joined.
    """
    with _turn:
        if (data_dir := Path(data_dir).resolve()) not in _held:
            return False
        if _state(server := _server_of(data_dir))[0] != "down":
            return False
        with _alone(data_dir):
            _running(server, durable=True)
    return True


def release(data_dir: Path | str) -> None:
    """Leave the server; the last living process stops it. Does nothing for who has not joined."""
    data_dir = Path(data_dir).resolve()
    with _turn:
        if data_dir not in _held:
            return
        with _alone(data_dir):
            users = _held.pop(data_dir)
            try:
                if _try_lock(users):
                    _stop(_server_of(data_dir))
            finally:
                os.close(users)


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Let one process at a time start, join, leave or stop the server."""
    with (data_dir / "postgres.lock").open("a") as file:
        _patiently(lambda: _try_lock(file.fileno()), "another process to start or stop the database")
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # POSIX leaves the choice
        return False
    return True


def _hold(data_dir: Path) -> None:
    if data_dir in _held:
        return
    descriptor = os.open(data_dir / "postgres.users", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.lockf(descriptor, fcntl.LOCK_SH)
    _held[data_dir] = descriptor


def _create(server: Server, *, durable: bool) -> None:
    """Make the cluster, its owner and the database, aside first: half a cluster never gets the name."""
    if server.folder.exists():
        _refuse_other_version(server)
        return
    _say(f"making a new database in {server.folder}")
    unfinished = server.data_dir / "postgres.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    server.programs.give(unfinished)
    password = secrets.token_urlsafe(24)
    write_secret(server.password_file, password)
    server.programs.give(server.password_file)
    try:
        options = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += ["--data-checksums", "--auth=scram-sha-256", f"--pwfile={server.password_file}"]
        server.programs.run("initdb", "-D", str(unfinished), "-U", SUPERUSER, *options)
        server.programs.run(
            *("postgres", "--single", "-j", "-D", str(unfinished), "-c", "exit_on_error=true", "postgres"),
            stdin=f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE PASSWORD '{password}';\n\n"
            f"CREATE DATABASE {DATABASE} OWNER {OWNER};\n\n"
            + (f"ALTER ROLE {SUPERUSER} NOLOGIN PASSWORD NULL;\n\n" if durable else ""),
        )
        unfinished.rename(server.folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)  # what is left of it where the disk was too small


def _refuse_other_version(server: Server) -> None:
    made_by = (server.folder / "PG_VERSION").read_text().strip()
    version = server.programs.run("postgres", "--version").split()[-1]
    if version.partition(".")[0] != made_by:
        msg = (
            f"{server.folder} was made by PostgreSQL {made_by}, but the installed one is {version}: write a backup "
            "with the version that made it, and restore that into a new DATA_DIR (docs/operations.md, Upgrade)"
        )
        raise EmbeddedError(msg)
    if not server.password_file.exists():
        msg = f"{server.password_file} is missing; without it nobody can sign in to {server.folder}"
        raise EmbeddedError(msg)


def _running(server: Server, *, durable: bool) -> int:
    """Return the port of the running server; start it when it does not run, wait while it starts."""
    ports: list[int] = []

    def look() -> bool:
        state, port = _state(server)
        if state == "down":
            _start(server, durable=durable)
            return False
        ports.append(port)
        return state == "ready"

    _patiently(look, f"the database in {server.folder} to become ready")
    return ports[-1]


def _state(server: Server) -> tuple[str, int]:
    """Read PostgreSQL's lock file: its state (`down` where its process is gone) and its port."""
    try:
        lines = [line.strip() for line in server.lock_file.read_text().splitlines()]
    except FileNotFoundError:
        return "down", 0
    if not lines or str(server.folder) not in command_line(lines[0]):  # gone, or another one with that number
        return "down", 0
    return (lines[7], int(lines[3])) if len(lines) > 7 else ("starting", 0)  # noqa: PLR2004 - as PostgreSQL writes it


def _start(server: Server, *, durable: bool) -> None:
    server.lock_file.unlink(missing_ok=True)  # stale: its process is gone, and nobody else is here
    if server.log.exists() and server.log.stat().st_size > LOG_BYTES_AT_MOST:
        server.log.replace(server.log.with_suffix(".log.1"))
    server.log.touch(mode=0o600)
    server.programs.give(server.log)
    port = last_port(server.folder)
    for attempt in range(STARTS_AT_MOST):
        if attempt:
            time.sleep(1)
        port = free_port(preferred=port)
        server.programs.give(write_conf(server.folder, port=port, durable=durable))
        said = server.log.stat().st_size
        where = ["-D", str(server.folder), "-l", str(server.log)]
        with server.programs.start("pg_ctl", "start", "-w", "-t", SECONDS_WITHOUT_END, *where) as process:
            try:
                _patiently(lambda p=process: p.poll() is not None, "the database to start")  # type: ignore[misc]
            except BaseException:
                _stop(server)
                raise
        if process.returncode == 0:
            return
    with server.log.open(errors="replace") as log:
        log.seek(said)
        msg = f"the database in {server.folder} does not start: {in_short(log.read())} (see {server.log})"
    raise EmbeddedError(msg)


def _stop(server: Server) -> None:
    if _state(server)[0] == "down":
        return
    arguments = ["stop", "-m", "fast", "-w", "-t", SECONDS_WITHOUT_END, "-D", str(server.folder)]
    with server.programs.start("pg_ctl", *arguments) as process:
        _patiently(lambda: process.poll() is not None, "the database to stop")


def _patiently(done: Callable[[], bool], what: str) -> None:
    """Wait without end for what is worth waiting for, and say every few seconds that we do."""
    began = last_said = time.monotonic()
    while not done():
        time.sleep(SECONDS_BETWEEN_LOOKS)
        if time.monotonic() - last_said >= SECONDS_BETWEEN_MESSAGES:
            last_said = time.monotonic()
            _say(f"waiting for {what} ({last_said - began:.0f} s)")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _release_all() -> None:
    for data_dir in list(_held):
        release(data_dir)


def _forget() -> None:
    """A forked child is no user of the server until it asks for it itself."""
    global _turn  # noqa: PLW0603 - the copy may be locked by a thread that the child does not have
    _turn = threading.RLock()
    while _held:
        os.close(_held.popitem()[1])


atexit.register(_release_all)
os.register_at_fork(after_in_child=_forget)
