"""Refunds from the dashboard: the quote, the minutes that are held, and every way Stripe can answer."""

from datetime import timedelta

import pytest

import ledger
from ledger.errors import KeyReused
from ledger.payments.errors import NotRefundable, RefundExceedsPayment
from ledger.payments.refund_quotes import quote_refund
from ledger.payments.refunds import (
    finish_refunds,
    refund_purchase,
    request_refund,
)
from ledger.stripe_gateway import GatewayRefused, GatewayUnavailable
from tests.shop import AnswersLost, Shop


def quote(shop: Shop, purchase, cents=None):
    with ledger.reading(shop.engine) as db:
        return quote_refund(db, purchase.workspace_id, purchase.purchase_id, amount_cents=cents)


def statuses(shop: Shop, purchase):
    statement = "SELECT status FROM refund_requests WHERE purchase_id = :id ORDER BY refund_no"
    return [row["status"] for row in shop.rows(statement, id=purchase.purchase_id)]


def test_the_quote_says_what_each_choice_does_before_anybody_clicks(shop: Shop):
    purchase = shop.bought("small")
    shop.uses(20)

    output = quote(shop, purchase)

    assert (output.used_minutes, output.unused_minutes, output.refundable_cents) == (20, 40, 999)
    unused, full = output.choices
    assert (unused.name, unused.amount_cents, unused.minutes_taken, unused.shortfall_minutes) == (
        "unused",
        666,
        40,
        0,
    )
    assert (full.name, full.amount_cents, full.minutes_taken, full.shortfall_minutes) == ("full", 999, 40, 20)
    assert (full.extra_minutes_after, full.revenue_cents_after) == (0, 0)
    assert (unused.extra_minutes_after, unused.revenue_cents_after) == (0, 333)


def test_what_was_quoted_is_what_happens(shop: Shop):
    purchase = shop.bought("medium")
    shop.uses(33)
    quoted = next(each for each in quote(shop, purchase, 500).choices if each.name == "custom")

    refunded = shop.refunds(purchase, 500)

    assert refunded.taken_back_minutes == quoted.minutes_taken == 37
    assert refunded.shortfall_minutes == quoted.shortfall_minutes == 0
    assert shop.extra() == quoted.extra_minutes_after
    assert refunded.refundable_cents == quoted.revenue_cents_after


def test_the_events_of_our_own_refund_change_nothing_more(shop: Shop):
    purchase = shop.bought("small")
    shop.refunds(purchase, 400)
    before = shop.rows("SELECT * FROM entries ORDER BY entry_no")

    shop.works()

    assert shop.rows("SELECT * FROM entries ORDER BY entry_no") == before
    assert statuses(shop, purchase) == ["made"]


def test_a_double_click_is_one_refund_and_two_equal_refunds_are_two(shop: Shop):
    purchase = shop.bought("small")

    shop.refunds(purchase, 100, key="click")
    shop.refunds(purchase, 100, key="click")
    refunded = shop.refunds(purchase, 100, key="another")

    assert refunded.refunded_cents == 200
    assert len(statuses(shop, purchase)) == 2


def test_a_key_cannot_mean_two_refunds(shop: Shop):
    purchase = shop.bought("small")
    shop.refunds(purchase, 100, key="click")

    with pytest.raises(KeyReused):
        shop.refunds(purchase, 101, key="click")


@pytest.mark.parametrize("cents", [0, -1, 1000])
def test_a_refund_is_at_most_what_was_paid(shop: Shop, cents):
    purchase = shop.bought("small")

    with pytest.raises(RefundExceedsPayment):
        shop.refunds(purchase, cents)


def test_what_is_not_paid_or_is_disputed_cannot_be_refunded(shop: Shop):
    failed = shop.bought("small", "pm_card_chargeDeclined")
    disputed = shop.bought("small")
    shop.gateway.open_dispute(disputed.payment_intent)
    shop.works()

    for purchase in (failed, disputed):
        with pytest.raises(NotRefundable):
            shop.refunds(purchase, 100)


def test_minutes_are_on_hold_before_stripe_is_called(shop: Shop):
    purchase = shop.bought("small")

    with ledger.writing(shop.engine) as db:
        request = request_refund(
            db, "sandbox", "acme", purchase.purchase_id, 999, reason="why", key="k", actor="test", at=shop.now
        )

    assert (request.held_minutes, shop.extra()) == (60, 0)
    assert shop.syncs(purchase).taken_back_minutes == 60, "a sync in between does not give them back"


