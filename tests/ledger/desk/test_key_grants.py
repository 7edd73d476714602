"""Grants of programs: counted for the key, by the UTC day of their time."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

import ledger
from ledger.desk import audit, keys
from ledger.desk.key_grants import KeyGrantLimit, grant_with_key
from tests.stories import Story


@pytest.fixture
def key(db: Connection, now: datetime) -> keys.ApiKey:
    """A key that may grant 100 minutes a day."""
    made = keys.create_key(
        db, name="k", scopes=("workspaces:write",), actor="ada", at=now, grant_minutes_per_day=100
    )
    result = keys.find_key(db, made.key_id)
    assert result
    return result


def test_the_cap_begins_anew_at_midnight(db: Connection, key: keys.ApiKey) -> None:
    acme = Story(db)
    midnight = (acme.now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)

    def grants(minutes: int, name: str, at: datetime) -> None:
        grant_with_key(db, key, acme.workspace_id, minutes, reason="r", key=name, at=at)

    grants(100, "a", midnight - timedelta(seconds=1))
    grants(100, "b", midnight)
    with pytest.raises(KeyGrantLimit), db.begin_nested():
        grants(1, "c", midnight + timedelta(hours=23))

    assert acme.balance == (0, 200)


def test_two_keys_have_a_cap_each_and_the_line_says_before_and_after(
    db: Connection, key: keys.ApiKey, now: datetime
) -> None:
    acme = Story(db)
    second = keys.create_key(db, name="k2", scopes=("workspaces:write",), actor="ada", at=now)
    for number, key_id in enumerate((key.key_id, second.key_id)):
        each = keys.find_key(db, key_id)
        assert each
        grant_with_key(db, each, acme.workspace_id, 100, reason="r", key=str(number), at=acme.now)

    lines = [line for line in audit.list_lines(db, workspace_id=acme.workspace_id) if line.action == "grant"]
    assert [(line.before["total_minutes"], line.after["total_minutes"]) for line in lines] == [
        (100, 200),
        (0, 100),
    ]
    assert ledger.get_balance(db, acme.workspace_id).total_minutes == 200
