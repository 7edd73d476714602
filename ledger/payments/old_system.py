"""Balances of the old system: read from a file, stored, and compared with the ledger."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ledger.database import query
from ledger.minutes.balances import get_balance
from ledger.payments.csv_lists import read_csv
from ledger.payments.errors import InvalidBalances

COLUMNS = ("workspace_id", "minutes")
MINUTES_AT_MOST = 10**12


def read_balances(text: str) -> dict[str, int]:
    """Return the minutes of each workspace in a CSV with the header workspace_id, minutes.

    Raises `InvalidBalances`, which names the first wrong line, because a partial list would hide differences.
    """
    header, lines = read_csv(text)
    if sorted(header) != sorted(COLUMNS):
        raise InvalidBalances(f"The header must be workspace_id, minutes. It is: {', '.join(header)}.")
    balances: dict[str, int] = {}
    for number, cells, has_surplus in lines:
        workspace_id, minutes = cells["workspace_id"], cells["minutes"].replace(",", "")
        if has_surplus:  # `acme, 1,000` without quotes is not one minute
            raise InvalidBalances(f"Line {number} has more cells than the header names.")
        if not workspace_id or workspace_id in balances:
            problem = "repeats a workspace" if workspace_id else "has no workspace"
            raise InvalidBalances(f"Line {number} {problem}.")
        if not (minutes.isascii() and minutes.isdigit()) or int(minutes) > MINUTES_AT_MOST:
            raise InvalidBalances(f"Line {number}: {minutes[:40]!r} is not a number of minutes.")
        balances[workspace_id] = int(minutes)
    return balances


def save_old_balances(db: Connection, minutes: Mapping[str, int], *, actor: str, at: datetime) -> None:
    """Store the balances of the old system for the comparison."""
    rows = [
        {"workspace_id": each, "minutes": value, "actor": actor, "at": at} for each, value in minutes.items()
    ]
    if rows:
        db.execute(query("save_old_balance"), rows)


def old_balances(db: Connection) -> Iterator[dict[str, Any]]:
    """Yield each stored balance with ours; `cause` names a difference."""
    for row in db.execute(query("old_balances")):
        ours = get_balance(db, row.workspace_id).total_minutes if row.known else 0
        cause = (
            ""
            if ours == row.minutes
            else "the old system says otherwise"
            if row.known
            else "no such workspace"
        )
        yield {
            "workspace_id": row.workspace_id,
            "old_minutes": row.minutes,
            "our_minutes": ours,
            "difference": ours - row.minutes,
            "cause": cause,
        }
