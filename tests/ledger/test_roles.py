"""What the three logins may do: each attack is made with the login itself, which cannot become another."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import Engine, make_url

import ledger
from ledger.__main__ import main
from ledger.database import (
    connect,
    may_become_owner,
    owner_url,
    reading,
    runs_as_application,
    writing,
)
from ledger.desk import audit
from ledger.errors import OwnerNeeded
from ledger.migrations import migrate
from ledger.roles import Logins, make_logins
from ledger.settings import settings_of_process
from tests.databases import empty_database
from tests.stories import Story

NOW = datetime.now(UTC)
ATTACKS = [
    "DELETE FROM audit",
    "UPDATE audit SET actor = 'eve'",
    "INSERT INTO audit (at, recorded_at, actor, role, action, request_id) VALUES (now(), now() - interval '1 year', 'x', 'admin', 'x', 'x')",
    "TRUNCATE audit",
    "DELETE FROM entries",
    "UPDATE entries SET reason = 'x'",
    "TRUNCATE entries CASCADE",
    "UPDATE stored_lots SET minutes = 9999",
    "DELETE FROM stored_draws",
    "UPDATE seal_roots SET root = sha256('x')",
    "DELETE FROM seal_roots",
    "DELETE FROM sealed_rows",
    "UPDATE sealed_rows SET digest = sha256('x')",
    "DELETE FROM entry_seals",
    "UPDATE entry_seals SET digest = sha256('x')",
    "INSERT INTO undone_seals SELECT",
    "UPDATE approvals SET minutes = 99999",
    "UPDATE approvals SET requested_by = 'eve'",
    "DELETE FROM approvals",
    "UPDATE staff SET added_by = 'eve'",
    "DELETE FROM staff",
    "UPDATE grant_batch_rows SET minutes = 500",
    "UPDATE extra_minutes_purchases SET amount_cents = 1",
    "UPDATE workspaces SET recorded_at = now() - interval '1 year'",
    "INSERT INTO imported_workspaces (workspace_id, import_id, recorded_at) VALUES ('acme', gen_random_uuid(), '2020-01-01')",
    "INSERT INTO import_additions (workspace_id, import_id, from_no, to_no) VALUES ('acme', gen_random_uuid(), 0, 9)",
    "UPDATE import_additions SET to_no = 9",
    "UPDATE import_changes SET before = '{}'",
    "INSERT INTO import_before VALUES ('acme', 'entries', '[]', '{}')",
    "UPDATE plans SET minutes = 1",
    "UPDATE schema_migrations SET sha256 = 'x'",
    "ALTER TABLE audit DISABLE TRIGGER ALL",
    "DROP TABLE audit",
    "CREATE TABLE mine (x int)",
    "CREATE FUNCTION add_audit_line() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE VIEW sealed_facts AS SELECT 1",
    "CREATE ROLE eve LOGIN SUPERUSER",
    "CREATE EXTENSION dblink",
    "CREATE DATABASE mine",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER TABLE audit OWNER TO CURRENT_USER",
    "SET session_replication_role = replica",
    "COPY audit FROM PROGRAM 'id'",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT lo_import('/etc/passwd')",
]
WAYS_UP = [
    "RESET ROLE",
    "SET ROLE {owner}",
    "SET SESSION AUTHORIZATION {owner}",
    "RESET SESSION AUTHORIZATION",
]


class Company:
    """A migrated database with a story, and one URL for each login."""

    def __init__(self, url: str) -> None:
        self.owner = url
        engine = connect(url)
        migrate(engine)
        with writing(engine) as db:
            acme = Story(db, workspace_id="acme")
            acme.plan("starter")
            acme.uses(5)
            audit.record(
                db, actor="ada", role="admin", action="grant", at=NOW, request_id="1", workspace_id="acme"
            )
        engine.dispose()
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as raw:
            self.logins: Logins = make_logins(raw)

    def url(self, login: tuple[str, str]) -> str:
        """Return the URL of one login."""
        return (
            make_url(self.owner)
            .set(username=login[0], password=login[1])
            .render_as_string(hide_password=False)
        )

    @property
    def app(self) -> str:
        """The application's URL."""
        return self.url(self.logins.application)

    @property
    def reader(self) -> str:
        """The reader's URL."""
        return self.url(self.logins.reader)


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    """One company for all attacks: none of them changes it."""
    with empty_database() as url:
        made = Company(url)
        try:
            yield made
        finally:
            with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as raw:
                for name, _ in (made.logins.application, made.logins.reader):
                    raw.execute(f'DROP ROLE "{name}"')


