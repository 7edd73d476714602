"""Backups: the whole ledger in one file, restored into an empty database, and proven by restoring it beside."""

from __future__ import annotations

import os
import secrets
import subprocess
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

from ledger.database import connect, owner_url, query, reading
from ledger.errors import LedgerError
from ledger.migrations import migrate
from ledger.postgres.programs import binary
from ledger.roles import READER, ROLE, SCREENS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection, Engine, Row

    from ledger.minutes.findings import Finding


class BackupFailed(LedgerError):
    """The backup or the restore did not succeed; nothing was replaced."""

    code = "backup_failed"


@dataclass(frozen=True, kw_only=True)
class Drill:
    """What restoring a backup beside the database showed. `root_no`: the last root in it; None: never sealed.

    `is_current`: it holds the last root that there was when the backup began.
    """

    findings: tuple[Finding, ...]
    root_no: int | None
    is_current: bool

    @property
    def failure(self) -> str | None:
        """Why it did not pass; None: the copy is proven, and as new as the ledger was."""
        if self.findings:
            return (
                f"The proof of the copy has {len(self.findings)} findings; its last root is {self.root_no}."
            )
        return None if self.is_current else f"The copy ends too early: its last root is {self.root_no}."


def backup(engine: Engine, file: Path) -> int:
    """Write everything to `file`, which appears when it is complete; returns its size in bytes. Raises BackupFailed."""
    part = file.with_name(f".{file.name}.part")
    try:
        _run("pg_dump", owner_url(engine), "--format=custom", "--no-owner", f"--file={part}")
        part.chmod(0o600)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return file.stat().st_size


def restore(engine: Engine, file: Path) -> list[str]:
    """Read everything from `file` into an empty database and migrate it; returns the migrations that were applied.

    All or nothing. Raises BackupFailed, also when the database holds tables already.
    """
    if not file.is_file():
        raise BackupFailed(f"There is no file {file}.")
    with reading(engine) as db:
        if db.execute(query("public_tables")).scalar_one():
            raise BackupFailed("This database is not empty: restore into a new one.")
    owner = owner_url(engine)
    _make_roles(owner)
    words = ("--no-owner", "--exit-on-error", "--single-transaction", str(file))
    _run("pg_restore", owner, f"--dbname={owner.database}", *words)
    return migrate(engine)


def last_root(db: Connection) -> Row[Any] | None:
    """Return number and digest of the last root, or None before the first seal."""
    return db.execute(query("seal_last_root")).one_or_none()


def drill(engine: Engine, file: Path, *, since: Row[Any] | None) -> Drill:
    """Restore a backup into a database beside this one, prove it, look for root `since`, and drop it again."""
    from ledger.minutes.verify import verify  # noqa: PLC0415  the proof knows every room; a backup needs none

    with _beside(owner_url(engine)) as url:
        copy = connect(url.render_as_string(hide_password=False), pool_size=1)
        try:
            restore(copy, file)
            with reading(copy) as db:
                findings = tuple(verify(db))
                last = last_root(db)
                is_current = since is None or (
                    db.execute(query("seal_root"), {"root_no": since.root_no}).one_or_none() == since
                )
        finally:
            copy.dispose()
    return Drill(findings=findings, root_no=last.root_no if last else None, is_current=is_current)


@contextmanager
def _beside(url: URL) -> Iterator[URL]:
    name = f"drill_{secrets.token_hex(4)}"
    _run("createdb", url, "--template=template0", name)
    try:
        yield url.set(database=name)
    finally:
        _run("dropdb", url, "--force", "--if-exists", name)


def _make_roles(url: URL) -> None:
    """Make the roles that the grants name, where the server does not have them; a refusal shows in the restore."""
    for role in (ROLE, SCREENS, READER):
        with suppress(BackupFailed):
            _run("createuser", url, "--no-login", role)


def _run(program: str, url: URL, *words: str) -> None:
    """Run one of PostgreSQL's programs; the password travels in its environment, never on its command line."""
    place = make_url(url)
    named = {
        "PGHOST": place.host or str(place.query.get("host", "")),
        "PGPORT": str(place.port or ""),
        "PGUSER": place.username or "",
        "PGPASSWORD": place.password or "",
        "PGDATABASE": place.database or "",
    }
    environ = {**os.environ, **{name: value for name, value in named.items() if value}}
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs, no shell
        [binary(program), *words], env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"{program} ended with {done.returncode}"]
        raise BackupFailed(lines[0][:300])
