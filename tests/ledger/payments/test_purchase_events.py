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
def heard(shop: Shop) -> Shop:
    """A shop whose failed and paid purchases somebody wants to hear of."""
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


def test_news_of_a_decline_that_arrives_while_it_is_retried_is_no_second_failure(heard: Shop) -> None:
    failed = heard.buys("small", "pm_card_chargeDeclined")
    with writing(heard.engine) as db:  # what a retry writes before it calls Stripe
        now = lock_purchase(db, "acme", failed.purchase_id)
        save_purchase(db, buying.next_attempt(now, "again", heard.now))
    heard.works()

    assert heard.purchase(failed).status == "failed"
    assert events(heard) == [("purchase.failed", "generic_decline")]


@pytest.mark.parametrize("second", ["pm_card_chargeDeclined", INSUFFICIENT])
def test_a_second_decline_is_a_second_failure_whatever_its_reason(heard: Shop, second: str) -> None:
    failed = heard.bought("small", "pm_card_chargeDeclined")
    retried(heard, failed, second, "again")
    heard.works()
    retried(heard, failed, "pm_card_visa", "at last")
    heard.works()

    reason = "insufficient_funds" if second == INSUFFICIENT else "generic_decline"
    assert events(heard) == [
        ("purchase.failed", "generic_decline"),
        ("purchase.failed", reason),
        ("purchase.paid", None),
    ]


def test_a_retry_in_the_browser_reports_nothing_until_the_browser_has_paid(heard: Shop) -> None:
    failed = heard.bought("small", "pm_card_chargeDeclined")

    waiting = retried(heard, failed, None, "again")
    heard.works()

    assert waiting.status == "requires_payment"
    assert events(heard) == [("purchase.failed", "generic_decline")]
