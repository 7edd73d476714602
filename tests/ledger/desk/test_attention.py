"""What waits for support: cases by kind, the most urgent first, until somebody or something ends them."""

from datetime import timedelta

import ledger
from ledger.desk import list_attention
from ledger.desk.attention import DUE_SOON, FAILED_SINCE
from ledger.payments.alerts import end_alert, raise_alert
from tests.shop import Shop

A_MINUTE = timedelta(minutes=1)


def test_disputes_stand_in_the_order_of_their_deadlines_with_the_money_at_stake(shop: Shop) -> None:
    shop.signs_up("other")
    first = shop.bought("small")
    shop.gateway.open_dispute(first.payment_intent)
    shop.later(days=2)
    second = shop.bought("large")
    shop.gateway.open_dispute(second.payment_intent)
    shop.works()

    with ledger.reading(shop.engine) as db:
        needs = list_attention(db, at=shop.now)

    disputes = needs["disputes"]
    assert list(needs) == ["disputes"]
    assert [case.amount_cents for case in disputes.first] == [999, 3499]
    assert disputes.first[0].due_at == disputes.first[1].due_at - timedelta(days=2)
    assert (disputes.count, disputes.first[0].workspace_id, disputes.first[0].name) == (2, "acme", "acme")


def test_a_dispute_is_due_soon_from_a_week_before_its_deadline(shop: Shop) -> None:
    purchase = shop.bought("small")
    due_by = shop.gateway.open_dispute(purchase.payment_intent).due_by
    shop.works()

    with ledger.reading(shop.engine) as db:
        before = list_attention(db, at=due_by - DUE_SOON)
        after = list_attention(db, at=due_by - DUE_SOON + A_MINUTE)

    assert (before["disputes"].due_soon, after["disputes"].due_soon) == (0, 1)


def test_a_dispute_that_was_answered_or_decided_waits_no_more(shop: Shop) -> None:
    answered, decided = shop.bought("small"), shop.bought("large")
    for purchase in (answered, decided):
        shop.gateway.open_dispute(purchase.payment_intent)
    shop.works()
    shop.runs("UPDATE disputes SET status = 'under_review' WHERE amount_cents = 999")
    shop.runs("UPDATE payment_alerts SET closed_at = at, closed_by = 'ada' WHERE object_id IN "
              "(SELECT dispute_id FROM disputes WHERE amount_cents = 3499)")  # fmt: skip

    with ledger.reading(shop.engine) as db:
        assert list_attention(db, at=shop.now) == {}


def test_a_failed_payment_waits_for_seven_days_or_until_something_is_paid(shop: Shop) -> None:
    shop.signs_up("other")
    shop.bought("small", "pm_card_chargeDeclined")
    shop.buys("large", "pm_card_chargeDeclined", workspace_id="other")
    shop.works()
    failed_at = shop.now

    with ledger.reading(shop.engine) as db:
        both = list_attention(db, at=failed_at + FAILED_SINCE)["failed"]
        later = list_attention(db, at=failed_at + FAILED_SINCE + A_MINUTE)
    shop.later(hours=1).bought("small")
    with ledger.reading(shop.engine) as db:
        (left,) = list_attention(db, at=shop.now)["failed"].first

    assert both.count == 2
    assert {case.detail for case in both.first} == {"generic_decline"}
    assert later == {}
    assert (left.workspace_id, left.amount_cents, left.currency) == ("other", 3499, "usd")


def test_payments_held_back_and_unpaid_invoices_wait_until_their_condition_ends(db, now) -> None:
    for number, kind in enumerate(("quarantined", "quarantined", "invoice_failed", "fraud_warning")):
        at = now + number * A_MINUTE
        raise_alert(db, kind, f"pi_{number}", detail="look", workspace_id=None, at=at)

    needs = list_attention(db, at=now, limit=1)

    assert {kind: (cases.count, len(cases.first)) for kind, cases in needs.items()} == {
        "invoices": (1, 1),
        "quarantined": (2, 1),
    }
    assert needs["quarantined"].first[0].object_id == "pi_0"
    end_alert(db, "invoice_failed", "pi_2", because="paid", at=now)
    assert list(list_attention(db, at=now)) == ["quarantined"]
