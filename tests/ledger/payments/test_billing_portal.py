"""Stripe's billing portal of a workspace, and the card it has saved."""

import pytest

import ledger
from ledger.payments.billing_portal import billing_portal_url, saved_card_of
from ledger.payments.customers import customer_of, ensure_customer
from ledger.payments.errors import NoStripeCustomer
from ledger.payments.owners import link_stripe
from ledger.stripe_gateway import GatewayRefused
from tests.shop import Shop

BACK = "https://app.example.com/billing"


def opens(shop: Shop, workspace_id: str = "acme") -> str:
    return billing_portal_url(shop.engine, shop.gateway, workspace_id, return_url=BACK)


def test_a_workspace_without_a_customer_gets_one_and_the_next_opening_uses_it(shop: Shop):
    first, again = opens(shop), opens(shop)

    assert first.startswith(BACK)
    assert first != again
    assert len(shop.rows("SELECT 1 FROM sandbox_objects WHERE object = 'customer'")) == 1
    assert len(shop.rows("SELECT 1 FROM sandbox_objects WHERE object = 'billing_portal.configuration'")) == 1


def test_the_portal_of_a_linked_customer_is_that_customers(shop: Shop):
    shop.signs_up("beta")
    theirs = shop.gateway.create_customer(name="B", email="b@example.com", idempotency_key="b").customer
    with ledger.writing(shop.engine) as db:
        link_stripe(db, "beta", customer_id=theirs, actor="ada", at=shop.now)

    opens(shop)
    opens(shop, "beta")

    with ledger.reading(shop.engine) as db:
        ours = customer_of(db, "acme")
    sessions = shop.rows(
        "SELECT body ->> 'customer' AS customer FROM sandbox_objects WHERE object = 'billing_portal.session'"
    )
    assert sorted(row["customer"] for row in sessions) == sorted([theirs, ours])


def test_a_workspace_that_stripe_refuses_as_a_customer_gets_no_portal(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    def refuses(**_: object) -> None:
        raise GatewayRefused("Invalid email address")

    monkeypatch.setattr(shop.gateway, "create_customer", refuses)

    with pytest.raises(NoStripeCustomer, match="name or e-mail"):
        opens(shop)


def test_a_linked_customer_that_stripe_does_not_know_is_no_customer(shop: Shop):
    with ledger.writing(shop.engine) as db:
        link_stripe(db, "acme", customer_id="cus_gone", actor="ada", at=shop.now)

    with pytest.raises(NoStripeCustomer, match="cus_gone: link another"):
        opens(shop)


def test_the_saved_card_is_the_default_of_the_workspaces_own_customer(shop: Shop):
    assert saved_card_of(shop.engine, shop.gateway, "acme") is None
    customer = ensure_customer(shop.engine, shop.gateway, "acme") or ""
    assert saved_card_of(shop.engine, shop.gateway, "acme") is None

    names = []
    for method in ("pm_card_visa", "pm_card_amex"):
        shop.gateway.set_payment_method(customer, method)
        card = saved_card_of(shop.engine, shop.gateway, "acme")
        names.append(card and card.name)

    assert names == ["Visa ending 4242", "American Express ending 8431"]
