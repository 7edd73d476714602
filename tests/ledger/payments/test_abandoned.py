"""A card holder who never answers the bank: the payment is canceled after an hour, and can be tried again."""

import pytest

from ledger.payments import buying
from ledger.payments.abandoned import cancel_abandoned
from ledger.payments.reconcile import reconcile
from tests.shop import Shop

ASKS = "pm_card_authenticationRequired"


def waits(shop: Shop):
    purchase = shop.buys("small", ASKS)
    assert purchase.status == "requires_action"
    return purchase


def cancels(shop: Shop) -> int:
    done = cancel_abandoned(shop.engine, shop.gateway, at=shop.now)
    shop.works()
    return done


@pytest.mark.parametrize(("minutes", "status"), [(59, "requires_action"), (60, "failed")])
def test_an_unanswered_payment_is_canceled_after_an_hour_and_not_before(
    shop: Shop, minutes: int, status: str
) -> None:
    purchase = waits(shop)
    shop.later(minutes=minutes)

    cancels(shop)

    assert shop.purchase(purchase).status == status
    at_stripe = shop.gateway.fetch_payment(purchase.payment_intent or "")
    assert (at_stripe.status == "canceled") == (status == "failed")


def test_a_canceled_payment_is_tried_again_on_the_same_purchase_and_its_late_events_change_nothing(
    shop: Shop,
) -> None:
    purchase = waits(shop)
    shop.later(hours=1)
    assert (cancels(shop), cancels(shop)) == (1, 0)
    failed = shop.purchase(purchase)
    assert (failed.failure_code, "Nothing was charged" in (failed.failure_message or "")) == (
        "authentication_abandoned",
        True,
    )

    again = buying.retry(
        shop.engine,
        shop.gateway,
        "acme",
        purchase.purchase_id,
        payment_method="pm_card_visa",
        key="again",
        at=shop.now,
    )
    shop.delivers("payment_intent.canceled", payment_intent=purchase.payment_intent)
    shop.works()

    assert again.payment_intent != purchase.payment_intent
    paid = shop.purchase(purchase)
    assert (paid.status, paid.attempt, shop.extra()) == ("paid", 2, 60)


def test_money_that_arrived_wins_over_the_cancellation(shop: Shop) -> None:
    purchase = waits(shop)
    shop.gateway.complete_authentication(purchase.payment_intent or "")
    shop.loses_events()
    shop.later(hours=1)

    cancels(shop)

    assert (shop.purchase(purchase).status, shop.extra()) == ("paid", 60)


def test_an_answered_payment_is_no_finding_of_the_comparison_any_more(shop: Shop) -> None:
    began = shop.now
    waits(shop)
    shop.later(hours=2)
    cancels(shop)

    report = reconcile(shop.engine, shop.gateway, since=began, until=shop.now, actor="test", at=shop.now)

    assert report.findings == ()
