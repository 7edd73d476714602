"""What money does to minutes: the arithmetic, and what refunds and disputes take back and give back."""

import pytest

from ledger.payments.settlement import minutes_to_take_back
from tests.shop import Shop


@pytest.mark.parametrize(
    ("minutes", "paid", "refunded", "back"),
    [
        (60, 999, 0, 0),
        (60, 999, 1, 0),
        (60, 999, 333, 20),
        (60, 999, 499, 29),
        (60, 999, 998, 59),
        (60, 999, 999, 60),
        (150, 1999, 999, 74),
        (150, 1999, 1998, 149),
        (300, 3499, 1749, 149),
        (600, 5999, 2999, 299),
    ],
)
def test_minutes_go_back_in_proportion_rounded_down_and_all_of_them_with_the_last_cent(
    minutes, paid, refunded, back
):
    assert minutes_to_take_back(minutes, paid, refunded, disputed=False) == back


def test_a_dispute_takes_all_minutes_whatever_was_refunded():
    assert minutes_to_take_back(60, 999, 1, disputed=True) == 60


def test_two_partial_refunds_count_together_and_what_was_used_becomes_a_shortfall(shop: Shop):
    purchase = shop.bought("small")
    shop.uses(50)

    shop.refunds_at_stripe(purchase, 400)
    shop.works()
    shop.refunds_at_stripe(purchase, 100)
    shop.works()

    purchase = shop.purchase(purchase)
    assert (purchase.refunded_cents, purchase.status) == (500, "partially_refunded")
    assert (purchase.taken_back_minutes, purchase.shortfall_minutes) == (10, 20)
    assert shop.extra() == 0


def test_a_refund_that_fails_later_gives_back_exactly_what_was_taken(shop: Shop):
    purchase = shop.bought("small")
    shop.uses(50)
    refund = shop.refunds_at_stripe(purchase, 999)
    shop.works()
    assert shop.extra() == 0

    shop.gateway.fail_refund(refund)
    shop.works()

    purchase = shop.purchase(purchase)
    assert (purchase.status, purchase.refunded_cents) == ("paid", 0)
    assert (purchase.taken_back_minutes, purchase.shortfall_minutes) == (0, 0)
    assert shop.extra() == 10


def test_an_open_dispute_takes_unused_minutes_and_a_won_one_gives_them_back(shop: Shop):
    purchase = shop.bought("medium")
    shop.uses(40)
    dispute = shop.gateway.open_dispute(purchase.payment_intent)
    shop.works()
    disputed = shop.purchase(purchase)
    assert (disputed.status, disputed.taken_back_minutes, disputed.shortfall_minutes) == ("disputed", 110, 40)
    assert shop.extra() == 0

    shop.gateway.close_dispute(dispute.dispute, won=True)
    shop.works()

    won = shop.purchase(purchase)
    assert (won.status, won.dispute_status, won.taken_back_minutes) == ("paid", "won", 0)
    assert shop.extra() == 110


def test_a_lost_dispute_keeps_what_was_taken_and_its_fee_is_known(shop: Shop):
    purchase = shop.bought("small")
    dispute = shop.gateway.open_dispute(purchase.payment_intent)
    shop.works()

    shop.gateway.close_dispute(dispute.dispute, won=False)
    shop.works()

    assert (shop.purchase(purchase).status, shop.extra()) == ("disputed", 0)
    stored = shop.rows("SELECT status, takes_minutes, fee_cents, closed_at FROM disputes")
    assert stored == [{"status": "lost", "takes_minutes": True, "fee_cents": 1500, "closed_at": shop.now}]


def test_an_inquiry_moves_nothing_but_is_shown(shop: Shop):
    purchase = shop.bought("small")

    shop.gateway.open_dispute(purchase.payment_intent, inquiry=True)
    shop.works()

    purchase = shop.purchase(purchase)
    assert (purchase.status, purchase.dispute_status, shop.extra()) == ("paid", "warning_needs_response", 60)
    assert [row["kind"] for row in shop.rows("SELECT kind FROM payment_alerts")] == ["inquiry"]


def test_a_partial_refund_before_a_dispute_and_both_undone_ends_where_it_began(shop: Shop):
    purchase = shop.bought("small")
    refund = shop.refunds_at_stripe(purchase, 333)
    shop.works()
    assert shop.extra() == 40
    dispute = shop.gateway.open_dispute(purchase.payment_intent)
    shop.works()
    assert shop.extra() == 0

    shop.gateway.close_dispute(dispute.dispute, won=True)
    shop.gateway.fail_refund(refund)
    shop.works()

    assert (shop.purchase(purchase).status, shop.extra()) == ("paid", 60)


@pytest.mark.parametrize("column", ["amount_cents = 998", "currency = 'eur'"])
def test_a_payment_that_is_not_the_one_agreed_is_quarantined_and_credits_nothing(shop: Shop, column):
    purchase = shop.buys("small")
    shop.runs(f"UPDATE extra_minutes_purchases SET {column}")

    shop.works()

    purchase = shop.purchase(purchase)
    assert (purchase.status, purchase.lot_id, shop.extra()) == ("quarantined", None, 0)
    assert "agreed" in purchase.failure_message
    assert [row["kind"] for row in shop.rows("SELECT kind FROM payment_alerts")] == ["quarantined"]


def test_money_that_arrived_is_never_dated_before_its_purchase_or_in_the_future(shop: Shop):
    shop.later(microseconds=700_000)
    purchase = shop.bought("small")

    assert purchase.paid_at == shop.now
