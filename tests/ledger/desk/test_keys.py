"""Keys of programs."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, text

from ledger.desk import keys
from ledger.errors import InvalidText, UnknownWorkspace


def make(db: Connection, now: datetime, **changes: object) -> tuple[keys.ApiKey, str]:
    """A key and its secret."""
    arguments = {"name": "front end", "scopes": ("usage:write",), "actor": "ada", "at": now} | changes
    made = keys.create_key(db, **arguments)
    key_id, secret = keys.split_key(made.text)
    return keys.find_key(db, key_id), secret


def test_a_key_opens_with_its_own_secret_only(db: Connection, now: datetime) -> None:
    key, secret = make(db, now)
    _, other = make(db, now)

    assert key.opens_with(secret)
    assert not key.opens_with(other)
    assert (key.name, key.scopes, key.created_by, key.created_at) == (
        "front end",
        ("usage:write",),
        "ada",
        now,
    )


def test_the_secret_is_stored_nowhere(db: Connection, now: datetime) -> None:
    _, secret = make(db, now)

    rows = db.execute(text("SELECT to_jsonb(k)::text FROM api_keys k")).scalars().all()

    assert rows
    assert not [row for row in rows if secret in row]
    assert secret not in repr(keys.create_key(db, name="x", scopes=("usage:write",), actor="ada", at=now))


def test_a_revoked_key_opens_nothing_and_keeps_its_first_revocation(db: Connection, now: datetime) -> None:
    key, secret = make(db, now)

    keys.revoke_key(db, key.key_id, actor="ada", at=now)
    keys.revoke_key(db, key.key_id, actor="bob", at=now + timedelta(days=1))

    revoked = keys.find_key(db, key.key_id)
    assert not revoked.opens_with(secret)
    assert (revoked.revoked_by, revoked.revoked_at) == ("ada", now)


def test_an_unknown_key_can_be_neither_revoked_nor_limited(db: Connection, now: datetime) -> None:
    revoked, _ = make(db, now)
    keys.revoke_key(db, revoked.key_id, actor="ada", at=now)

    with pytest.raises(keys.UnknownKey):
        keys.revoke_key(db, "000000000000", actor="ada", at=now)
    for key_id in ("000000000000", revoked.key_id):
        with pytest.raises(keys.UnknownKey):
            keys.set_request_limit(db, key_id, 60)
    assert keys.find_key(db, revoked.key_id).requests_per_minute is None


def test_the_limit_of_a_key_is_changed_and_removed_and_no_other_key_is_touched(
    db: Connection, now: datetime
) -> None:
    key, other = (make(db, now, requests_per_minute=2)[0] for _ in range(2))

    before = [keys.set_request_limit(db, key.key_id, most).requests_per_minute for most in (600, None)]

    assert before == [2, 600]
    assert [keys.find_key(db, each.key_id).requests_per_minute for each in (key, other)] == [None, 2]
    for most in (0, keys.MOST_REQUESTS + 1):
        with pytest.raises(keys.InvalidLimit):
            keys.set_request_limit(db, other.key_id, most)


@pytest.mark.parametrize("sent", ["", "minutes_", "minutes_00_x", "sk_test_1", "minutes_" + "0" * 12 + "_ü"])
def test_what_does_not_look_like_a_key_is_none(sent: str) -> None:
    assert keys.split_key(sent) is None


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "\ud800", "x" * 101])
def test_a_key_needs_a_name_of_one_line(db: Connection, now: datetime, name: str) -> None:
    with pytest.raises(InvalidText):
        make(db, now, name=name)


@pytest.mark.parametrize("scopes", [(), ("everything",), ("usage:write", "nonsense")])
def test_a_key_needs_known_scopes(db: Connection, now: datetime, scopes: tuple[str, ...]) -> None:
    with pytest.raises(keys.UnknownScope):
        make(db, now, scopes=scopes)


def test_a_key_with_a_limit_is_refused_beyond_it_until_the_next_minute(db: Connection, now: datetime) -> None:
    key, _ = make(db, now, requests_per_minute=2)
    times = [now + timedelta(seconds=seconds) for seconds in (50, 51, 52.5, 60, 61, 62)]

    windows = [keys.count_request(db, key, at=at) for at in times]

    assert [each and each.refused for each in windows] == [False, False, True, False, False, True]
    assert [each and each.remaining for each in windows] == [1, 0, 0, 1, 0, 0]
    assert [each and each.seconds_left for each in windows] == [11, 10, 8, 61, 60, 59]


def test_a_key_without_a_limit_is_never_counted(db: Connection, now: datetime) -> None:
    key, _ = make(db, now)

    windows = {keys.count_request(db, key, at=now) for _ in range(3)}

    assert windows == {None}
    assert db.execute(text("SELECT count(*) FROM api_key_windows")).scalar_one() == 0


def test_a_limit_of_no_request_at_all_is_refused(db: Connection, now: datetime) -> None:
    with pytest.raises(keys.InvalidLimit):
        make(db, now, requests_per_minute=0)


def test_the_last_use_never_moves_backwards(db: Connection, now: datetime) -> None:
    key, _ = make(db, now)

    keys.note_use(db, key.key_id, at=now)
    keys.note_use(db, key.key_id, at=now - timedelta(hours=1))

    assert keys.find_key(db, key.key_id).last_used_at == now


def test_keys_are_listed_without_hashes_the_revoked_ones_last(db: Connection, now: datetime) -> None:
    first, _ = make(db, now, name="first")
    make(db, now + timedelta(minutes=1), name="second")
    keys.revoke_key(db, first.key_id, actor="ada", at=now)

    listed = keys.list_keys(db)

    assert [key.name for key in listed] == ["second", "first"]
    assert {key.secret_hash for key in listed} == {b""}


def test_a_key_expires_at_its_time_and_a_revoked_one_is_revoked(db: Connection, now: datetime) -> None:
    end = now + timedelta(days=1)
    key, _ = make(db, now, expires_at=end)
    keys.revoke_key(db, make(db, now)[0].key_id, actor="ada", at=now)

    revoked = next(each for each in keys.list_keys(db) if each.revoked_at)
    assert [key.state_at(at) for at in (end - timedelta(microseconds=1), end)] == ["active", "expired"]
    assert revoked.state_at(now) == "revoked"
    assert make(db, now)[0].state_at(end) == "active"


@pytest.mark.parametrize("change", [{"days": 0}, {"days": -1}, {"cap": -1}, {"cap": 1_000_001}])
def test_a_key_that_expires_at_once_or_has_no_possible_cap_is_refused(
    db: Connection, now: datetime, change: dict
) -> None:
    wanted = {"expires_at": now + timedelta(days=change["days"])} if "days" in change else {}
    wanted |= {"grant_minutes_per_day": change["cap"]} if "cap" in change else {}

    with pytest.raises(keys.InvalidLimit):
        make(db, now, **wanted)


def test_a_key_for_one_workspace_needs_that_workspace(db: Connection, now: datetime) -> None:
    with pytest.raises(UnknownWorkspace):
        make(db, now, workspace_id="nobody")
