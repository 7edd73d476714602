"""Other programs read facts through a role that sees nothing else."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

import ledger
from tests import mini_ledger

VIEWS = ("workspaces", "limit_hits", "purchases", "uses_by_day", "balances_by_day")


@pytest.fixture
def reader(db: Connection) -> Iterator[Connection]:
    """The connection after the mini ledger's story, as the role ledger_reader."""
    mini_ledger.live_through(db)
    db.execute(text("RESET ROLE"))
    db.execute(text("SET ROLE ledger_reader"))
    yield db
    db.execute(text("RESET ROLE"))


def test_every_view_has_rows_and_every_view_is_documented(reader: Connection) -> None:
    for view in VIEWS:
        assert reader.execute(text(f"SELECT count(*) FROM facts.{view}")).scalar_one() > 1, view
        assert reader.execute(text(f"SELECT obj_description('facts.{view}'::regclass)")).scalar_one(), view


@pytest.mark.parametrize("table", ["workspaces", "entries", "extra_minutes_purchases", "staff"])
def test_the_reader_sees_no_table(reader: Connection, table: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), reader.begin_nested():
        reader.execute(text(f"SELECT * FROM {table} LIMIT 1"))


def test_no_view_shows_names_or_addresses(reader: Connection) -> None:
    columns = reader.execute(
        text(
            "SELECT attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'facts'::regnamespace"
        )
    ).scalars()
    assert not {"name", "owner_email", "actor", "email"} & set(columns)


def test_days_add_up_to_the_statement(db: Connection, now) -> None:
    for workspace_id in ("one", "two"):
        ledger.create_workspace(db, workspace_id, name="N", owner_email="o@example.com", actor="t", at=now)
        ledger.grant_minutes(db, workspace_id, 100, reason="r", key="g", actor="t", at=now)
    for number, minutes in enumerate((30, 20, 70)):
        ledger.track_minutes(db, "one", minutes, key=f"u{number}", at=now + timedelta(hours=13 * number))
    db.execute(text("RESET ROLE"))
    days = db.execute(
        text(
            "SELECT uses, minutes, extra_minutes, unmet_minutes FROM facts.uses_by_day WHERE workspace_id = 'one' ORDER BY day"
        )
    )
    assert [tuple(row) for row in days] == [(2, 50, 50, 0), (1, 70, 50, 20)]
    left = db.execute(
        text(
            "SELECT workspace_id, extra_minutes FROM facts.balances_by_day WHERE workspace_id IN ('one', 'two') ORDER BY 1, day"
        )
    )
    assert [tuple(row) for row in left] == [("one", 50), ("one", 0), ("two", 100)]
    hit = db.execute(
        text("SELECT unmet_minutes, is_first, plan FROM facts.limit_hits WHERE workspace_id = 'one'")
    ).one()
    assert tuple(hit) == (20, True, "none")
