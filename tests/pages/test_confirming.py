"""Back from Stripe's page: nothing in the address is believed."""

import pytest
from sqlalchemy import Engine

from dashboard.clock import present
from tests.pages.visits import hire, visit, words
from tests.shop import open_shop


@pytest.mark.parametrize("purchase", ["", "nonsense", "019ca6b1-dc00-7b49-b26b-2602f4f18dc6", "<b>x</b>"])
def test_what_is_no_purchase_of_ours_is_said_to_be_none(engine: Engine, purchase: str) -> None:
    page = visit(engine, "confirming", email=hire(engine, "pricing"), purchase=purchase)

    assert not page.exception
    assert "Purchase not found" in words(page)
    links = {link.proto.label: link.proto.page for link in page.get("page_link")}
    assert links["Simulate a purchase"] == "purchase"


def test_an_address_that_claims_success_credits_nothing(engine: Engine) -> None:
    with open_shop(engine, present()) as shop:
        purchase = shop.buys("small", None)
        request = {"purchase": str(purchase.purchase_id), "redirect_status": "succeeded"}
        page = visit(engine, "confirming", email=hire(engine, "pricing"), **request)

        assert not page.exception
        assert "waiting for payment" in words(page)
        assert shop.extra() == 0


@pytest.mark.parametrize("role", ["viewer", "support"])
def test_roles_without_test_purchases_do_not_see_it(engine: Engine, role: str) -> None:
    page = visit(engine, "confirming", email=hire(engine, role))

    assert page.error
