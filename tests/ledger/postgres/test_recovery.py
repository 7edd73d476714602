"""Going back to a moment by the recipe of the handbook, and moving to another major version of PostgreSQL."""

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, make_url

import ledger
from ledger.database import connect, reading, writing
from ledger.migrations import migrate
from ledger.postgres.backups import backup, restore
from ledger.postgres.conf import free_port
from ledger.postgres.programs import Programs, server_account
from ledger.seals.sealing import seal
from tests.databases import CHECKOUT, empty_database
from tests.ledger.conftest import new_home
from tests.second_server import OLDEST_SUPPORTED, SUPERUSER_PASSWORD, second_server

pytestmark = [
    pytest.mark.own_server,
    pytest.mark.slow,
    pytest.mark.skipif(not OLDEST_SUPPORTED.is_dir(), reason=f"PostgreSQL 15 is not in {OLDEST_SUPPORTED}"),
]
AT = datetime(2026, 3, 1, tzinfo=UTC)
HANDBOOK = (CHECKOUT / "docs" / "operations.md").read_text()


def grant(engine: Engine, key: str) -> None:
    with writing(engine) as db:
        ledger.grant_minutes(db, "acme", 10, reason="r", key=key, actor="t", at=AT)


def sealed_company(url: str, tmp_path: Path) -> Engine:
    """Return a sealed ledger with one workspace that was given 10 minutes."""
    engine = connect(url)
    migrate(engine)
    with writing(engine) as db:
        ledger.create_workspace(db, "acme", name="Acme", owner_email="a@acme.example", actor="t", at=AT)
    grant(engine, "first")
    seal(engine, tmp_path, at=datetime.now(UTC))
    return engine


def minutes_and_findings(url: str) -> tuple[int, list[ledger.Finding]]:
    engine = connect(url)
    try:
        with reading(engine) as db:
            return ledger.get_balance(db, "acme").total_minutes, ledger.verify(db)
    finally:
        engine.dispose()


def settings_of_handbook(home: Path) -> dict[str, str]:
    """Return what the handbook says to set, with its folders moved below `home`."""
    text = "\n".join(re.findall(r"```ini\n(.*?)```", HANDBOOK, re.DOTALL))
    lines = re.findall(r"^(\w+) = '?(.*?)'?$", text, re.MULTILINE)
    return {name: value.replace("/var/backups", str(home)) for name, value in lines}


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for archive and base backup, open to the account of the server."""
    with new_home() as folder:
        (folder / "wal").mkdir()
        Programs(OLDEST_SUPPORTED, server_account(folder / "wal")).give(folder / "wal")
        yield folder


def superuser(url: str) -> psycopg.Connection[tuple[object, ...]]:
    place = make_url(url)
    return psycopg.connect(
        host=place.host,
        port=place.port,
        user="postgres",
        password=SUPERUSER_PASSWORD,
        dbname="postgres",
        autocommit=True,
    )


@contextmanager
def recovered(home: Path, settings: dict[str, str], at: datetime) -> Iterator[int]:
    """Start a server on the base backup as it was at a moment. Yield its port."""
    data, port = home / "base", free_port(preferred=0)
    programs = Programs(OLDEST_SUPPORTED, server_account(data))
    (data / "recovery.signal").touch()
    with (data / "postgresql.conf").open("a") as conf:
        chosen = {name: settings[name] for name in ("restore_command", "recovery_target_action")}
        chosen |= {"recovery_target_time": at.isoformat(), "archive_mode": "off", "port": str(port)}
        conf.writelines(f"{name} = '{value}'\n" for name, value in chosen.items())
    programs.give(data)
    for path in data.rglob("*"):
        programs.give(path)
    programs.start("pg_ctl", "start", "-w", "-D", str(data), "-l", str(data / "log")).communicate()
    try:
        yield port
    finally:
        programs.start("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(data)).communicate()


def test_a_server_goes_back_to_the_moment_before_a_disaster(home: Path, tmp_path: Path) -> None:
    settings = settings_of_handbook(home)
    archive = {name: settings[name] for name in ("archive_mode", "archive_command")}
    with second_server(full_page_writes="on", **archive) as url:
        engine = sealed_company(url, tmp_path)
        place = make_url(url)
        subprocess.run(
            [OLDEST_SUPPORTED / "pg_basebackup", f"--pgdata={home / 'base'}", "--checkpoint=fast"],
            env={
                "PGHOST": "127.0.0.1",
                "PGPORT": str(place.port),
                "PGUSER": "postgres",
                "PGPASSWORD": SUPERUSER_PASSWORD,
            },
            check=True,
            capture_output=True,
        )
        grant(engine, "after the backup")
        time.sleep(0.2)
        with superuser(url) as raw:
            (moment,) = raw.execute("SELECT clock_timestamp()").fetchone() or (None,)
        time.sleep(0.2)
        grant(engine, "the disaster")
        engine.dispose()
        with superuser(url) as raw:
            raw.execute("SELECT pg_switch_wal()")
            wanted = "SELECT last_archived_time > %s FROM pg_stat_archiver"
            while raw.execute(wanted, [moment]).fetchone() != (True,):
                time.sleep(0.1)

    assert isinstance(moment, datetime)
    with recovered(home, settings, moment) as port:
        at_the_moment = place.set(port=port).render_as_string(hide_password=False)
        assert minutes_and_findings(at_the_moment) == (20, [])


def test_a_ledger_moves_from_the_oldest_major_version_to_the_embedded_one(tmp_path: Path) -> None:
    with second_server() as old_url, empty_database() as new_url:
        old = sealed_company(old_url, tmp_path)
        backup(old, tmp_path / "ledger.dump")
        old.dispose()
        new = connect(new_url)
        assert restore(new, tmp_path / "ledger.dump") == []
        grant(new, "on the new one")
        new.dispose()

        assert minutes_and_findings(new_url) == (20, [])
