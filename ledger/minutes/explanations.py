"""Explain a balance: where the minutes of each lot went, and the events of a workspace."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from ledger.database import query
from ledger.errors import UnknownWorkspace
from ledger.validation import require_aware


@dataclass(frozen=True, kw_only=True)
class LotStory:
    """One lot by a moment: credited - used - refunded - disputed - voided + restored = remaining minutes.

    The purchase fields are None for plan minutes and grants.
    """

    lot_id: int
    kind: str
    acquired_at: datetime
    minutes: int
    used: int
    refunded: int
    disputed: int
    voided: int
    restored: int
    first_use_at: datetime | None
    last_use_at: datetime | None
    credited_by: str
    reason: str | None
    actor: str
    purchase_id: str | None
    package_name: str | None
    amount_cents: int | None
    currency: str | None
    status: str | None
    payment_intent: str | None
    receipt_number: str | None
    receipt_url: str | None

    @property
    def remaining(self) -> int:
        """Minutes left in the lot. Negative where a late use, as of a past moment, drew on a later credit."""
        return self.minutes - self.used - self.refunded - self.disputed - self.voided + self.restored


@dataclass(frozen=True, kw_only=True)
class UsageDay:
    """Minutes used on one day by pool, unmet minutes, and the number of uses."""

    day: date
    plan_minutes: int
    extra_minutes: int
    unmet_minutes: int
    uses: int


@dataclass(frozen=True, kw_only=True)
class CurrentHit:
    """The limit a workspace has reached since its last credit, and the minutes it could not use since then."""

    at: datetime
    unmet_minutes: int


@dataclass(frozen=True, kw_only=True)
class UsageAlert:
    """A threshold or limit that was reached, and whether its alert was delivered."""

    epoch: int
    kind: str
    entry_no: int
    at: datetime
    unmet_minutes: int
    delivery: str
    attempts: int
    delivered_at: datetime | None
    last_error: str | None


@dataclass(frozen=True, kw_only=True)
class PaymentEvent:
    """One Stripe event of this customer and its result, without its payload."""

    event_id: str
    type: str
    object_id: str | None
    received_at: datetime
    status: str
    effect: str | None
    error: str | None


def explain_lots(db: Connection, workspace_id: str, *, at: datetime) -> list[LotStory]:
    """Return every lot credited by `at`, in the order of use, with where its minutes went by then.

    Business time: late uses count when they happened. The sum of `remaining` is the balance as of `at`.
    """
    rows = db.execute(query("explain_lots"), {"workspace_id": workspace_id, "at": require_aware(at)})
    return [LotStory(**row) for row in rows.mappings()]


def usage_days(
    db: Connection, workspace_id: str, *, since: datetime, until: datetime, zone: str
) -> list[UsageDay]:
    """Return the use of one workspace by day of the time zone `zone`, since <= at < until, without days of no use."""
    bind = {
        "workspace_id": workspace_id,
        "since": require_aware(since),
        "until": require_aware(until),
        "zone": zone,
    }
    return [UsageDay(**row) for row in db.execute(query("usage_days"), bind).mappings()]


def current_hit(db: Connection, workspace_id: str, *, epoch: int) -> CurrentHit | None:
    """Return the limit hit of an epoch of the gauge; None where the workspace still has minutes."""
    row = db.execute(query("current_hit"), {"workspace_id": workspace_id, "epoch": epoch}).mappings().first()
    return CurrentHit(**row) if row else None


def list_usage_alerts(db: Connection, workspace_id: str, *, limit: int = 100) -> list[UsageAlert]:
    """Return the thresholds and limits that a workspace reached, newest first."""
    rows = db.execute(query("workspace_usage_alerts"), {"workspace_id": workspace_id, "limit": limit})
    return [UsageAlert(**row) for row in rows.mappings()]


def list_payment_events(db: Connection, workspace_id: str, *, limit: int = 50) -> list[PaymentEvent]:
    """Return the Stripe events of one customer, newest first."""
    rows = db.execute(query("workspace_events"), {"workspace_id": workspace_id, "limit": limit})
    return [PaymentEvent(**row) for row in rows.mappings()]


def minutes_used_by(db: Connection, workspace_id: str, at: datetime) -> int:
    """Return all minutes consumed by a business time, without reading lots. Raises UnknownWorkspace."""
    binds = {"workspace_id": workspace_id, "at": require_aware(at), "booked_at": None}
    row = db.execute(query("balance_as_of"), binds).one_or_none()
    if row is None:
        raise UnknownWorkspace(workspace_id)
    return int(row.minutes_used)
