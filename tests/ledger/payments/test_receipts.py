"""Receipts and invoices of packages, as STRIPE_RECEIPTS says."""

from dataclasses import replace

import pytest

from ledger.payments.checkout import start_checkout
from ledger.settings import SettingsError, load_settings
from tests.shop import SETTINGS, Shop


@pytest.fixture(params=["none", "email", "invoice"])
def receipts(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def shop_with(engine, now, receipts: str):
    opened = Shop(engine, now, replace(SETTINGS, stripe_receipts=receipts))
    yield opened
    opened.gateway.close()


def test_a_payment_names_the_owner_where_receipts_go_by_mail(shop_with: Shop, receipts: str) -> None:
    purchase = shop_with.buys("small")

    intent = shop_with.gateway._client.v1.payment_intents.retrieve(purchase.payment_intent or "")
    assert intent.receipt_email == ("owner@example.com" if receipts == "email" else None)
    again = shop_with.buys("small", key="k"), shop_with.buys("small", key="k")
    assert again[0].payment_intent == again[1].payment_intent


def test_stripes_page_makes_an_invoice_where_that_is_set(shop_with: Shop, receipts: str) -> None:
    page = start_checkout(
        shop_with.engine,
        shop_with.gateway,
        "acme",
        "small",
        success_url="https://a.example",
        cancel_url="https://a.example",
        key="page",
        actor="test",
        at=shop_with.now,
    )
    session = shop_with.gateway._client.v1.checkout.sessions.retrieve(page.checkout_session or "")
    assert bool(session.invoice_creation and session.invoice_creation.enabled) == (receipts == "invoice")

    shop_with.gateway.complete_checkout(page.checkout_session or "")
    shop_with.works()

    paid = shop_with.purchase(page)
    charge = shop_with.gateway._client.v1.charges.retrieve(paid.charge or "")
    assert charge.receipt_email == ("owner@example.com" if receipts == "email" else None)
    assert shop_with.extra() == 60


def test_another_word_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="STRIPE_RECEIPTS"):
        load_settings({"STRIPE_RECEIPTS": "paper"})
    assert load_settings({"STRIPE_RECEIPTS": "email"}).stripe_receipts == "email"
