"""Minutes that a program grants: under the cap of its key, with a line in the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.desk import audit
from ledger.errors import LedgerError
from ledger.minutes.balances import Lot, get_balance
from ledger.minutes.credits import grant_minutes

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.desk.keys import ApiKey

ROLE = "program"


class KeyGrantLimit(LedgerError):
    """This API key would exceed its limit of granted minutes for the day."""

    code = "key_grant_limit"


def grant_with_key(
    db: Connection, api_key: ApiKey, workspace_id: str, minutes: int, *, reason: str, key: str, at: datetime
) -> Lot:
    """Grant minutes with an API key. A repeat of `key` returns the lot as it was made.

    Raises KeyGrantLimit, and as `grant_minutes`.
    """
    actor, request_id = f"key:{api_key.key_id}", f"grant {workspace_id} {key}"
    granted: dict[str, Any] = {"minutes": minutes, "reason": reason, "key": key, "actor": actor, "at": at}
    audit.one_at_a_time(db, actor)
    if audit.recorded(db, request_id, "grant"):
        return grant_minutes(db, workspace_id, **granted)
    before = get_balance(db, workspace_id)
    lot = grant_minutes(db, workspace_id, **granted)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    given_minutes, _ = audit.granted_since(db, actor, midnight)
    if given_minutes + minutes > api_key.grant_minutes_per_day:
        raise KeyGrantLimit(
            f"It may grant {api_key.grant_minutes_per_day:,} minutes a day, and {given_minutes:,} are granted today."
        )
    audit.record(
        db,
        actor=actor,
        role=ROLE,
        action="grant",
        at=at,
        request_id=request_id,
        workspace_id=workspace_id,
        subject=f"lot {lot.lot_id}",
        minutes=minutes,
        before={"total_minutes": before.total_minutes},
        after={"total_minutes": get_balance(db, workspace_id).total_minutes},
        reason=reason,
    )
    return lot
