"""The page Health: alerts, reconciliation, worker, installation and the proof."""

import pytest
from sqlalchemy import Engine

from dashboard.clock import present
from ledger.purchases import Purchase
from tests.pages.visits import hire, visit, words
from tests.shop import open_shop


@pytest.fixture
def shop(engine: Engine):
    """A shop with one purchase that is paid at Stripe, and nobody told us."""
    with open_shop(engine, present()) as shop:
        shop.buys("small")
        shop.loses_events()
        yield shop


def test_comparing_both_books_finds_and_repairs_what_no_event_told(engine: Engine, shop) -> None:
    page = visit(engine, "health", email=hire(engine, "admin"))
    assert not page.exception
    assert "Never compared yet" in words(page)

    page.button(key="reconcile").click().run()

    assert not page.exception
    assert "1 differences, 1 repaired" in words(page).replace("\\", "")
    assert shop.extra() == 60
    assert list(page.dataframe[0].value["kind"]) == ["paid_not_credited"]


def test_an_alert_is_shown_until_somebody_dealt_with_it(engine: Engine, shop) -> None:
    shop.runs("UPDATE extra_minutes_purchases SET amount_cents = 500")

    (row,) = shop.rows("SELECT * FROM extra_minutes_purchases")
    shop.syncs(Purchase.of(row))
    page = visit(engine, "health", email=hire(engine, "admin"))
    assert "agreed were 500 cents" in words(page).replace("\\", "")

    (button,) = [each for each in page.button if (each.key or "").startswith("close_quarantined")]
    button.click().run()

    assert "Alert closed" in words(page).replace("\\", "")
    assert "Nothing waits for a decision" in words(page)


def test_the_proof_names_what_is_off_and_says_when_nothing_is(engine: Engine, shop) -> None:
    page = visit(engine, "health", email=hire(engine, "support"))
    page.button(key="verify").click().run()
    assert [error.value for error in page.error] == ["1 rows do not fit."]
    assert list(page.dataframe[-1].value["check"]) == ["purchases"]

    (row,) = shop.rows("SELECT * FROM extra_minutes_purchases")
    shop.syncs(Purchase.of(row))
    page.button(key="verify").click().run()

    assert "nothing is off" in words(page)


@pytest.mark.usefixtures("shop")
def test_support_cannot_start_a_comparison(engine: Engine) -> None:
    page = visit(engine, "health", email=hire(engine, "support"))

    assert "reconcile" not in [button.key for button in page.button]


@pytest.mark.parametrize("role", ["viewer", "pricing"])
def test_other_roles_do_not_see_the_page(engine: Engine, role: str) -> None:
    page = visit(engine, "health", email=hire(engine, role))

    assert page.error
    assert not page.metric
