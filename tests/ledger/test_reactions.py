"""What each type of event does, when it is the only thing that arrives; and that order and losses do not matter."""

import json
import random

import pytest

from ledger.reactions import REACTIONS
from ledger.reconcile import reconcile
from tests.shop import EVENTS, Shop, open_shop

FIXTURES = sorted(path.stem for path in EVENTS.glob("*.json"))


@pytest.fixture
def shop(engine, now):
    with open_shop(engine, now) as shop:
        yield shop


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
    assert set(REACTIONS) <= set(FIXTURES)


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


@pytest.mark.parametrize("event_type", sorted(set(REACTIONS) - {t for t in REACTIONS if "subscription" in t}))
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

    assert (event["effect"], shop.extra()) == ("nothing to change", 60)


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

    event = arrives(shop, event_type, purchase)

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
    foreign = shop.gateway._client.v1.payment_intents.create(
        {
            "amount": 500,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )

    shop.loses_events()
    received = shop.delivers("charge.succeeded", payment_intent=foreign.id, charge=foreign.latest_charge)
    shop.works()

    assert shop.event(received.event_id)["status"] == "ignored"
    assert shop.extra() == 0
    assert shop.purchase(purchase).lot_id is None


def test_a_second_payment_for_one_purchase_is_shown_and_gives_nothing(shop: Shop):
    purchase = shop.bought("small")
    second = shop.gateway._client.v1.payment_intents.create(
        {
            "amount": 999,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {"purchase_id": str(purchase.purchase_id), "workspace_id": "acme"},
        }
    )

    shop.works()

    assert shop.extra() == 60
    alerts = shop.rows("SELECT kind, object_id FROM payment_alerts")
    assert alerts == [{"kind": "second_payment", "object_id": second.id}]


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


@pytest.mark.parametrize("seed", range(12))
def test_shuffled_duplicated_and_lost_events_end_in_the_same_ledger_after_reconciliation(shop: Shop, seed):
    day(shop)
    chance = random.Random(seed)
    events = [row["event_id"] for row in shop.rows("SELECT event_id FROM stripe_events ORDER BY event_id")]
    kept = [event for event in events if chance.random() < chance.choice((0.1, 0.5, 1.0))]
    arriving = kept + chance.sample(kept, len(kept) // 2)
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
