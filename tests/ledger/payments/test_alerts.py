"""Alerts about money: shown once, until somebody closes them."""

from datetime import timedelta

import pytest

import ledger
from ledger.payments.alerts import close_alert, count_alerts, end_alert, list_alerts, raise_alert
from tests.ledger.webhooks.test_handlers import about
from tests.shop import Shop
from tests.subscriber import pays_for_a_plan


def alerts_of(shop: Shop) -> list[tuple[str, str | None]]:
    """Every alert: its kind, and why it closed by itself."""
    with ledger.reading(shop.engine) as db:
        return [(each.kind, each.closed_because) for each in list_alerts(db, closed=True)]


def alert(db, now, object_id="pi_1", workspace_id="acme"):
    raise_alert(db, "mismatch", object_id, detail="look at this", workspace_id=workspace_id, at=now)


def test_the_same_problem_detected_twice_is_one_alert(db, now):
    alert(db, now)
    alert(db, now)

    assert [(each.kind, each.object_id) for each in list_alerts(db)] == [("mismatch", "pi_1")]


def test_a_closed_alert_is_not_shown_and_not_raised_again(db, now):
    alert(db, now)
    assert close_alert(db, "mismatch:pi_1", actor="ada", at=now)
    alert(db, now)

    assert list_alerts(db) == []
    assert [each.closed_by for each in list_alerts(db, closed=True)] == ["ada"]
    assert not close_alert(db, "mismatch:pi_1", actor="ada", at=now)
    assert not close_alert(db, "never raised", actor="ada", at=now)


def test_an_alert_that_a_person_closed_opens_again_once_its_condition_ended_and_began_anew(db, now):
    alert(db, now)
    close_alert(db, "mismatch:pi_1", actor="ada", at=now)

    assert not end_alert(db, "mismatch", "pi_1", because="it agrees", at=now), "it was closed before"
    (closed,) = list_alerts(db, closed=True)
    assert (closed.closed_by, closed.closed_because) == ("ada", "it agrees")
    alert(db, now)
    assert [each.closed_by for each in list_alerts(db)] == [None]
    assert end_alert(db, "mismatch", "pi_1", because="it agrees", at=now)


@pytest.mark.parametrize("reopens", [False, True])
def test_an_open_alert_says_what_is_true_now_and_a_closed_one_opens_where_more_matters(
    db, now, reopens: bool
):
    def says(cents: int) -> list[str]:
        about = {"detail": f"{cents} cents", "workspace_id": None, "at": now, "reopens": reopens}
        raise_alert(db, "credit_note", "in_1", **about)
        return [each.detail for each in list_alerts(db)]

    assert (says(5), says(8)) == (["5 cents"], ["8 cents"])
    close_alert(db, "credit_note:in_1", actor="ada", at=now)
    assert says(8) == []
    assert says(9) == (["9 cents"] if reopens else [])


def test_alerts_of_one_workspace_are_shown_with_it(db, now):
    alert(db, now, "pi_1", "acme")
    alert(db, now, "pi_2", "other")
    alert(db, now, "pi_3", None)

    assert [each.object_id for each in list_alerts(db, "acme")] == ["pi_1"]
    assert len(list_alerts(db)) == 3


