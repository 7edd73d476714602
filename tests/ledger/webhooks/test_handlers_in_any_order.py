"""Events of a day in any order, twice, or never: the same ledger in the end."""

import random

import pytest

from ledger.payments.reconcile import reconcile
from tests.depth import rounds
from tests.shop import Shop


def day(shop: Shop) -> None:
    """A day of a shop: purchases that succeed, fail, wait, are refunded, disputed and won."""
    paid = [shop.buys(package) for package in ("small", "medium", "large")]
    shop.buys("small", "pm_card_chargeDeclined")
    shop.buys("jumbo", "pm_card_authenticationRequired")
    for purchase, cents in ((paid[0], 400), (paid[0], 100), (paid[1], 1999)):
        shop.refunds_at_stripe(purchase, cents)
    failing = shop.refunds_at_stripe(paid[2], 1749)
    shop.gateway.fail_refund(failing)
    dispute = shop.gateway.open_dispute(paid[2].payment_intent)
    shop.gateway.close_dispute(dispute.dispute, won=True)
    lost = shop.buys("jumbo")
    shop.gateway.open_dispute(lost.payment_intent)


def state(shop: Shop) -> list[dict[str, object]]:
    """What must be the same in the end, whatever arrived when."""
    return shop.rows(
        "SELECT p.package, p.status, p.refunded_cents, p.taken_back_minutes, p.shortfall_minutes, p.dispute_status, "
        "p.lot_id IS NOT NULL AS credited, l.minutes, l.drawn, l.voided FROM extra_minutes_purchases p "
        "LEFT JOIN lots l USING (workspace_id, purchase_id) ORDER BY p.recorded_at"
    )


@pytest.mark.parametrize("seed", range(rounds(5, deep=40)))
def test_shuffled_duplicated_and_lost_events_end_in_the_same_ledger_after_reconciliation(shop: Shop, seed):
    day(shop)
    chance = random.Random(seed)
    events = [row["event_id"] for row in shop.rows("SELECT event_id FROM stripe_events ORDER BY event_id")]
    stored = [event for event in events if chance.random() < chance.choice((0.1, 0.5, 1.0))]
    arriving = stored + chance.sample(stored, len(stored) // 2)
    chance.shuffle(arriving)

    shop.loses_events()
    for event in arriving:
        shop.runs(
            "UPDATE stripe_events SET status = 'pending', attempts = 0, next_attempt_at = :at WHERE event_id = :id",
            at=shop.now,
            id=event,
        )
        shop.works()
    year = shop.now.year
    for _ in range(2):
        reconcile(
            shop.engine,
            shop.gateway,
            since=shop.now.replace(year=year - 1),
            until=shop.now.replace(year=year + 1),
            actor="test",
            at=shop.now,
        )

    assert state(shop) == IN_ORDER


IN_ORDER = [
    {
        "package": package,
        "status": status,
        "refunded_cents": refunded,
        "taken_back_minutes": taken,
        "shortfall_minutes": 0,
        "dispute_status": dispute,
        "credited": minutes is not None,
        "minutes": minutes,
        "drawn": None if minutes is None else 0,
        "voided": None if minutes is None else taken,
    }
    for package, status, refunded, taken, dispute, minutes in (
        ("small", "partially_refunded", 500, 30, None, 60),
        ("medium", "refunded", 1999, 150, None, 150),
        ("large", "paid", 0, 0, "won", 300),
        ("small", "failed", 0, 0, None, None),
        ("jumbo", "requires_action", 0, 0, None, None),
        ("jumbo", "disputed", 0, 600, "needs_response", 600),
    )
]


def test_in_order_the_day_ends_as_expected(shop: Shop):
    day(shop)

    shop.works()

    assert state(shop) == IN_ORDER