def test_a_refusal_of_stripe_releases_the_minutes_and_the_dispute_behind_it_takes_them(shop: Shop):
    purchase = shop.bought("small")
    dispute = shop.gateway.open_dispute(purchase.payment_intent)

    with pytest.raises(GatewayRefused):
        shop.refunds(purchase, 999)

    kinds = [row["kind"] for row in shop.rows("SELECT kind::text FROM entries ORDER BY entry_no")]
    assert kinds == ["purchase", "refund", "restore", "dispute"]
    assert shop.extra() == 0
    assert statuses(shop, purchase) == ["refused"]
    shop.gateway.close_dispute(dispute.dispute, won=True)
    shop.works()
    assert shop.extra() == 60


def test_an_unknown_outcome_keeps_the_minutes_until_the_worker_has_retried(shop: Shop):
    purchase = shop.bought("small")
    lossy = AnswersLost(shop.gateway, "refund")
    with pytest.raises(GatewayUnavailable):
        refund_purchase(
            shop.engine,
            lossy,
            "acme",
            purchase.purchase_id,
            400,
            reason="why",
            key="k",
            actor="test",
            at=shop.now,
        )
    assert shop.extra() == 36

    shop.later(minutes=5)
    settled = finish_refunds(shop.engine, shop.gateway, at=shop.now)

    assert settled == 1
    assert (shop.purchase(purchase).refunded_cents, shop.extra()) == (400, 36)
    assert statuses(shop, purchase) == ["made"]
    assert shop.rows("SELECT count(*) AS n FROM refunds") == [{"n": 1}]


def test_a_young_request_is_left_to_its_sender(shop: Shop):
    purchase = shop.bought("small")
    with ledger.writing(shop.engine) as db:
        request_refund(
            db, "sandbox", "acme", purchase.purchase_id, 999, reason="why", key="k", actor="test", at=shop.now
        )

    assert finish_refunds(shop.engine, shop.gateway, at=shop.now + timedelta(seconds=30)) == 0


def test_a_second_refund_counts_the_first_while_its_outcome_is_unknown(shop: Shop):
    purchase, other = shop.bought("small"), shop.bought("medium")
    about = {"reason": "why", "key": "k", "actor": "test", "at": shop.now}
    with pytest.raises(GatewayUnavailable):
        unanswered = AnswersLost(shop.gateway, "refund")
        refund_purchase(shop.engine, unanswered, "acme", purchase.purchase_id, 400, **about)

    with pytest.raises(RefundExceedsPayment):
        shop.refunds(purchase, 600)
    assert shop.extra() == 36 + other.minutes
    shop.refunds(other, other.amount_cents)
    assert shop.extra() == 36, "what is on hold for one purchase is not on hold for another"
    with ledger.writing(shop.engine) as db:
        second = request_refund(db, "sandbox", "acme", purchase.purchase_id, 599, **about | {"key": "second"})
    assert (second.held_minutes, shop.extra()) == (36, 0)
    shop.later(minutes=5)
    finish_refunds(shop.engine, shop.gateway, at=shop.now)

    assert statuses(shop, purchase) == ["made", "made"]
    assert (shop.purchase(purchase).refunded_cents, shop.extra()) == (999, 0)


def test_more_refunds_than_stripe_sends_along_with_a_payment_are_all_read(shop: Shop):
    purchase = shop.bought("small")
    for _ in range(11):
        shop.refunds_at_stripe(purchase, 9)

    assert shop.syncs(purchase).refunded_cents == 99
    assert shop.rows("SELECT count(*) AS n, sum(amount_cents) AS cents FROM refunds") == [
        {"n": 11, "cents": 99}
    ]


def test_a_repeat_of_a_refund_that_stripe_did_not_accept_never_looks_like_a_refund(shop: Shop):
    purchase, other = shop.bought("small"), shop.bought("small")
    shop.gateway.plan_fault("rate_limited", times=20)
    with pytest.raises(GatewayUnavailable):
        shop.refunds(purchase, 500, key="once")
    shop.gateway.plan_fault("rate_limited", times=0)

    with pytest.raises(GatewayRefused, match="Too many requests"):
        shop.refunds(purchase, 500, key="once")
    unchanged = (shop.purchase(purchase).refunded_cents, shop.extra())
    shop.refunds(purchase, 500, key="new")

    assert unchanged == (0, 120)
    assert statuses(shop, purchase) == ["refused", "made"]
    assert (shop.purchase(purchase).refunded_cents, shop.purchase(other).refunded_cents) == (500, 0)
