"""What each type of event does, when it is the only thing that arrives; and that order and losses do not matter."""

import json

import pytest

from ledger.webhooks.handlers import HANDLERS
from tests.shop import EVENTS, Shop

FIXTURES = sorted(path.stem for path in EVENTS.glob("*.json"))


def about(purchase, **more):
    ids = {
        "purchase": purchase.purchase_id,
        "payment_intent": purchase.payment_intent,
        "charge": purchase.charge,
    }
    return ids | {"checkout_session": purchase.checkout_session or "cs_sbx_none"} | more


def arrives(shop: Shop, event_type: str, purchase, **ids):
    """Only this one event, whatever else the sandbox has sent."""
    shop.loses_events()
    received = shop.delivers(event_type, **about(purchase, **ids))
    shop.works()
    return shop.event(received.event_id)


def test_every_type_that_does_something_has_an_event_of_our_own():
    assert set(HANDLERS) <= set(FIXTURES)


@pytest.mark.parametrize("name", FIXTURES)
def test_our_events_are_named_after_their_type(name):
    assert json.loads((EVENTS / f"{name}.json").read_text())["type"] == name


@pytest.mark.parametrize(
    "event_type",
    [
        "payment_intent.succeeded",
        "charge.succeeded",
        "charge.updated",
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
    ],
)
def test_any_event_about_a_paid_payment_credits_it(shop: Shop, event_type):
    purchase = shop.buys("small")

    event = arrives(shop, event_type, purchase)

    assert (event["status"], event["effect"], event["workspace_id"]) == (
        "done",
        "60 minutes credited",
        "acme",
    )
    assert shop.extra() == 60


@pytest.mark.parametrize("event_type", sorted(set(HANDLERS) - {t for t in HANDLERS if "subscription" in t}))
def test_no_event_credits_a_payment_that_stripe_does_not_call_paid(shop: Shop, event_type):
    purchase = shop.buys("small", None)

    arrives(
        shop,
        event_type,
        purchase,
        charge="ch_sbx_none",
        refund="re_sbx_none",
        dispute="dp_sbx_none",
        invoice="in_sbx_none",
    )

    assert shop.extra() == 0
    assert shop.purchase(purchase).status == "requires_payment"


@pytest.mark.parametrize(
    ("event_type", "method", "status"),
    [
        ("payment_intent.payment_failed", "pm_card_chargeDeclined", "failed"),
        ("charge.failed", "pm_card_chargeDeclined", "failed"),
        ("payment_intent.requires_action", "pm_card_authenticationRequired", "requires_action"),
    ],
)
def test_events_about_unpaid_payments_tell_the_state(shop: Shop, event_type, method, status):
    purchase = shop.buys("small", method)

    event = arrives(shop, event_type, purchase)

    assert (event["status"], shop.purchase(purchase).status, shop.extra()) == ("done", status, 0)


def test_a_canceled_payment_cancels_its_purchase(shop: Shop):
    purchase = shop.buys("small", None)
    shop.gateway.cancel_payment(purchase.payment_intent, idempotency_key="cancel")

    arrives(shop, "payment_intent.canceled", purchase)

    assert shop.purchase(purchase).status == "canceled"


@pytest.mark.parametrize(
    "event_type", ["payment_intent.processing", "payment_intent.amount_capturable_updated"]
)
def test_events_that_promise_more_than_stripe_says_change_nothing(shop: Shop, event_type):
    purchase = shop.bought("small")

    event = arrives(shop, event_type, purchase)

    assert (event["effect"], shop.extra()) == ("already up to date", 60)


@pytest.mark.parametrize(
    "event_type", ["charge.refunded", "charge.refund.updated", "refund.created", "refund.updated"]
)
def test_any_event_about_a_refund_takes_its_minutes_back_once(shop: Shop, event_type):
    purchase = shop.bought("small")
    refund = shop.refunds_at_stripe(purchase, 400)

    event = arrives(shop, event_type, purchase, refund=refund)

    assert (event["effect"], shop.extra()) == ("paid -> partially_refunded; 24 minutes taken back", 36)


