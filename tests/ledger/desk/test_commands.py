"""`api-key`: what it prints and what it leaves in the audit log."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from ledger.database import reading
from ledger.desk import audit, keys
from ledger.desk.commands import add_key_arguments, manage_keys

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def read(*words: str) -> Namespace:
    parser = ArgumentParser()
    add_key_arguments(parser, lambda least, *, at_most: int)  # noqa: ARG005
    return parser.parse_args(words)


def test_a_key_is_created_with_its_limits_listed_limited_anew_and_revoked(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    limits = ("--requests-per-minute", "60", "--expires-days", "90", "--grant-minutes-per-day", "5")

    manage_keys(engine, read("create", "--name", "robot", "--scope", "usage:write", *limits), NOW)
    parts = keys.split_key(capsys.readouterr().out.strip())
    assert parts
    manage_keys(engine, read("list"), NOW + timedelta(days=90))
    listed = capsys.readouterr().out
    manage_keys(engine, read("limit", parts[0], "--requests-per-minute", "600"), NOW)
    manage_keys(engine, read("limit", parts[0], "--no-limit"), NOW + timedelta(days=1))
    limited = capsys.readouterr().out
    manage_keys(engine, read("revoke", parts[0]), NOW)

    assert limited == f"{parts[0]} may make 600 requests a minute\n{parts[0]} has no limit\n"
    assert listed == (
        f"{parts[0]}\texpired\trobot\tusage:write\t60 a minute\tall workspaces\texpires 2026-05-30 00:00 UTC\n"
    )
    with reading(engine) as db:
        key, lines = keys.find_key(db, parts[0]), audit.list_lines(db)
    assert key
    assert (key.grant_minutes_per_day, key.revoked_by) == (5, "command-line")
    assert [(line.action, line.actor, line.subject) for line in lines] == [
        ("revoke_key", "command-line", parts[0]),
        ("limit_key", "command-line", parts[0]),
        ("limit_key", "command-line", parts[0]),
        ("create_key", "command-line", parts[0]),
    ]
    assert [(line.before, line.after) for line in lines[1:3]] == [
        ({"requests_per_minute": 600}, {"requests_per_minute": None}),
        ({"requests_per_minute": 60}, {"requests_per_minute": 600}),
    ]
    assert parts[1] not in str(lines)
