"""Billing start: the time from which paid periods give minutes to a workspace."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ledger.database import query
from ledger.minutes.workspaces import get_workspace
from ledger.validation import require_business_time

CLOCKS_APART = timedelta(minutes=5)
"""Allowed difference between Stripe's clock and ours."""

SIGNING_UP = timedelta(days=1)
"""A subscription may be this much older than its workspace, because one sign-up creates both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingStart:
    """The time from which paid periods count. `chosen`: set by a person; otherwise the start of the workspace decides.

    `opening`: whether the workspace started with an opening balance, which includes the current period.
    """

    starts_at: datetime
    chosen: bool = False
    opening: bool = False
    tolerance: timedelta = SIGNING_UP

    def before(self, begins: datetime | None, ends: datetime | None) -> str | None:
        """Return why a period credits no minutes, or None if it does."""
        if begins is None:
            return None
        when = f"{self.starts_at:%Y-%m-%d %H:%M} UTC"
        if self.chosen and begins < self.starts_at:
            return f"before billing began: it starts {when}"
        if self.chosen or begins >= self.starts_at - self.tolerance:
            return None
        if self.opening:
            return f"before billing began: the opening balance of {when} includes it"
        if ends is not None and ends <= self.starts_at:
            return f"before billing began: the workspace was created {when}"
        return None


def billing_start(db: Connection, workspace_id: str) -> BillingStart:
    """Return the billing start of a workspace. Raises `UnknownWorkspace`."""
    created_at = get_workspace(db, workspace_id).created_at
    row = db.execute(query("billing_start"), {"workspace_id": workspace_id}).one()
    if row.chosen_at is not None:
        return BillingStart(starts_at=row.chosen_at, chosen=True)
    if row.opening_at is not None:
        return BillingStart(starts_at=row.opening_at, opening=True, tolerance=CLOCKS_APART)
    return BillingStart(starts_at=created_at, opening=row.began_with_minutes)


def choose_billing_start(
    db: Connection, workspace_id: str, starts_at: datetime, *, actor: str, at: datetime
) -> None:
    """Set the billing start: paid periods from `starts_at` on give minutes; booked minutes stay.

    Raises `UnknownWorkspace`.
    """
    get_workspace(db, workspace_id)
    row = {
        "workspace_id": workspace_id,
        "starts_at": require_business_time(starts_at),
        "actor": actor,
        "at": require_business_time(at),
    }
    db.execute(query("choose_billing_start"), row)
