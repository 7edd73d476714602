"""Migrations, roles and the names that people call from psql."""

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DataError

import ledger
from ledger import database, migrations
from ledger.errors import MigrationChanged, TableInUse, error_for
from ledger.postgres.programs import binary
from tests.databases import as_owner, empty_database
from tests.stories import Story


def schema_of(engine: Engine) -> str:
    """Everything pg_dump says about a database's schema."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    dump = subprocess.run(
        [binary("pg_dump"), "--schema-only", url], check=True, capture_output=True, text=True
    ).stdout
    return "\n".join(line for line in dump.splitlines() if not line.startswith("\\"))


def test_a_fresh_install_and_a_migrated_one_are_the_same() -> None:
    with empty_database() as fresh_url, empty_database() as grown_url:
        fresh, grown = database.connect(fresh_url), database.connect(grown_url)
        migrations.migrate(fresh)
        for path in migrations.list_migrations():
            migrations.migrate(grown, through=path.name.split("_")[0])
        migrations.migrate(grown)

        assert schema_of(fresh) == schema_of(grown)


def test_a_filled_database_takes_the_next_migration_and_keeps_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with empty_database() as grown_url, empty_database() as fresh_url:
        grown, fresh = database.connect(grown_url), database.connect(fresh_url)
        migrations.migrate(grown)
        with ledger.writing(grown) as db:
            acme, beta = Story(db, workspace_id="acme"), Story(db, workspace_id="beta")
            acme.plan("starter")
            beta.gets(60)
            acme.uses(210)
            before = [ledger.get_balance(db, each) for each in ("acme", "beta")]
        shutil.copytree(database.SQL, tmp_path / "sql")
        (tmp_path / "sql" / "migrations" / "9999_next.sql").write_text(
            "ALTER TABLE plans ADD COLUMN note text NOT NULL DEFAULT '';\n\n-- grants\nGRANT UPDATE (note) ON plans TO ledger_app;\n"
        )
        (tmp_path / "sql" / "functions" / "next.sql").write_text(
            "CREATE OR REPLACE FUNCTION note_of(p_plan text) RETURNS text LANGUAGE sql STABLE\n"
            "AS $$ SELECT note FROM plans WHERE plan = p_plan $$;\n"
        )
        monkeypatch.setattr(migrations, "SQL", tmp_path / "sql")

        assert migrations.migrate(grown) == ["9999_next"]
        migrations.migrate(fresh)

        assert schema_of(grown) == schema_of(fresh)
        with ledger.writing(grown) as db:
            assert [ledger.get_balance(db, each) for each in ("acme", "beta")] == before
            assert ledger.verify(db) == []


def test_commits_wait_for_the_disk_unless_a_crash_may_take_them(engine: Engine) -> None:
    with engine.begin() as db, as_owner(db):
        db.execute(text(f"ALTER DATABASE {engine.url.database} SET synchronous_commit = on"))
    url = engine.url.render_as_string(hide_password=False)
    result = []

    for opened in (database.connect(url), database.connect(url, durable=False)):
        with opened.connect() as db:
            result.append(db.execute(text("SHOW synchronous_commit")).scalar_one())
        opened.dispose()

    assert result == ["on", "off"]


def test_no_connection_waits_for_a_lock_or_stays_idle_without_end(engine: Engine) -> None:
    with engine.connect() as db:
        limits = [
            db.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("lock_timeout", "idle_in_transaction_session_timeout")
        ]

    assert limits == ["10s", "10min"]


def test_a_second_migrate_changes_nothing(engine: Engine) -> None:
    assert migrations.migrate(engine) == []


def test_an_edited_migration_is_refused(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(database.SQL, tmp_path / "sql")
    edited = next((tmp_path / "sql" / "migrations").glob("0001_*.sql"))
    edited.write_text(edited.read_text() + "-- edited\n")
    monkeypatch.setattr(migrations, "SQL", tmp_path / "sql")

    with pytest.raises(MigrationChanged, match="0001_workspaces"):
        migrations.migrate(engine)


def test_an_error_of_the_database_repeats_nothing_that_was_written(engine: Engine) -> None:
    with pytest.raises(DataError) as failure, ledger.reading(engine) as db:
        db.execute(
            text("SELECT CAST(:minutes AS bigint), :email"), {"minutes": "", "email": "bo@acme.example"}
        )

    assert "bo@acme.example" not in str(failure.value)


@pytest.mark.parametrize("unstorable", ["\x00", "\ud800"])
def test_text_that_cannot_be_stored_has_a_name_wherever_it_is_handed_in(
    db: Connection, unstorable: str
) -> None:
    acme = Story(db)
    arguments = acme.workspace_id + unstorable

    with pytest.raises(ledger.InvalidText) as refused:
        ledger.get_balance(db, arguments)

    assert acme.workspace_id not in str(refused.value)
    assert acme.uses(5).unmet_minutes == 5, "the transaction goes on"


def test_the_names_of_the_documents_work_from_psql(engine: Engine) -> None:
    with ledger.writing(engine) as db:
        acme = Story(db, workspace_id="acme", now=datetime.now(UTC))  # no month is due
        acme.plan("starter")
        acme.buys("small")
        acme.uses(210)
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def psql(sql: str) -> str:
        command = [binary("psql"), "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", url, "-c", sql]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    assert (
        psql("SELECT allowed, plan_minutes, extra_minutes, using_extra FROM check_usage_limit('acme', 50)")
        == "t|0|50|t"
    )
    assert (
        psql("SELECT from_extra, extra_minutes, repeated FROM deduct_extra_minutes('acme', 20, 'k1')")
        == "20|30|f"
    )
    assert (
        psql("SELECT from_extra, extra_minutes, repeated FROM deduct_extra_minutes('acme', 20, 'k1')")
        == "20|30|t"
    )
    columns = "minutes_total, minutes_used, minutes_remaining, extra_minutes_remaining"
    assert psql(f"SELECT {columns} FROM workspace_minutes WHERE workspace_id = 'acme'").startswith("200|230|")
    assert psql("SELECT sum(minutes) FROM extra_minutes_usage WHERE workspace_id = 'acme'") == "30"
    assert psql("SELECT count(*) FROM extra_minutes_packages WHERE code = 'small'") != "0"
    assert psql("SELECT count(*) FROM extra_minutes_purchases WHERE workspace_id = 'acme'") == "1"
    psql("SELECT workspace_id, month, plan_minutes, extra_minutes, unmet_minutes FROM monthly_usage_cache")


def test_deduct_extra_minutes_leaves_plan_minutes_alone(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter", "annual")
    acme.gets(10)

    row = (
        db.execute(text("SELECT * FROM deduct_extra_minutes(:w, 25, 'k')"), {"w": acme.workspace_id})
        .mappings()
        .one()
    )

    assert (row["from_extra"], row["unmet_minutes"], row["plan_minutes"], row["extra_minutes"]) == (
        10,
        15,
        2400,
        0,
    )
    assert ledger.verify(db) == []


def test_deduct_extra_minutes_answers_as_a_use_does(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter", "annual")
    acme.gets(50)
    deduct = text("SELECT * FROM deduct_extra_minutes(:w, 45, 'k')")

    first, again = (dict(db.execute(deduct, {"w": acme.workspace_id}).mappings().one()) for _ in range(2))

    assert first == {
        "entry_no": 3, "from_plan": 0, "from_extra": 45, "unmet_minutes": 0, "plan_minutes": 2400, "extra_minutes": 5,
        "total_minutes": 2405, "percent_used": Decimal("1.8"), "thresholds": [], "repeated": False,
    }  # fmt: skip
    assert again == {**first, "repeated": True}
    assert str(first["percent_used"]) == "1.8"


@pytest.mark.parametrize(
    ("call", "refusal", "words"),
    [
        ("deduct_extra_minutes('nobody', 1, 'k')", ledger.UnknownWorkspace, "no such workspace"),
        ("deduct_extra_minutes(:w, 0, 'k')", ledger.InvalidMinutes, "from 1 to 1,000,000"),
        ("deduct_extra_minutes(:w, -1, 'k')", ledger.InvalidMinutes, "from 1 to 1,000,000"),
        ("deduct_extra_minutes(:w, 1000001, 'k')", ledger.InvalidMinutes, "from 1 to 1,000,000"),
        ("deduct_extra_minutes(:w, NULL, 'k')", ledger.InvalidMinutes, "from 1 to 1,000,000"),
        ("deduct_extra_minutes(:w, 1, '')", ledger.InvalidKey, "1 to 255 characters"),
        ("deduct_extra_minutes(:w, 1, NULL)", ledger.InvalidKey, "1 to 255 characters"),
        ("deduct_extra_minutes(:w, 1, repeat('k', 256))", ledger.InvalidKey, "1 to 255 characters"),
        ("deduct_extra_minutes(:w, 7, 'used')", ledger.KeyReused, "already used with different parameters"),
        ("check_usage_limit(:w, 0)", ledger.InvalidMinutes, "from 1 to 1,000,000"),
        ("check_usage_limit(:w, NULL)", ledger.InvalidMinutes, "from 1 to 1,000,000"),
    ],
)
def test_the_functions_for_psql_refuse_by_name_and_in_words(
    db: Connection, call: str, refusal: type[ledger.LedgerError], words: str
) -> None:
    acme = Story(db)
    acme.gets(50)
    acme.uses(5, key="used")

    with pytest.raises(refusal) as caught, db.begin_nested():
        db.execute(text(f"SELECT * FROM {call}"), {"w": acme.workspace_id} if ":w" in call else {})

    assert words in str(caught.value.__cause__)


def test_every_sqlstate_of_our_own_has_an_error() -> None:
    assert error_for("LG404", "x").__class__ is ledger.UnknownWorkspace
    assert error_for("23505", "x") is None


def next_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the product have one more migration, of a table that everybody reads."""
    shutil.copytree(database.SQL, tmp_path / "sql")
    (tmp_path / "sql" / "migrations" / "9999_next.sql").write_text(
        "ALTER TABLE plans ADD COLUMN note text;\n"
    )
    monkeypatch.setattr(migrations, "SQL", tmp_path / "sql")


def test_a_migration_waits_for_a_table_in_short_turns_and_others_are_served_between_them(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    next_migration(tmp_path, monkeypatch)
    longest = 0.0
    with ThreadPoolExecutor(1) as thread, engine.connect() as reader:
        reader.execute(text("SELECT * FROM plans"))  # holds a lock that the migration has to wait for
        migrated = thread.submit(migrations.migrate, engine)
        until = monotonic() + 5.5
        while monotonic() < until:
            began = monotonic()
            with ledger.reading(engine) as db:
                db.execute(text("SELECT * FROM plans"))
            longest = max(longest, monotonic() - began)
            sleep(0.05)
        reader.rollback()

    assert migrated.result() == ["9999_next"]
    assert longest < 5, "four seconds behind the migration, then it steps back"


def test_a_migration_that_never_gets_its_table_gives_up_with_nothing_half_done(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    next_migration(tmp_path, monkeypatch)
    monkeypatch.setattr(migrations, "_PAUSES_SECONDS", (0,))
    with engine.connect() as reader:
        reader.execute(text("SELECT * FROM plans"))
        with pytest.raises(TableInUse, match="Run it again"):
            migrations.migrate(engine)

    assert migrations.migrate(engine) == ["9999_next"]
