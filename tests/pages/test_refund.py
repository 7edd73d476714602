"""The tab Purchases of a workspace: a refund books the sum that was read, and no other."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from dashboard.clock import present
from ledger.payments.purchases import Purchase
from tests.pages.visits import hire, visit, words
from tests.shop import Shop, open_shop


@pytest.fixture
def shop(engine: Engine) -> Iterator[Shop]:
    with open_shop(engine, present()) as shop:
        yield shop


def _refunded(shop: Shop, purchase: Purchase) -> int:
    return shop.purchase(purchase).refunded_cents


def _tab(shop: Shop, purchase: Purchase) -> AppTest:
    """The tab with "Other amount" chosen, all of it in the field, and a reason."""
    page = visit(
        shop.engine,
        "workspace",
        email=hire(shop.engine, "support"),
        id=purchase.workspace_id,
        panel="refund",
    )
    page.radio(key=f"refund_choice_{purchase.purchase_id}").set_value("custom").run()
    page.text_input(key="refund_words").set_value("customer request")
    return page


def test_a_sum_typed_and_clicked_at_once_is_read_before_it_is_booked(shop: Shop) -> None:
    purchase = shop.bought()
    page = _tab(shop, purchase)
    assert page.button(key="refund_submit").label == "Refund $9.99"

    page.number_input(key=f"refund_amount_{purchase.purchase_id}").set_value(5.05)
    page.button(key="refund_submit").click().run()

    assert "so nothing was done" in words(page)
    assert _refunded(shop, purchase) == 0
    assert page.button(key="refund_submit").label == "Refund $5.05"
    assert page.text_input(key="refund_words").value == "customer request"

    page.button(key="refund_submit").click().run()

    assert "$5.05 refunded" in words(page)
    assert _refunded(shop, purchase) == 505


def test_another_way_chosen_and_clicked_at_once_is_read_before_it_is_booked(shop: Shop) -> None:
    purchase = shop.bought()
    page = _tab(shop, purchase)

    page.radio(key=f"refund_choice_{purchase.purchase_id}").set_value("full")
    page.button(key="refund_submit").click().run()

    assert "so nothing was done" in words(page)
    assert _refunded(shop, purchase) == 0


def test_another_purchase_chosen_and_clicked_at_once_is_read_before_it_is_refunded(shop: Shop) -> None:
    first, second = shop.bought(), shop.bought("medium")
    page = visit(
        shop.engine,
        "workspace",
        email=hire(shop.engine, "support"),
        id="acme",
        panel="refund",
        purchase=str(first.purchase_id),
    )
    page.text_input(key="refund_words").set_value("customer request")

    page.selectbox(key="filter_purchase").set_value(str(second.purchase_id))
    page.button(key="refund_submit").click().run()

    assert "so nothing was done" in words(page)
    assert (_refunded(shop, first), _refunded(shop, second)) == (0, 0)


def test_the_panel_follows_back_to_the_purchase_that_was_chosen_before(shop: Shop) -> None:
    small, medium = shop.bought(), shop.bought("medium")
    first, second = str(small.purchase_id), str(medium.purchase_id)
    email = hire(shop.engine, "support")
    page = visit(shop.engine, "workspace", email=email, id="acme", panel="refund", purchase=first)

    page.selectbox(key="filter_purchase").set_value(second).run()
    assert page.query_params["purchase"] == second
    assert "$19.99" in page.button(key="refund_submit").label

    page.query_params["purchase"] = first  # what Back does
    page.run()
    shown = next(box for box in page.selectbox if box.label == "Purchase")
    assert shown.value == first
    page.text_input(key="refund_words").set_value("customer request")
    page.button(key="refund_submit").click().run()

    assert (_refunded(shop, small), _refunded(shop, medium)) == (999, 0)


def test_a_purchase_that_cannot_be_refunded_is_said_and_dropped(shop: Shop) -> None:
    shop.bought()
    email = hire(shop.engine, "support")
    page = visit(shop.engine, "workspace", email=email, id="acme", panel="refund", purchase="no-such")

    assert "purchase" not in page.query_params
    assert any("value for purchase" in toast.value for toast in page.toast)
