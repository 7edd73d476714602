"""A credit note that refunds takes minutes back; one that does not is an alert until it is void or refunded."""

import json

import pytest

import ledger
from ledger.payments.alerts import close_alert, list_alerts
from tests.ledger.payments.test_reconcile import compared, kinds
from tests.shop import EVENTS, Shop
from tests.subscriber import balance, pays_for_a_plan


def credits_invoice(shop: Shop, invoice: str, cents: int) -> None:
    """Credit an invoice at Stripe, and let the event arrive."""
    shop.runs(
        "UPDATE sandbox_objects SET body = jsonb_set(body, '{post_payment_credit_notes_amount}', to_jsonb(:cents))"
        " WHERE id = :id",
        cents=cents,
        id=invoice,
    )
    kind = "created" if cents else "voided"
    shop.delivers(f"credit_note.{kind}", f"evt_{kind}_{cents}", invoice=invoice, customer="cus_1")
    shop.works()


def changes_credit(shop: Shop, invoice: str, cents: int) -> None:
    """Credit an invoice at Stripe, and lose the event: Stripe lists it all the same."""
    credit = "jsonb_set(body, '{post_payment_credit_notes_amount}', to_jsonb(:cents))"
    shop.runs(f"UPDATE sandbox_objects SET body = {credit} WHERE id = :id", cents=cents, id=invoice)
    event = json.loads((EVENTS / "credit_note.created.json").read_text().replace("{invoice}", invoice))
    event |= {"id": f"evt_note_{cents}", "created": int(shop.now.timestamp())}
    shop.runs(
        "INSERT INTO sandbox_events (id, type, created, raw) VALUES (:id, :type, :created, :raw)",
        id=event["id"],
        type=event["type"],
        created=event["created"],
        raw=json.dumps(event),
    )


def open_alerts(shop: Shop) -> list[tuple[str, str | None]]:
    with ledger.reading(shop.engine) as db:
        return [(each.kind, each.workspace_id) for each in list_alerts(db)]


@pytest.fixture
def paid(shop: Shop, prices) -> str:
    """The paid invoice of acme's Starter plan, beside that of another workspace."""
    return pays_for_a_plan(shop, prices).invoice


def test_credit_without_a_refund_is_an_alert_until_the_note_is_void(shop: Shop, paid: str) -> None:
    credits_invoice(shop, paid, 500)

    assert (balance(shop).plan_minutes, open_alerts(shop)) == (200, [("credit_note", "acme")])
    with ledger.reading(shop.engine) as db:
        (alert,) = list_alerts(db)
        assert "5.00 USD" in alert.detail

    credits_invoice(shop, paid, 0)
    assert (balance(shop).plan_minutes, open_alerts(shop)) == (200, [])


def test_a_credit_note_that_refunds_is_a_refund_and_no_alert(shop: Shop, paid: str) -> None:
    facts = shop.gateway.fetch_invoice(paid)
    shop.gateway.refund(facts.payment_intent or "", 475, idempotency_key="note")
    credits_invoice(shop, paid, 475)

    assert (balance(shop).plan_minutes, open_alerts(shop)) == (150, [])

    credits_invoice(shop, paid, 476)
    assert open_alerts(shop) == [("credit_note", "acme")], "one cent more than was refunded"


def test_credit_notes_with_lost_events_open_and_close_their_alert_all_the_same(shop: Shop, paid: str) -> None:
    changes_credit(shop, paid, 500)
    assert kinds(compared(shop, repair=False)) == [("credit_note_not_shown", False)]
    assert open_alerts(shop) == []

    assert kinds(compared(shop)) == [("credit_note_not_shown", True)]
    assert open_alerts(shop) == [("credit_note", "acme")]
    with ledger.writing(shop.engine) as db:
        close_alert(db, f"credit_note:{paid}", actor="ada", at=shop.now)
    assert kinds(compared(shop)) == [], "a person has seen it"

    changes_credit(shop, paid, 0)
    assert kinds(compared(shop)) == [("credit_note_not_shown", True)]
    assert (kinds(compared(shop)), open_alerts(shop)) == ([], [])


def test_the_credit_note_of_an_invoice_that_nobody_knows_moves_nothing(shop: Shop, paid: str) -> None:
    shop.runs("DELETE FROM payment_objects WHERE workspace_id = 'acme'")
    credits_invoice(shop, paid, 500)

    assert open_alerts(shop) == []


def test_a_dispute_that_was_lost_and_is_won_after_all_restores_its_minutes(shop: Shop, paid: str) -> None:
    bought = shop.bought()
    facts = shop.gateway.fetch_invoice(paid)
    disputes = [
        shop.gateway.open_dispute(intent or "") for intent in (facts.payment_intent, bought.payment_intent)
    ]
    for won, left in ((False, (0, 0)), (True, (200, 60))):
        for each in disputes:
            shop.gateway.close_dispute(each.dispute, won=won)
        shop.works()
        assert (balance(shop).plan_minutes, shop.extra()) == left
