"""`api-key` on the command line: create, list, limit and revoke keys of programs, each with a line in the audit log."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ledger.database import writing
from ledger.desk.audit import record
from ledger.desk.keys import (
    GRANT_MINUTES_PER_DAY,
    MOST_GRANTED,
    MOST_REQUESTS,
    SCOPES,
    create_key,
    list_keys,
    revoke_key,
    set_request_limit,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

ACTOR = "command-line"
MOST_DAYS = 3650


def add_key_arguments(keys: argparse.ArgumentParser, number: Callable[..., Callable[[str], int]]) -> None:
    """Add the actions of `api-key` to its parser; `number(least, at_most=most)` makes the type of an argument."""
    actions = keys.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = "list the keys, without their secrets"
    actions.add_parser("list", help=listing, description=listing)
    ending = "revoke a key for good"
    actions.add_parser("revoke", help=ending, description=ending).add_argument(
        "key_id", help="its id, as `list` prints it"
    )
    limiting = "change how many requests a minute a key may make"
    limit = actions.add_parser("limit", help=limiting, description=limiting)
    limit.add_argument("key_id", help="its id, as `list` prints it")
    most = limit.add_mutually_exclusive_group(required=True)
    most.add_argument("--requests-per-minute", type=number(1, at_most=MOST_REQUESTS), help="its new limit")
    most.add_argument("--no-limit", action="store_true", help="remove the limit")
    making = "create a key and print it once; keep it on your servers, never in a browser"
    create = actions.add_parser("create", help=making, description=making)
    create.add_argument("--name", required=True, help="which program it is for")
    create.add_argument(
        "--scope", action="append", required=True, choices=SCOPES, help="what it may do; repeatable"
    )
    create.add_argument(
        "--requests-per-minute", type=number(1, at_most=MOST_REQUESTS), help="its limit; default: none"
    )
    create.add_argument(
        "--expires-days",
        type=number(1, at_most=MOST_DAYS),
        help="days until it stops working; default: never",
    )
    create.add_argument("--workspace", help="the only workspace it may read and write; default: all")
    create.add_argument(
        "--grant-minutes-per-day",
        type=number(0, at_most=MOST_GRANTED),
        default=GRANT_MINUTES_PER_DAY,
        help=f"most that it may grant in a UTC day; default: {GRANT_MINUTES_PER_DAY}",
    )


def manage_keys(engine: Engine, arguments: argparse.Namespace, now: datetime) -> int:
    """Create, list, limit or revoke keys, and return the exit status. A new key stands alone on the standard output."""
    with writing(engine) as db:
        if arguments.action == "list":
            sys.stdout.writelines(f"{each.line(now)}\n" for each in list_keys(db))
        elif arguments.action == "limit":
            print(_limit(db, arguments.key_id, arguments.requests_per_minute, now))
        elif arguments.action == "revoke":
            revoke_key(db, arguments.key_id, actor=ACTOR, at=now)
            _record(db, "revoke_key", arguments.key_id, now)
            print(f"{arguments.key_id} is revoked")
        else:
            print(_create(db, arguments, now))
    return 0


def _create(db: Connection, arguments: argparse.Namespace, now: datetime) -> str:
    days = arguments.expires_days
    options: dict[str, Any] = {
        "name": arguments.name,
        "scopes": tuple(arguments.scope),
        "requests_per_minute": arguments.requests_per_minute,
        "grant_minutes_per_day": arguments.grant_minutes_per_day,
        "workspace_id": arguments.workspace,
        "expires_at": now + timedelta(days=days) if days else None,
    }
    made = create_key(db, **options, actor=ACTOR, at=now)
    _record(db, "create_key", made.key_id, now, after=options)
    return made.text


def _limit(db: Connection, key_id: str, most: int | None, now: datetime) -> str:
    before = set_request_limit(db, key_id, most)
    after = {"requests_per_minute": most}
    _record(
        db, "limit_key", key_id, now, before={"requests_per_minute": before.requests_per_minute}, after=after
    )
    return f"{key_id} may make {most} requests a minute" if most else f"{key_id} has no limit"


def _record(
    db: Connection,
    action: str,
    key_id: str,
    now: datetime,
    **changed: Any,
) -> None:
    record(
        db,
        actor=ACTOR,
        role="admin",
        action=action,
        at=now,
        request_id=f"{action} {key_id} {now.isoformat()}",
        subject=key_id,
        **changed,
    )
