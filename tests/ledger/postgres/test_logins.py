"""The embedded server's logins: what the running product holds opens neither the owner's rights nor a superuser's."""

import stat
from pathlib import Path

import psycopg
import pytest

import ledger
from ledger.database import connect, owner_url, reading
from ledger.migrations import migrate
from ledger.postgres.backups import backup
from ledger.postgres.embedded import release, server_url
from ledger.postgres.logins import OWNER, SUPERUSER
from ledger.settings import settings_of_process
from tests.servers import ask


def test_the_product_signs_in_as_the_application_and_migrates_and_backs_up_as_the_owner(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(data_dir))
    settings_of_process.cache_clear()

    engine = connect()
    assert engine.url.username == "minutes_app"
    assert owner_url(engine).username == OWNER
    migrate(engine)
    backup(engine, tmp_path / "all.dump")
    with reading(engine) as db:
        assert ledger.verify(db) == []
    url = engine.url.render_as_string(hide_password=False)
    engine.dispose()

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(url, "DELETE FROM audit")
    assert ask(url, "SELECT session_user") == "minutes_app"


def test_every_password_opens_its_own_login_alone(data_dir: Path) -> None:
    urls = {login: server_url(data_dir, login=login) for login in ("owner", "app", "reader")}

    names = {login: ask(url, "SELECT session_user") for login, url in urls.items()}

    assert names == {"owner": OWNER, "app": "minutes_app", "reader": "minutes_reader"}
    assert len({url.split(":")[2].split("@")[0] for url in urls.values()}) == 3
    for name in ("postgres.password", "postgres.app.password", "postgres.reader.password"):
        assert stat.S_IMODE((data_dir / name).stat().st_mode) == 0o600
    with pytest.raises(psycopg.OperationalError):
        ask(urls["app"].replace("minutes_app:", f"{OWNER}:"), "SELECT 1")


def test_nobody_signs_in_as_superuser(empty_dir: Path) -> None:
    url = server_url(empty_dir)

    assert ask(url, "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'postgres'") is False
    with pytest.raises(psycopg.OperationalError, match=r"not permitted to log in|authentication failed"):
        ask(url.replace(f"://{OWNER}:", f"://{SUPERUSER}:"), "SELECT 1")


def test_a_lost_password_of_the_application_is_replaced_at_the_next_start(data_dir: Path) -> None:
    before = server_url(data_dir, login="app")
    release(data_dir)
    (data_dir / "postgres.reader.password").unlink()

    after = server_url(data_dir, login="app")

    assert after != before
    assert ask(after, "SELECT session_user") == "minutes_app"
