"""Subscriptions and the billing link on the page of a workspace."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

import ledger
from dashboard.clock import present
from ledger.payments import portal_link
from ledger.payments.subscriptions import sync_subscription
from tests.pages.visits import hire, visit, words
from tests.shop import Shop, open_shop
from tests.subscriber import publish_plans, subscribes


@pytest.fixture
def shop(engine: Engine) -> Iterator[Shop]:
    with open_shop(engine, present()) as shop:
        yield shop


def opened(shop: Shop, role: str = "support") -> AppTest:
    return visit(shop.engine, "workspace", email=hire(shop.engine, role), id="acme", tab="payments")


def test_support_makes_a_link_that_is_shown_once_and_the_audit_log_says_so(shop: Shop) -> None:
    page = opened(shop).button(key="billing_link").click().run()

    assert not page.exception
    links = [code.value for code in page.code if "sandbox_billing" in code.value]
    assert len(links) == 1
    assert "/api/portal/" in links[0]
    token = links[0].split("/api/portal/")[1].split("?")[0]
    with ledger.reading(shop.engine) as db:
        assert portal_link(db, token, at=present()).read_only, "staff can't buy in a customer's name"
    assert "sandbox_billing" not in str([code.value for code in page.run().code])
    with ledger.reading(shop.engine) as db:
        (line,) = db.execute(text("SELECT actor, workspace_id FROM audit WHERE action = 'billing_link'"))
    assert (line.workspace_id, "support" in line.actor) == ("acme", True)


def test_those_who_may_not_link_stripe_get_no_billing_link(shop: Shop) -> None:
    page = opened(shop, "pricing")

    assert "billing_link" not in [button.key for button in page.button]


def test_subscriptions_show_what_stripe_says_of_them(shop: Shop) -> None:
    subscription = subscribes(shop, publish_plans(shop)["starter", "monthly"]).subscription
    gateway = shop.gateway

    shown = []
    for happens in (
        lambda: None,
        lambda: gateway.pause_subscription(subscription),
        lambda: (
            gateway.resume_subscription(subscription),
            gateway.cancel_subscription(subscription, at_period_end=True),
        ),
        lambda: gateway.cancel_subscription(subscription, cancel_at=shop.now + timedelta(days=3)),
        lambda: gateway.cancel_subscription(subscription),
    ):
        happens()
        with ledger.writing(shop.engine) as db:
            sync_subscription(db, gateway, subscription, at=shop.now)
        page = opened(shop)
        (table,) = [
            each.value
            for each in page.dataframe
            if "state" in each.value.columns and "until" in each.value.columns
        ]
        shown.append(table["state"].iloc[0].split(" ")[0])

    assert shown == ["Active", "Paused:", "Ends", "Ends", "Ended"]
    assert "Subscriptions" in words(page)
