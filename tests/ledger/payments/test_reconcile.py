"""Comparing both sides: every kind of difference is found, what a sync settles is settled, the rest is reported."""

from datetime import timedelta

import pytest

import ledger
from ledger.minutes.credits import credit_purchase
from ledger.payments.purchases import place_purchase
from ledger.payments.reconcile import list_reconciliations, reconcile
from tests.shop import Shop


def compared(shop: Shop, *, repair=True, days=3):
    return reconcile(
        shop.engine,
        shop.gateway,
        since=shop.now - timedelta(days=days),
        until=shop.now + timedelta(seconds=1),
        actor="test",
        at=shop.now,
        repair=repair,
    )


def kinds(report):
    return [(finding.kind, finding.repaired) for finding in report.findings]


def lost(shop: Shop, *args):
    """Do something whose events never arrive."""
    shop.gateway.plan_fault("webhook_lost")
    return shop.buys(*args)


def test_when_both_books_agree_there_is_nothing_to_say(shop: Shop):
    shop.bought("small")
    shop.bought("medium", "pm_card_chargeDeclined")

    report = compared(shop)

    assert (kinds(report), report.checked_payments, report.checked_purchases) == ([], 2, 2)


def test_a_paid_purchase_without_credit_is_detected_and_credited(shop: Shop):
    lost(shop)

    assert kinds(compared(shop)) == [("paid_not_credited", True)]
    assert shop.extra() == 60
    assert kinds(compared(shop)) == []


def test_a_dry_run_moves_nothing(shop: Shop):
    lost(shop)

    report = compared(shop, repair=False)

    assert kinds(report) == [("paid_not_credited", False)]
    assert shop.extra() == 0


def test_a_charge_with_a_lost_answer_is_matched_by_its_purchase(shop: Shop):
    shop.buys_unanswered()
    shop.loses_events()

    assert kinds(compared(shop)) == [("paid_not_credited", True)]
    assert shop.extra() == 60


def test_refunds_and_disputes_that_no_event_reported_are_booked(shop: Shop):
    refunded, disputed = shop.bought("small"), shop.bought("medium")
    shop.refunds_at_stripe(refunded, 999)
    shop.gateway.open_dispute(disputed.payment_intent)
    shop.loses_events()

    report = compared(shop)

    assert sorted(kinds(report)) == [("dispute_not_booked", True), ("refund_not_booked", True)]
    assert shop.extra() == 0
    assert kinds(compared(shop)) == []


def test_a_dispute_that_was_won_meanwhile_is_booked(shop: Shop):
    purchase = shop.bought("small")
    dispute = shop.gateway.open_dispute(purchase.payment_intent)
    shop.works()
    shop.gateway.close_dispute(dispute.dispute, won=True)
    shop.loses_events()

    assert kinds(compared(shop)) == [("dispute_not_booked", True)]
    assert shop.extra() == 60


def test_a_lost_dispute_is_no_difference_until_the_bank_changes_its_mind(shop: Shop):
    purchase = shop.bought("small")
    shop.bought("medium")
    dispute = shop.gateway.open_dispute(purchase.payment_intent)
    shop.gateway.close_dispute(dispute.dispute, won=False)
    shop.works()
    assert (kinds(compared(shop)), shop.extra()) == ([], 150)

    shop.gateway.close_dispute(dispute.dispute, won=True)
    shop.loses_events()

    assert kinds(compared(shop)) == [("dispute_not_booked", True)]
    assert (kinds(compared(shop)), shop.extra()) == ([], 210)


def test_minutes_without_money_are_reported_with_a_proposal_and_left_to_people(shop: Shop):
    purchase = shop.buys("small", None)
    with ledger.writing(shop.engine) as db:
        lot = credit_purchase(
            db, "acme", 60, purchase_id=purchase.purchase_id, key="oops", actor="test", at=shop.now
        )
    shop.runs(
        "UPDATE extra_minutes_purchases SET lot_id = :lot, paid_at = created_at, status = 'paid'",
        lot=lot.lot_id,
    )

    (finding,) = compared(shop).findings

    assert (finding.kind, finding.repaired) == ("credited_not_paid", False)
    assert "Void what remains of lot 1" in finding.proposal
    assert shop.extra() == 60


def test_a_credited_purchase_whose_payment_stripe_does_not_know_is_reported(shop: Shop):
    shop.bought("small")
    shop.runs("UPDATE extra_minutes_purchases SET payment_intent = 'pi_sbx_gone'")

    result = kinds(compared(shop))

    assert ("credited_not_paid", False) in result


def test_another_amount_or_currency_is_reported(shop: Shop):
    shop.bought("small")
    shop.runs("UPDATE extra_minutes_purchases SET amount_cents = 500")

    (finding,) = compared(shop).findings

    assert (finding.kind, finding.repaired) == ("mismatch", False)


