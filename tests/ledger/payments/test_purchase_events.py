"""What others hear of a purchase: each failure once, whoever reads Stripe first."""

import pytest
from sqlalchemy import text

from ledger.database import reading, writing
from ledger.notify import create_endpoint
from ledger.payments import buying
from ledger.payments.purchases import lock_purchase, save_purchase
from tests.shop import Shop

INSUFFICIENT = "pm_card_chargeDeclinedInsufficientFunds"


@pytest.fixture
def subscribed(shop: Shop) -> Shop:
    """A shop whose failed and paid purchases an endpoint wants."""
    with writing(shop.engine) as db:
        types = ["purchase.failed", "purchase.paid"]
        create_endpoint(db, "https://x.example/hook", types, actor="ada", at=shop.now)
    return shop


def events(shop: Shop) -> list[tuple[str, str | None]]:
    """The events so far: type and failure."""
    with reading(shop.engine) as db:
        rows = db.execute(
            text("SELECT type, data ->> 'failure_code' FROM outgoing_events ORDER BY event_no")
        ).all()
    return [(kind, failure) for kind, failure in rows]


def retried(shop: Shop, purchase, method: str | None, key: str):
    about = {"payment_method": method, "key": key, "at": shop.now}
    return buying.retry(shop.engine, shop.gateway, "acme", purchase.purchase_id, **about)


def test_news_of_a_decline_that_arrives_while_it_is_retried_is_no_second_failure(subscribed: Shop) -> None:
    failed = subscribed.buys("small", "pm_card_chargeDeclined")
    with writing(subscribed.engine) as db:  # what a retry writes before it calls Stripe
        now = lock_purchase(db, "acme", failed.purchase_id)
        save_purchase(db, buying.next_attempt(now, "again", subscribed.now))
    subscribed.works()

    assert subscribed.purchase(failed).status == "failed"
    assert events(subscribed) == [("purchase.failed", "generic_decline")]


@pytest.mark.parametrize("second", ["pm_card_chargeDeclined", INSUFFICIENT])
def test_a_second_decline_is_a_second_failure_whatever_its_reason(subscribed: Shop, second: str) -> None:
    failed = subscribed.bought("small", "pm_card_chargeDeclined")
    retried(subscribed, failed, second, "again")
    subscribed.works()
    retried(subscribed, failed, "pm_card_visa", "at last")
    subscribed.works()

    reason = "insufficient_funds" if second == INSUFFICIENT else "generic_decline"
    assert events(subscribed) == [
        ("purchase.failed", "generic_decline"),
        ("purchase.failed", reason),
        ("purchase.paid", None),
    ]


def test_a_retry_in_the_browser_reports_nothing_until_the_browser_has_paid(subscribed: Shop) -> None:
    failed = subscribed.bought("small", "pm_card_chargeDeclined")

    waiting = retried(subscribed, failed, None, "again")
    subscribed.works()

    assert waiting.status == "requires_payment"
    assert events(subscribed) == [("purchase.failed", "generic_decline")]