def test_a_refund_that_failed_gives_its_minutes_back(shop: Shop):
    purchase = shop.bought("small")
    refund = shop.refunds_at_stripe(purchase, 400)
    shop.works()
    shop.gateway.fail_refund(refund)

    event = arrives(shop, "refund.failed", purchase, refund=refund)

    assert (event["effect"], shop.extra()) == ("partially_refunded -> paid; 24 minutes given back", 60)


@pytest.mark.parametrize(
    "event_type", ["charge.dispute.created", "charge.dispute.updated", "charge.dispute.funds_withdrawn"]
)
def test_any_event_about_an_open_dispute_takes_all_minutes_once(shop: Shop, event_type):
    purchase = shop.bought("small")
    dispute = shop.gateway.open_dispute(purchase.payment_intent)

    event = arrives(shop, event_type, purchase, dispute=dispute.dispute)

    assert (event["effect"], shop.extra()) == ("paid -> disputed; 60 minutes taken back", 0)


@pytest.mark.parametrize("event_type", ["charge.dispute.closed", "charge.dispute.funds_reinstated"])
def test_any_event_about_a_won_dispute_gives_the_minutes_back(shop: Shop, event_type):
    purchase = shop.bought("small")
    dispute = shop.gateway.open_dispute(purchase.payment_intent)
    shop.works()
    shop.gateway.close_dispute(dispute.dispute, won=True)

    event = arrives(shop, event_type, purchase, dispute=dispute.dispute)

    assert (event["effect"], shop.extra()) == ("disputed -> paid; 60 minutes given back", 60)


@pytest.mark.parametrize(
    "event_type",
    ["radar.early_fraud_warning.created", "radar.early_fraud_warning.updated", "review.opened"],
)
def test_suspected_fraud_flags_the_customer_and_moves_nothing(shop: Shop, event_type):
    purchase = shop.bought("small")

    review = shop.gateway.open_review(purchase.payment_intent or "")

    event = arrives(shop, event_type, purchase, review=review)

    assert (event["status"], shop.extra()) == ("done", 60)
    assert shop.rows("SELECT kind, workspace_id FROM payment_alerts") == [
        {"kind": "fraud_warning", "workspace_id": "acme"}
    ]


def test_a_type_that_means_nothing_to_us_is_stored_and_ignored(shop: Shop):
    received = shop.delivers("customer.updated", customer="cus_sbx_1")

    shop.works()

    assert shop.event(received.event_id)["status"] == "ignored"


def test_a_payment_that_is_no_purchase_of_ours_is_ignored(shop: Shop):
    purchase = shop.buys("small")
    shop.runs("UPDATE extra_minutes_purchases SET payment_intent = NULL, charge = NULL")
    foreign = shop.pays_at_stripe(500)

    shop.loses_events()
    received = shop.delivers("charge.succeeded", payment_intent=foreign.id, charge=foreign.latest_charge)
    shop.works()

    assert shop.event(received.event_id)["status"] == "ignored"
    assert shop.extra() == 0
    assert shop.purchase(purchase).lot_id is None


def test_a_second_payment_for_one_purchase_is_shown_and_gives_nothing(shop: Shop):
    purchase = shop.bought("small")
    second = shop.pays_at_stripe(999, purchase_id=str(purchase.purchase_id), workspace_id="acme")

    shop.works()

    assert shop.extra() == 60
    alerts = shop.rows("SELECT kind, object_id FROM payment_alerts")
    assert alerts == [{"kind": "second_payment", "object_id": second.id}]


def test_a_fee_that_comes_late_is_pending_until_the_charge_is_updated_never_zero(shop: Shop):
    shop.gateway.plan_fault("fee_late")
    purchase = shop.buys("small")
    assert purchase.fee_cents is None

    shop.later(minutes=10)
    shop.gateway.run_due()
    event = arrives(shop, "charge.updated", purchase)

    assert event["effect"] == "60 minutes credited; fee known"
    assert shop.purchase(purchase).fee_cents == 59