def session(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """Open a plain session, as somebody with the password does."""
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_applications_login_changes_no_history_and_owns_nothing(company: Company, attack: str) -> None:
    with session(company.app) as raw, pytest.raises(psycopg.Error) as refused:
        raw.execute(attack)

    assert refused.value.sqlstate == "42501", refused.value


@pytest.mark.parametrize("way", WAYS_UP)
@pytest.mark.parametrize("login", ["app", "reader"])
def test_no_login_becomes_another(company: Company, login: str, way: str) -> None:
    owner = make_url(company.owner).username
    with connect(getattr(company, login)).connect() as db:
        raw = db.connection.driver_connection
        assert raw is not None
        raw.rollback()
        try:
            raw.execute(way.format(owner=f'"{owner}"'))
        except psycopg.errors.InsufficientPrivilege:
            raw.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute("DELETE FROM audit")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO notes (workspace_id, note_id, text, author, at) VALUES ('acme', gen_random_uuid(), 'x', 'x', now())",
        "UPDATE workspace_minutes SET minutes_used = 0",
        "SELECT add_audit_line(now(), 'x', 'x', 'x', NULL, NULL, NULL, NULL, '{}', '{}', '', 'x')",
        "SELECT * FROM record_use('acme', 1, 'k', now(), NULL, 'partial')",
        "SELECT secret_hash FROM api_keys",
        "SELECT * FROM webhook_endpoints",
        "SELECT * FROM alert_subscriptions",
        "SELECT undo_import(gen_random_uuid())",
    ],
)
def test_the_reader_writes_nothing_and_sees_no_secret(company: Company, statement: str) -> None:
    with session(company.reader) as raw, pytest.raises(psycopg.errors.InsufficientPrivilege):
        raw.execute(statement)


def test_the_application_books_and_the_reader_reads(company: Company) -> None:
    app, reader = connect(company.app), connect(company.reader)
    with writing(app) as db:
        used = ledger.track_minutes(db, "acme", 2, key="k", at=NOW)
        number = audit.record(db, actor="ada", role="admin", action="x", at=NOW, request_id="2")
    with reading(reader) as db:
        assert ledger.get_balance(db, "acme").total_minutes == used.total_minutes
        assert next(line.audit_no for line in audit.list_lines(db)) == number
        assert ledger.search_workspaces(db, "acme")
    app.dispose()
    reader.dispose()


def test_an_older_workspace_cannot_be_listed_under_an_import_and_then_undone(company: Company) -> None:
    with session(company.owner) as raw:
        raw.execute(
            "UPDATE workspaces SET recorded_at = now() - interval '1 day' WHERE workspace_id = 'acme'"
        )
    forged = "11111111-1111-1111-1111-111111111111"
    with session(company.app) as raw:
        raw.execute(
            "INSERT INTO imports (import_id, source, origin, mapping, actor, started_at) "
            f"VALUES ('{forged}', 'sandbox', 'x', 'x', 'x', '2020-01-01')"
        )
        raw.execute(
            f"INSERT INTO imported_workspaces (workspace_id, import_id, entry_no) VALUES ('acme', '{forged}', 999)"
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="did not come with the import"):
            raw.execute(f"SELECT undo_import('{forged}')")


def test_an_application_without_the_owner_serves_this_version_and_migrates_no_other(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = connect(company.app)
    assert migrate(app) == []

    with session(company.owner) as raw:
        before = raw.execute("SELECT sha256 FROM schema_migrations WHERE version = 'comments'").fetchone()
        raw.execute("UPDATE schema_migrations SET sha256 = 'older' WHERE version = 'comments'")
        with pytest.raises(OwnerNeeded, match="DATABASE_URL_OWNER"):
            migrate(app)
        monkeypatch.setenv("DATABASE_URL_OWNER", company.owner)
        settings_of_process.cache_clear()

        assert owner_url(app).username == make_url(company.owner).username
        assert migrate(app) == []
        assert (
            raw.execute("SELECT sha256 FROM schema_migrations WHERE version = 'comments'").fetchone()
            == before
        )


def test_the_command_prints_three_settings_that_work(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", engine.url.render_as_string(hide_password=False))
    settings_of_process.cache_clear()

    assert main(["logins"]) == 0
    said = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())

    assert list(said) == ["DATABASE_URL", "DATABASE_URL_READ", "DATABASE_URL_OWNER"]
    with session(said["DATABASE_URL_OWNER"]) as owner:
        for name in ("DATABASE_URL", "DATABASE_URL_READ"):
            login = make_url(said[name]).username
            with session(said[name]) as raw:
                assert raw.execute("SELECT session_user").fetchone() == (login,)
                assert raw.execute("SELECT count(*) FROM plans").fetchone() == (2,)
            owner.execute(f'DROP ROLE "{login}"')


def test_the_embedded_database_has_its_logins_already(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert "DATA_DIR" in os.environ
    settings_of_process.cache_clear()

    assert main(["logins"]) == 2
    assert "three logins already" in capsys.readouterr().err


def test_health_can_say_whether_one_login_serves_for_everything(company: Company) -> None:
    answers = {}
    for url in (company.owner, company.app):
        engine = connect(url)
        with reading(engine) as db:
            answers[url] = (runs_as_application(db), may_become_owner(db))
        engine.dispose()

    assert answers == {company.owner: (True, True), company.app: (True, False)}
