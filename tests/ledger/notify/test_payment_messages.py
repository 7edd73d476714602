"""Messages about payments, of one workspace alone, and how far each got."""

from datetime import UTC, datetime

import ledger
from ledger.notify import create_endpoint, list_payment_messages
from ledger.notify.events import send_events
from tests.receiver import receiving
from tests.shop import Shop


def test_a_message_is_delivered_when_every_endpoint_has_it(shop: Shop) -> None:
    shop.now = datetime.now(UTC)
    shop.signs_up("other")
    with receiving() as receiver:
        with ledger.writing(shop.engine) as db:
            create_endpoint(
                db,
                receiver.url,
                ["purchase.paid", "purchase.failed", "minutes.credited"],
                actor="t",
                at=shop.now,
            )
            create_endpoint(db, "http://127.0.0.1:9/in", ["purchase.failed"], actor="t", at=shop.now)
        shop.buys("small", workspace_id="other")
        paid = shop.bought("small")
        failed = shop.bought("medium", "pm_card_chargeDeclined")
        with ledger.reading(shop.engine) as db:
            waiting = list_payment_messages(db, "acme")
        send_events(shop.engine, at=datetime.now(UTC))

    with ledger.reading(shop.engine) as db:
        sent = list_payment_messages(db, "acme")
        newest = list_payment_messages(db, "acme", limit=1)

    assert [each.delivery for each in waiting] == ["pending", "pending"]
    assert [(each.type, each.purchase_id, each.delivery) for each in sent] == [
        ("purchase.failed", failed.purchase_id, "pending"),
        ("purchase.paid", paid.purchase_id, "delivered"),
    ]
    assert (bool(sent[0].last_error), sent[1].last_error) == (True, None)
    assert newest == sent[:1]
