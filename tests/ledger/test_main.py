"""The commands of operators: most run in this process; signals, and the way in, need one of their own."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

import ledger
from ledger.desk.keys import find_key, split_key
from ledger.desk.staff import list_staff
from tests.commands import HEARS_HANGUPS, PATIENCE_SECONDS, run, run_process, started, url_of_engine
from tests.databases import empty_database


@pytest.fixture
def url(engine: Engine) -> str:
    """A migrated database of this test's own."""
    return url_of_engine(engine)


def sign_up(engine: Engine, workspace_id: str, at: datetime) -> None:
    """A workspace with a monthly plan."""
    with ledger.writing(engine) as db:
        ledger.create_workspace(db, workspace_id, name="A", owner_email="a@example.com", actor="t", at=at)
        ledger.update_plan_allocation(db, workspace_id, "starter", "monthly", key="k", actor="t", at=at)


def test_a_wrong_word_ends_the_process_and_nothing_else_happens() -> None:
    output = run_process(
        "api-key", "create", "--name", "robot", "--scope", "everything", DATA_DIR="/proc/nowhere"
    )

    assert (output.returncode, output.stdout) == (2, "")
    assert "--scope" in output.stderr
    assert "Traceback" not in output.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://root:secret@localhost/minutes"),
        ("REPORT_TIMEZONE", "Mars/Olympus"),
        ("STRIPE_API_KEY", "secret"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(name: str, value: str) -> None:
    output = run("verify", **{name: value}) if name != "DATABASE_URL" else run("verify", database_url=value)

    assert output.returncode == 2
    assert output.stderr.count("\n") == 1
    assert name in output.stderr
    assert "secret" not in output.stderr


def test_a_database_that_does_not_answer_is_one_line() -> None:
    output = run("verify", database_url="postgresql://nobody@127.0.0.1:1/nothing")

    assert output.returncode == 2
    assert output.stderr.count("\n") == 1
    assert "does not answer" in output.stderr


def test_a_folder_that_cannot_be_made_is_one_line() -> None:
    output = run("verify", database_url="", DATA_DIR="/proc/minutes/data")

    assert output.returncode == 2
    assert output.stderr.count("\n") == 1
    assert "DATA_DIR cannot be used" in output.stderr
    assert "/proc/minutes" in output.stderr


def test_a_database_of_another_version_is_one_line() -> None:
    with empty_database() as url:
        output = run("verify", database_url=url)

    assert output.returncode == 2
    assert output.stderr.count("\n") == 1
    assert "python -m ledger migrate" in output.stderr


def test_migrate_says_what_it_did_and_then_that_nothing_is_left() -> None:
    with empty_database() as url:
        first, second = (run_process("migrate", database_url=url) for _ in range(2))

    assert first.returncode == second.returncode == 0
    assert "migrated: 0001_workspaces" in first.stdout
    assert second.stdout == "nothing to migrate\n"


def test_an_api_key_is_printed_alone(engine: Engine, url: str) -> None:
    output = run(
        "api-key",
        "create",
        "--name",
        "robot",
        "--scope",
        "usage:write",
        "--scope",
        "balance:read",
        database_url=url,
    )

    key_id, secret = split_key(output.stdout.strip()) or ("", "")
    with ledger.reading(engine) as db:
        key = find_key(db, key_id)
    assert output.returncode == 0
    assert output.stdout.count("\n") == 1
    assert key is not None
    assert key.opens_with(secret)
    assert (key.name, set(key.scopes)) == ("robot", {"usage:write", "balance:read"})


def test_staff_are_let_in_under_a_role(engine: Engine, url: str) -> None:
    output = run("staff", "add", "Ann@Example.com", "--role", "support", database_url=url)

    with ledger.reading(engine) as db:
        people = [(person.email, person.role) for person in list_staff(db)]
    assert output.returncode == 0
    assert people == [("ann@example.com", "support")]


def test_a_refusal_is_one_line(url: str) -> None:
    output = run("staff", "add", "nobody", "--role", "support", database_url=url)

    assert output.returncode == 2
    assert output.stderr.count("\n") == 1
    assert output.stderr.startswith("unknown_staff: ")


def test_verify_of_a_right_ledger_is_quiet(engine: Engine, url: str) -> None:
    sign_up(engine, "acme", datetime(2026, 1, 1, tzinfo=UTC))

    output, as_json = run("verify", database_url=url), run("verify", "--json", database_url=url)

    assert (output.returncode, output.stdout.splitlines()[-1]) == (0, "0 findings")
    assert (as_json.returncode, json.loads(as_json.stdout)) == (0, [])


def test_verify_of_a_wrong_ledger_lists_what_is_off_and_fails(engine: Engine, url: str) -> None:
    sign_up(engine, "acme", datetime(2026, 1, 1, tzinfo=UTC))
    with administration_of(engine) as db:
        db.execute(text("UPDATE stored_lots SET drawn = 5 WHERE workspace_id = 'acme'"))

    output, as_json = run("verify", database_url=url), run("verify", "--json", database_url=url)

    assert output.returncode == as_json.returncode == 1
    assert "acme" in output.stdout
    assert {finding["workspace_id"] for finding in json.loads(as_json.stdout)} == {"acme"}


@contextmanager
def administration_of(engine: Engine) -> Iterator[object]:
    """The owner, who may change what the application may not."""
    with engine.begin() as db:
        db.execute(text("RESET ROLE"))
        yield db


def test_monthly_minutes_that_are_due_are_booked(engine: Engine, url: str) -> None:
    sign_up(engine, "acme", datetime(2026, 1, 1, tzinfo=UTC))
    overdue = run("verify", "--overdue", database_url=url)

    output, again = run("reset-due", database_url=url), run("reset-due", database_url=url)

    assert overdue.returncode == 1
    assert output.stdout == "workspaces with monthly minutes booked: 1\n"
    assert again.stdout == "workspaces with monthly minutes booked: 0\n"
    assert run("verify", "--overdue", database_url=url).returncode == 0


def test_a_full_disk_is_one_line_that_says_what_to_do(engine: Engine, url: str) -> None:
    sign_up(engine, "acme", datetime(2026, 1, 1, tzinfo=UTC))
    with administration_of(engine) as db:
        db.execute(
            text("CREATE FUNCTION room() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE disk_full; END'")
        )
        db.execute(text("ALTER TABLE entries ADD CONSTRAINT there_is_room CHECK (room()) NOT VALID"))

    output = run("reset-due", database_url=url)

    assert (output.returncode, output.stdout) == (2, "")
    assert (
        output.stderr
        == "The disk of the database is full: free some space and give the same command again.\n"
    )


def test_one_pass_of_the_worker_ends_by_itself(engine: Engine, url: str) -> None:
    sign_up(engine, "acme", datetime(2026, 1, 1, tzinfo=UTC))

    output = run("work", "--once", database_url=url)

    assert output.returncode == 0, output.stderr
    assert run("verify", "--overdue", database_url=url).returncode == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_worker_stops_cleanly_on_a_signal(url: str, how: signal.Signals) -> None:
    with started("work", database_url=url, through=HEARS_HANGUPS) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "working, until stopped\n"

        worker.send_signal(how)

        assert worker.wait(timeout=PATIENCE_SECONDS) == 0


def test_sums_behind_the_screens_are_brought_up_to_now(engine: Engine, url: str) -> None:
    sign_up(engine, "acme", datetime(2026, 1, 1, tzinfo=UTC))

    output = run("rollup", database_url=url)

    assert (output.returncode, output.stdout) == (0, "workspaces rolled up: 1\n")


def test_stripe_and_ledger_are_compared(url: str) -> None:
    output = run("reconcile", "--days", "3", database_url=url)

    assert output.returncode == 0
    assert (
        output.stdout
        == "sandbox: 0 payments, 0 purchases and 0 invoices compared, 0 differences, 0 repaired\n"
    )


def test_keys_are_listed_and_revoked_and_a_limit_is_set_by_command(url: str) -> None:
    create = ("api-key", "create", "--name", "robot", "--scope", "usage:write", "--requests-per-minute", "60")
    made = run(*create, database_url=url).stdout.strip()
    key_id, secret = split_key(made) or ("", "")

    listed = run("api-key", "list", database_url=url).stdout
    revoked = run("api-key", "revoke", key_id, database_url=url)
    after = run("api-key", "list", database_url=url).stdout
    unknown = run("api-key", "revoke", "0123456789ab", database_url=url)

    assert listed == f"{key_id}\tactive\trobot\tusage:write\t60 a minute\tall workspaces\tnever expires\n"
    assert secret not in listed
    assert revoked.returncode == 0
    assert after.startswith(f"{key_id}\trevoked\t")
    assert unknown.returncode != 0