def test_open_alerts_are_counted_by_kind_and_read_in_pages_newest_first(db, now):
    for number in range(3):
        alert(db, now + timedelta(hours=number // 2), f"pi_{number}")
    raise_alert(db, "fraud", "ch_1", detail="look", workspace_id=None, at=now)
    close_alert(db, "mismatch:pi_1", actor="ada", at=now)

    first = list_alerts(db, limit=1)
    rest = list_alerts(db, before=first[-1].alert_id)

    assert count_alerts(db) == {"mismatch": 2, "fraud": 1}
    assert [each.object_id for each in first + rest] == ["pi_2", "pi_0", "ch_1"]
    assert [each.object_id for each in list_alerts(db, kind="fraud")] == ["ch_1"]
    assert list_alerts(db, before="never raised") == []


def test_a_quarantined_payment_that_went_back_in_full_leaves_nothing_to_decide(shop: Shop):
    purchase = shop.buys("small")
    shop.runs("UPDATE extra_minutes_purchases SET amount_cents = 998")
    shop.works()
    shop.refunds_at_stripe(purchase, 998)
    shop.works()
    assert alerts_of(shop) == [("quarantined", None)]

    shop.refunds_at_stripe(purchase, 1)
    shop.works()

    assert alerts_of(shop) == [("quarantined", "the payment was refunded in full")]
    assert (shop.purchase(purchase).status, shop.extra()) == ("quarantined", 0)


def test_a_quarantined_payment_that_agrees_after_all_is_credited_and_its_alert_closes(shop: Shop):
    purchase = shop.buys("small")
    shop.runs("UPDATE extra_minutes_purchases SET amount_cents = 998")
    shop.works()
    shop.runs("UPDATE extra_minutes_purchases SET amount_cents = 999")
    shop.syncs(purchase)

    assert (alerts_of(shop), shop.extra()) == (
        [("quarantined", "the payment agrees with its purchase")],
        60,
    )


def test_a_second_payment_is_an_alert_until_all_of_it_went_back(shop: Shop):
    purchase = shop.bought("small")
    second = shop.pays_at_stripe(999, purchase_id=str(purchase.purchase_id), workspace_id="acme")
    shop.works()
    shop.gateway.refund(second.id, 998, idempotency_key="most")
    shop.works()
    assert alerts_of(shop) == [("second_payment", None)]

    shop.gateway.refund(second.id, 1, idempotency_key="rest")
    shop.works()

    assert alerts_of(shop) == [("second_payment", "the second payment was refunded")]
    assert (shop.purchase(purchase).status, shop.extra()) == ("paid", 60)


@pytest.mark.parametrize(("cents", "closes"), [(998, None), (999, "the payment is refunded")])
def test_a_warning_of_fraud_ends_when_the_money_went_back(shop: Shop, cents: int, closes: str | None):
    purchase = shop.bought("small")
    shop.delivers("radar.early_fraud_warning.created", **about(purchase))
    shop.works()
    assert alerts_of(shop) == [("fraud_warning", None)]

    shop.refunds(purchase, cents)
    shop.works()
    shop.delivers("radar.early_fraud_warning.updated", event_id="evt_late", **about(purchase))
    shop.works()

    assert alerts_of(shop) == [("fraud_warning", closes)]


def test_a_warning_of_fraud_ends_with_the_dispute_that_follows_it(shop: Shop):
    purchase = shop.bought("small")
    shop.delivers("radar.early_fraud_warning.created", **about(purchase))
    shop.works()

    shop.gateway.open_dispute(purchase.payment_intent or "")
    shop.works()

    assert dict(alerts_of(shop)) == {"fraud_warning": "the payment is disputed", "dispute": None}


def test_a_review_is_an_alert_until_somebody_closes_it_at_stripe(shop: Shop):
    purchase = shop.bought("small")
    review = shop.gateway.open_review(purchase.payment_intent or "")
    shop.works()
    assert alerts_of(shop) == [("fraud_warning", None)]

    shop.gateway.approve_review(review)
    shop.works()

    assert alerts_of(shop) == [("fraud_warning", "the review at Stripe ended: approved")]


def test_a_review_that_is_over_opens_no_alert_whichever_of_its_events_comes_first(shop: Shop):
    purchase = shop.bought("small")
    review = shop.gateway.open_review(purchase.payment_intent or "")
    shop.gateway.approve_review(review)
    shop.loses_events()
    for number, event_type in enumerate(("review.closed", "review.opened", "review.opened")):
        shop.delivers(event_type, event_id=f"evt_{number}", **about(purchase, review=review))
        shop.works()

    assert alerts_of(shop) == []


@pytest.fixture
def plan_payment(shop: Shop, prices) -> str:
    """The payment of acme's plan, beside that of a customer whom nobody knows."""
    return pays_for_a_plan(shop, prices).payment_intent or ""


@pytest.mark.parametrize(("cents", "closes"), [(1899, None), (1900, "the payment is refunded")])
def test_a_warning_of_fraud_about_a_plan_ends_when_the_money_went_back(
    shop: Shop, plan_payment: str, cents: int, closes: str | None
) -> None:
    shop.gateway.warn_of_fraud(plan_payment)
    shop.works()
    assert alerts_of(shop) == [("fraud_warning", None)]

    shop.gateway.refund(plan_payment, cents, idempotency_key="r")
    shop.works()
    assert alerts_of(shop) == [("fraud_warning", closes)]
    shop.gateway.warn_of_fraud(plan_payment)
    shop.works()
    assert alerts_of(shop) == [("fraud_warning", closes)]


def test_a_warning_of_fraud_about_a_plan_ends_with_the_dispute_that_follows_it(
    shop: Shop, plan_payment: str
) -> None:
    shop.gateway.warn_of_fraud(plan_payment)
    shop.works()

    shop.gateway.open_dispute(plan_payment)
    shop.works()

    assert dict(alerts_of(shop)) == {"fraud_warning": "the payment is disputed", "dispute": None}


@pytest.mark.parametrize("booked", [True, False])
def test_a_review_of_a_plan_payment_is_an_alert_also_before_its_invoice_is_booked(
    shop: Shop, plan_payment: str, booked: bool
) -> None:
    if not booked:
        shop.runs("UPDATE stripe_invoices SET payment_intent = NULL")
    review = shop.gateway.open_review(plan_payment)
    shop.works()
    with ledger.reading(shop.engine) as db:
        assert [(each.kind, each.workspace_id) for each in list_alerts(db)] == [("fraud_warning", "acme")]

    shop.gateway.approve_review(review)
    shop.works()

    assert alerts_of(shop) == [("fraud_warning", "the review at Stripe ended: approved")]


def test_a_warning_about_a_payment_that_nobody_knows_is_no_alert(shop: Shop, plan_payment: str) -> None:
    shop.runs("DELETE FROM payment_objects WHERE workspace_id = 'acme'")
    shop.runs("UPDATE stripe_invoices SET payment_intent = NULL")

    shop.gateway.warn_of_fraud(plan_payment)
    shop.works()

    assert alerts_of(shop) == []
