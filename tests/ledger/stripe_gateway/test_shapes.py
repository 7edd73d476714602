"""The gateway: what it reads from the many shapes that Stripe's objects have had."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.stripe_gateway.billing_readers import read_invoice, read_subscription
from ledger.stripe_gateway.readers import read_checkout, read_dispute, read_payment, read_refund
from ledger.stripe_gateway.signatures import read_event, sign, verify_signature

MARCH, APRIL = 1_772_323_200, 1_775_001_600
OURS = sorted((Path(__file__).parents[2] / "stripe_events").glob("*.json"))


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def event(kind: str, body: dict[str, Any]) -> bytes:
    envelope = {"id": "evt_1", "created": MARCH, "livemode": False, "type": kind, "data": {"object": body}}
    return json.dumps(envelope).encode()


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_every_event_of_ours_can_be_proven_and_read(path: Path, now: datetime) -> None:
    raw = path.read_bytes()

    verify_signature(raw, sign(raw, "whsec_a", now), ["whsec_a"], now)

    assert read_event(raw).type == path.stem


def test_before_2022_a_payment_carried_its_charges() -> None:
    charge = {
        "id": "ch_1",
        "object": "charge",
        "status": "succeeded",
        "created": MARCH + 5,
        "receipt_url": "https://pay.stripe.com/r",
        "amount_refunded": 100,
        "balance_transaction": "txn_1",
    }
    intent = {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 2000,
        "amount_received": 2000,
        "created": MARCH,
        "currency": "usd",
        "livemode": False,
        "metadata": {},
        "status": "succeeded",
        "charges": {"object": "list", "data": [charge]},
    }

    payment = read_payment(intent, [], [])

    assert (payment.charge, payment.paid_at) == ("ch_1", moment(MARCH + 5))
    assert (payment.fee_cents, payment.charge_refunded_cents) == (None, 100)
    assert payment.fee_is_assumption is False


def test_a_success_that_is_none_is_not_paid() -> None:
    intent = {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 1000,
        "amount_received": 0,
        "created": MARCH,
        "currency": "usd",
        "livemode": False,
        "metadata": {},
        "status": "requires_payment_method",
    }

    envelope = read_event(event("payment_intent.succeeded", intent))

    assert envelope.payment_intent == "pi_1"
    assert read_payment(envelope.object, [], []).is_paid is False


def test_a_failure_of_an_earlier_attempt_is_forgotten_by_success() -> None:
    intent = {
        "id": "pi_1",
        "amount": 1000,
        "amount_received": 1000,
        "created": MARCH,
        "currency": "usd",
        "livemode": False,
        "status": "succeeded",
        "last_payment_error": {"code": "card_declined"},
    }

    assert read_payment(intent, [], []).failure is None


@pytest.mark.parametrize("status", ["succeeded", None])
def test_old_refunds_and_disputes_name_only_the_charge(status: str | None) -> None:
    refund = {"id": "re_1", "object": "refund", "amount": 100, "currency": "usd", "charge": "ch_1"}
    refund |= {"status": status, "created": MARCH, "payment_intent": None, "metadata": {"order": "6735"}}
    dispute = {"id": "dp_1", "object": "dispute", "amount": 100, "currency": "usd", "charge": "ch_1"}
    dispute |= {"status": "needs_response", "reason": "fraudulent", "created": MARCH}
    dispute["balance_transactions"] = [{"amount": -100, "fee": 1500, "net": -1600}]

    facts = read_refund(refund)

    assert (facts.payment_intent, facts.charge, facts.counts) == (None, "ch_1", True)
    assert read_dispute(dispute).fee_cents == 1500
    assert read_event(event("charge.dispute.created", dispute)).charge == "ch_1"


@pytest.mark.parametrize(
    ("status", "is_inquiry", "takes_money"),
    [
        ("warning_needs_response", True, False),
        ("warning_under_review", True, False),
        ("warning_closed", True, False),
        ("needs_response", False, True),
        ("under_review", False, True),
        ("lost", False, True),
        ("won", False, False),
        ("prevented", False, False),
    ],
)
def test_a_dispute_takes_money_while_it_is_open_or_lost(
    status: str, *, is_inquiry: bool, takes_money: bool
) -> None:
    dispute = read_dispute({"id": "du_1", "amount": 1, "currency": "usd", "status": status, "created": MARCH})

    assert (dispute.is_inquiry, dispute.takes_money) == (is_inquiry, takes_money)


@pytest.mark.parametrize("status", ["pending", "requires_action", "succeeded", "failed", "canceled"])
def test_a_refund_counts_unless_it_failed(status: str) -> None:
    refund = read_refund({"id": "re_1", "amount": 1, "currency": "usd", "status": status, "created": MARCH})

    assert refund.counts is (status not in {"failed", "canceled"})


@pytest.mark.parametrize("where", ["item", "subscription"])
def test_the_period_comes_from_the_item_or_the_subscription(where: str) -> None:
    period = {"current_period_start": MARCH, "current_period_end": APRIL}
    price = {"id": "price_1", "product": "prod_1", "unit_amount": 1900}
    price["recurring"] = {"interval": "month", "interval_count": 1}
    item = {"id": "si_1", "price": price, **(period if where == "item" else {})}
    body = {"id": "sub_1", "status": "active", "created": MARCH, "livemode": False, "customer": "cus_1"}
    body |= {"items": {"data": [item]}, **(period if where == "subscription" else {})}

    subscription = read_subscription(body)

    assert (subscription.period_start, subscription.period_end) == (moment(MARCH), moment(APRIL))
    assert (subscription.items[0].price, subscription.items[0].interval) == ("price_1", "month")
    assert subscription.items[0].period_end == moment(APRIL)


def test_very_old_subscriptions_have_plans_instead_of_prices() -> None:
    plan = {"id": "plan_pro", "product": "prod_1", "amount": 2900, "interval": "year", "interval_count": 1}
    body = {
        "id": "sub_1",
        "status": "active",
        "created": MARCH,
        "livemode": False,
        "current_period_end": APRIL,
    }
    body["items"] = {"data": [{"id": "si_1", "plan": plan, "quantity": 2}]}

    (item,) = read_subscription(body).items

    assert (item.price, item.amount_cents, item.interval, item.quantity) == ("plan_pro", 2900, "year", 2)


def test_an_invoice_before_march_2025_names_subscription_and_payment_itself() -> None:
    line = {"id": "il_1", "amount": 1900, "price": {"id": "price_1", "product": "prod_1"}, "proration": True}
    line["period"] = {"start": MARCH, "end": APRIL}
    body = invoice() | {"subscription": "sub_1", "payment_intent": "pi_1", "lines": {"data": [line]}}

    facts = read_invoice(body)

    assert (facts.subscription, facts.payment_intent) == ("sub_1", "pi_1")
    assert [(one.price, one.proration, one.period_end) for one in facts.lines] == [
        ("price_1", True, moment(APRIL))
    ]


def test_an_invoice_since_march_2025_hides_them_in_parent_and_payments() -> None:
    details = {"subscription": "sub_1", "metadata": {"workspace_id": "acme"}}
    payment = {"is_default": True, "payment": {"type": "payment_intent", "payment_intent": "pi_1"}}
    line = {
        "id": "il_1",
        "amount": -500,
        "pricing": {"price_details": {"price": "price_1", "product": "prod_1"}},
    }
    line["parent"] = {"subscription_item_details": {"proration": True}}
    body = invoice() | {"parent": {"subscription_details": details}, "payments": {"data": [payment]}}

    facts = read_invoice(body | {"lines": {"data": [line]}})

    assert (facts.subscription, facts.payment_intent) == ("sub_1", "pi_1")
    assert facts.metadata == {"workspace_id": "acme"}
    assert [(one.price, one.amount_cents, one.proration) for one in facts.lines] == [("price_1", -500, True)]
    assert read_event(event("invoice.paid", body)).subscription == "sub_1"


@pytest.mark.parametrize(("paid", "named"), [("pi_1", "pi_1"), ("pi_2", "pi_2"), (None, "pi_1")])
def test_the_payment_of_an_invoice_is_the_one_that_paid_it(paid: str | None, named: str) -> None:
    payments = [
        {
            "is_default": intent == "pi_1",
            "status": "paid" if intent == paid else "canceled",
            "payment": {"type": "payment_intent", "payment_intent": intent},
        }
        for intent in ("pi_1", "pi_2")
    ]

    assert read_invoice(invoice() | {"payments": {"data": payments}}).payment_intent == named


@pytest.mark.parametrize(
    ("before", "after", "used"),
    [
        (0, 0, 0),
        (-1000, 0, 1000),
        (-1000, -400, 600),
        (0, -500, 0),
        (300, 0, 0),
        (-5, None, 0),
        (None, None, 0),
    ],
)
def test_credit_that_an_invoice_used_is_read(before: int | None, after: int | None, used: int) -> None:
    facts = read_invoice(invoice() | {"starting_balance": before, "ending_balance": after})

    assert (facts.from_balance_cents, facts.worth_cents) == (used, 1900 + used)


def invoice() -> dict[str, Any]:
    return {
        "id": "in_1",
        "object": "invoice",
        "status": "paid",
        "amount_due": 1900,
        "amount_paid": 1900,
        "created": MARCH,
        "currency": "usd",
        "livemode": False,
    }


def test_the_status_of_a_payment_page_without_one_follows_from_its_payment() -> None:
    body = {"id": "cs_1", "livemode": True, "currency": "eur", "amount_total": 999, "payment_intent": "pi_1"}

    paid, unpaid = (read_checkout(body | {"payment_status": status}) for status in ("paid", "unpaid"))

    assert (paid.status, unpaid.status) == ("complete", "open")
    assert (paid.livemode, paid.currency, paid.created) == (True, "eur", None)


@pytest.mark.parametrize("body", [{"object": "balance"}, {"object": "charge", "id": None}, {}])
def test_events_about_things_without_an_id_are_read_too(body: dict[str, Any]) -> None:
    envelope = read_event(event("balance.available", body))

    assert (envelope.object_id, envelope.payment_intent, envelope.charge) == (None, None, None)