def test_a_payment_that_names_a_purchase_we_do_not_have_is_reported(shop: Shop):
    shop.gateway._client.v1.payment_intents.create(
        {"amount": 500, "currency": "usd", "metadata": {"purchase_id": "of another installation"}}
    )

    assert kinds(compared(shop)) == [("unknown_payment", False)]


def test_payments_of_other_programs_are_none_of_our_business(shop: Shop):
    shop.gateway._client.v1.payment_intents.create({"amount": 500, "currency": "usd"})

    assert kinds(compared(shop)) == []


def test_what_is_under_way_for_more_than_an_hour_is_reported(shop: Shop):
    shop.bought("small", "pm_card_authenticationRequired")
    assert kinds(compared(shop)) == []

    shop.later(hours=2)

    assert kinds(compared(shop)) == [("stuck_pending", False)]


def test_a_customer_who_never_paid_is_no_difference(shop: Shop):
    shop.buys("small", None)
    shop.later(hours=2)

    assert kinds(compared(shop)) == []


def test_a_purchase_that_never_reached_stripe_is_reported(shop: Shop):
    with ledger.writing(shop.engine) as db:
        place_purchase(db, "acme", "small", mode="sandbox", key="k", actor="test", at=shop.now)
    shop.later(hours=2)

    assert kinds(compared(shop)) == [("stuck_pending", False)]


def test_what_never_reached_stripe_is_canceled_when_it_is_too_late_to_ask(shop: Shop):
    with ledger.writing(shop.engine) as db:
        purchase = place_purchase(db, "acme", "small", mode="sandbox", key="k", actor="test", at=shop.now)
    shop.later(hours=21)

    assert kinds(compared(shop)) == [("stuck_pending", True)]

    canceled = shop.purchase(purchase)
    assert (canceled.status, canceled.failure_code) == ("canceled", "never_sent")
    assert kinds(compared(shop)) == []


def test_a_state_that_no_event_reported_is_brought_up_to_date(shop: Shop):
    purchase = shop.buys("small", None)
    shop.gateway.cancel_payment(purchase.payment_intent, idempotency_key="cancel")
    shop.loses_events()

    assert kinds(compared(shop)) == [("state_behind", True)]
    assert shop.purchase(purchase).status == "canceled"


def test_an_old_purchase_is_not_compared_again_and_again(shop: Shop):
    shop.bought("small")
    shop.later(days=10)

    assert compared(shop).checked_purchases == 0


def test_reports_are_stored_latest_first(shop: Shop):
    lost(shop)
    first = compared(shop)
    shop.later(minutes=1)
    second = compared(shop)

    with ledger.reading(shop.engine) as db:
        stored = list_reconciliations(db)

    assert stored == [second, first]


def test_purchases_of_other_modes_are_left_to_their_own_gateway(shop: Shop):
    shop.bought("small")
    shop.runs("UPDATE extra_minutes_purchases SET source = 'stripe_test'")

    assert compared(shop).checked_purchases == 0


@pytest.mark.parametrize("cents", [-100, 100])
def test_a_refund_that_only_one_side_knows_is_a_difference_on_either_side(shop: Shop, cents):
    other, purchase = shop.bought("medium"), shop.bought("small")
    for each in (other, purchase):
        shop.refunds(each, 300)
    shop.runs(
        "UPDATE extra_minutes_purchases SET refunded_cents = refunded_cents + :cents WHERE purchase_id = :id",
        cents=cents,
        id=purchase.purchase_id,
    )

    report = compared(shop)

    assert kinds(report) == [("refund_not_booked", True)]
    assert report.findings[0].purchase_id == str(purchase.purchase_id)
    assert shop.purchase(purchase).refunded_cents == 300


@pytest.mark.parametrize("purchases", [199, 200, 201, 400, 401])
def test_every_purchase_is_compared_however_many_pages_they_fill(shop: Shop, purchases):
    shop.buys("small", None)
    shop.signs_up("other")
    shop.runs(
        "INSERT INTO extra_minutes_purchases (workspace_id, purchase_id, key, body, source, package, package_version, "
        "package_arm, package_name, minutes, amount_cents, currency, actor, created_at, attempted_at) "
        "SELECT CASE WHEN n % 2 = 0 THEN 'acme' ELSE 'other' END, gen_random_uuid(), 'copy ' || n, body, source, package, "
        "package_version, package_arm, package_name, minutes, amount_cents, currency, actor, created_at, attempted_at "
        "FROM extra_minutes_purchases, generate_series(2, :purchases) n",
        purchases=purchases,
    )

    assert compared(shop, repair=False).checked_purchases == purchases
