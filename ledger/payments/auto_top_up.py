"""Auto top-up settings: the package that a workspace buys automatically, its trigger, and its monthly limit."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ledger.database import query
from ledger.errors import UnknownPackage, UnknownWorkspace
from ledger.money import amount_text
from ledger.payments.catalogue import list_packages
from ledger.payments.errors import InvalidTopUp
from ledger.payments.purchases import source_of
from ledger.validation import require_business_time, require_text

TRIGGERS = (80, 90, 100)
CENTS_A_MONTH = range(1, 100_000_000)
NO_CARD = "No saved card, so nothing can be charged. The customer saves one with a purchase or in billing."
"""Why a top-up waits that has no card to charge; it resumes by itself once one is saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoTopUp:
    """Auto top-up of one workspace. `trigger`: percent used; the limit is in cents per calendar month, UTC."""

    workspace_id: str
    package: str
    trigger: int
    monthly_limit_cents: int
    enabled: bool
    declines: int
    paused_reason: str | None
    changed_at: datetime
    changed_by: str

    @property
    def state(self) -> str:
        """Return off, ready, needs_card or paused."""
        if not self.enabled:
            return "off"
        if self.paused_reason == NO_CARD:
            return "needs_card"
        return "paused" if self.paused_reason else "ready"


def get_auto_top_up(db: Connection, workspace_id: str) -> AutoTopUp | None:
    """Return the settings of a workspace, or None if it has none. Raise UnknownWorkspace."""
    row = db.execute(query("auto_top_up"), {"workspace_id": workspace_id}).mappings().one_or_none()
    if row is None:
        raise UnknownWorkspace(workspace_id)
    return None if row["package"] is None else AutoTopUp(**row)


def set_auto_top_up(
    db: Connection,
    workspace_id: str,
    *,
    package: str,
    trigger: int,
    monthly_limit_cents: int,
    enabled: bool,
    card_saved: bool = True,
    actor: str,
    at: datetime,
) -> AutoTopUp:
    """Save the settings of a workspace; saving clears a pause. A repeat changes nothing.

    `card_saved`: whether there is a card to charge (`has_saved_card`); without one the top-up waits for it.

    Raise UnknownWorkspace, UnknownPackage, InvalidTopUp (another trigger, or a limit below one package).
    """
    at = require_business_time(at)
    require_text(actor, "actor")
    source_of(db, workspace_id)
    if trigger not in TRIGGERS or monthly_limit_cents not in CENTS_A_MONTH:
        raise InvalidTopUp("The trigger must be 80, 90 or 100, and the monthly limit above 0.")
    _require_affordable(db, workspace_id, package, monthly_limit_cents if enabled else None, at)
    known = lock_auto_top_up(db, workspace_id)
    wanted = {
        "package": package,
        "trigger": trigger,
        "monthly_limit_cents": monthly_limit_cents,
        "enabled": enabled,
    }
    waits = None if card_saved or not enabled else NO_CARD
    if known is None or known.paused_reason != waits or wanted != _values(known):
        _save(db, workspace_id, wanted, paused_reason=waits, actor=actor, at=at)
    saved = get_auto_top_up(db, workspace_id)
    assert saved is not None  # noqa: S101  written above
    return saved


def resume_with_card(db: Connection, workspace_id: str, *, actor: str, at: datetime) -> bool:
    """Let a top-up that waits for a card go on, now that one is saved. Return whether it waited."""
    known = lock_auto_top_up(db, workspace_id)
    if known is None or known.state != "needs_card":
        return False
    _save(db, workspace_id, _values(known), paused_reason=None, actor=actor, at=at)
    return True


def lock_auto_top_up(db: Connection, workspace_id: str) -> AutoTopUp | None:
    """Return the settings of a workspace, locked until the transaction ends."""
    row = db.execute(query("auto_top_up_lock"), {"workspace_id": workspace_id}).mappings().one_or_none()
    return None if row is None else AutoTopUp(**row)


def note_declines(db: Connection, workspace_id: str, declines: int, *, paused_reason: str | None) -> None:
    """Store the number of declines in a row, and why auto top-up is paused."""
    row = {"workspace_id": workspace_id, "declines": declines, "paused_reason": paused_reason}
    db.execute(query("auto_top_up_note"), row)


def _require_affordable(
    db: Connection, workspace_id: str, package: str, limit_cents: int | None, at: datetime
) -> None:
    """Raise UnknownPackage, or InvalidTopUp when one package costs more than the limit."""
    offer = {each.code: each for each in list_packages(db, workspace_id, at=at)}.get(package)
    if offer is None:
        raise UnknownPackage(repr(package)[:60])
    if limit_cents is not None and limit_cents < offer.amount_cents:
        price = amount_text(offer.amount_cents, offer.currency)
        raise InvalidTopUp(f"One {offer.name} package costs {price}, more than the limit.")


def _values(settings: AutoTopUp) -> dict[str, object]:
    return {
        name: getattr(settings, name) for name in ("package", "trigger", "monthly_limit_cents", "enabled")
    }


def _save(
    db: Connection,
    workspace_id: str,
    values: dict[str, object],
    *,
    paused_reason: str | None,
    actor: str,
    at: datetime,
) -> None:
    about = {"workspace_id": workspace_id, "paused_reason": paused_reason, "actor": actor, "at": at}
    db.execute(query("auto_top_up_save"), values | about)
