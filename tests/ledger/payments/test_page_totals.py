"""Tax and promotion codes on Stripe's page: what was agreed, what is refunded, and what is earned."""

import re
from datetime import timedelta
from typing import Any

import pytest
import stripe

import ledger
from ledger.metrics import measure
from ledger.metrics.rollups import refresh_rollups
from ledger.payments.checkout import start_checkout
from ledger.payments.purchases import Purchase
from ledger.payments.reconcile import reconcile
from ledger.payments.refund_quotes import quote_refund
from ledger.settings import SettingsError, load_settings
from ledger.stripe_gateway import GatewayRefused
from tests.databases import CHECKOUT
from tests.shop import Shop

ROW = re.compile(r"^\| " + r" \| ".join([r"(\d+)"] * 9) + r" \|$", re.MULTILINE)
EXAMPLES = [tuple(map(int, row)) for row in ROW.findall((CHECKOUT / "docs" / "payments.md").read_text())]
TAX_PERCENT, CODE_PERCENT = 19, 10


def begins(shop: Shop, workspace_id: str, key: str = "page") -> Purchase:
    return start_checkout(
        shop.engine,
        shop.gateway,
        workspace_id,
        "small",
        success_url="https://a.example",
        cancel_url="https://a.example",
        key=key,
        actor="test",
        at=shop.now,
    )


def pays(shop: Shop, purchase: Purchase, *, tax: bool, code: bool, **how: Any) -> None:
    coupon = shop.gateway.create_coupon(CODE_PERCENT, duration="once") if code else None
    percent = TAX_PERCENT if tax else 0
    session = purchase.checkout_session or ""
    shop.gateway.complete_checkout(session, coupon=coupon, tax_percent=percent, **how)


def buys_on_page(
    shop: Shop, workspace_id: str = "acme", key: str = "page", *, tax: bool = False, code: bool = False
) -> Purchase:
    purchase = begins(shop, workspace_id, key)
    pays(shop, purchase, tax=tax, code=code)
    shop.works()
    return shop.purchase(purchase)


def value(shop: Shop, slug: str) -> float:
    span = {"start": shop.now - timedelta(days=1), "end": shop.now + timedelta(days=1)}
    with ledger.writing(shop.engine) as db:
        refresh_rollups(db, at=shop.now)
        measured = measure(
            db, slug, **span, as_of=shop.now + timedelta(hours=1), source="sandbox", currency="usd"
        )
    return float(measured.value or 0)


def is_clean(shop: Shop) -> bool:
    """Whether the checks find nothing and Stripe agrees."""
    span = {"since": shop.now - timedelta(days=3), "until": shop.now + timedelta(days=1)}
    report = reconcile(shop.engine, shop.gateway, **span, actor="test", at=shop.now)
    with ledger.reading(shop.engine) as db:
        return (ledger.verify(db), report.findings, report.checked_payments) == ([], (), 2)


def test_the_document_has_its_examples() -> None:
    assert len(EXAMPLES) == 4


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: f"{row[1]} off, {row[2]} tax, {row[5]} back")
def test_every_worked_example_holds_from_the_page_to_the_metrics(taxing: Shop, row: tuple[int, ...]) -> None:
    price, discount, tax, charged, revenue, refunded, minutes, taken_back, returned = row
    plain = buys_on_page(taxing, "beta")
    bought = buys_on_page(taxing, tax=tax > 0, code=discount > 0)

    assert (plain.charged_cents, plain.status, taxing.extra(workspace_id="beta")) == (999, "paid", 60)
    sums = (bought.amount_cents, bought.discount_cents, bought.tax_cents, bought.charged_cents)
    assert (bought.status, taxing.extra(), sums) == ("paid", minutes, (price, discount, tax, charged))
    assert value(taxing, "revenue-gross") == 999 + revenue
    assert value(taxing, "liability-money") == 999 + revenue
    assert is_clean(taxing)

    taxing.refunds_at_stripe(bought, refunded)
    taxing.works()

    now = taxing.purchase(bought)
    assert (now.refunded_cents, now.taken_back_minutes) == (refunded, taken_back)
    assert now.status == ("refunded" if refunded == charged else "partially_refunded")
    assert taxing.extra() == minutes - taken_back
    assert value(taxing, "refunds") == returned
    assert value(taxing, "revenue-net") == 999 + revenue - returned
    assert value(taxing, "average-package-revenue-net") == pytest.approx(
        (999 + revenue - returned) / (1 if returned == revenue else 2)
    )
    assert is_clean(taxing)


@pytest.mark.parametrize(
    ("tax", "code", "charged"), [(True, False, 1189), (False, True, 900), (True, True, 1071)]
)
def test_a_refund_by_staff_is_a_part_of_what_was_charged(
    taxing: Shop, *, tax: bool, code: bool, charged: int
) -> None:
    bought = buys_on_page(taxing, tax=tax, code=code)
    other = buys_on_page(taxing, "beta", tax=tax, code=code)
    taxing.uses(15)

    with ledger.reading(taxing.engine) as db:
        quote = quote_refund(db, "acme", bought.purchase_id)
    unused, full = quote.choices
    assert (full.amount_cents, full.revenue_cents_after) == (charged, 0)
    assert (unused.minutes_taken, unused.shortfall_minutes) == (45, 0)
    assert unused.amount_cents == -(-charged * 45 // 60)

    taxing.refunds(bought, unused.amount_cents)
    taxing.refunds(bought, charged - unused.amount_cents)
    taxing.works()

    assert (taxing.purchase(bought).status, taxing.extra()) == ("refunded", 0)
    assert taxing.purchase(bought).shortfall_minutes == 15
    assert value(taxing, "revenue-net") == value(taxing, "revenue-gross") / 2
    assert (taxing.purchase(other).status, taxing.extra(workspace_id="beta")) == ("paid", 60)
    assert is_clean(taxing)


def test_three_refunds_of_a_taxed_payment_return_its_revenue_to_the_cent(taxing: Shop) -> None:
    bought = buys_on_page(taxing, tax=True)

    for cents in (397, 397, 395):
        taxing.later(minutes=1).refunds_at_stripe(bought, cents)
    taxing.works()

    assert value(taxing, "refunds") == 999
    assert value(taxing, "revenue-net") == 0


def test_a_lost_dispute_of_a_taxed_payment_costs_its_revenue(taxing: Shop) -> None:
    bought = buys_on_page(taxing, tax=True)
    taxing.gateway.close_dispute(taxing.gateway.open_dispute(bought.payment_intent or "").dispute, won=False)
    taxing.works()

    assert (taxing.purchase(bought).status, taxing.extra()) == ("disputed", 0)
    assert (value(taxing, "disputes-lost"), value(taxing, "revenue-net")) == (999, 0)


def test_a_discount_that_equals_the_tax_lowers_the_revenue_and_not_the_charge(taxing: Shop) -> None:
    purchase = begins(taxing, "acme")
    coupon = taxing.gateway.create_coupon(10, duration="once")
    taxing.gateway.complete_checkout(purchase.checkout_session or "", coupon=coupon, tax_percent=11)
    taxing.works()

    paid = taxing.purchase(purchase)
    assert (paid.charged_cents, paid.discount_cents, paid.tax_cents) == (999, 99, 99)
    assert value(taxing, "revenue-gross") == 900


@pytest.mark.parametrize("off_by", [-1, 1])
def test_one_cent_that_neither_tax_nor_discount_explains_is_quarantined(taxing: Shop, off_by: int) -> None:
    right = begins(taxing, "beta")
    wrong = begins(taxing, "acme")
    pays(taxing, right, tax=True, code=True)
    pays(taxing, wrong, tax=True, code=True)
    taxing.runs(
        "UPDATE sandbox_objects SET body = jsonb_set(body, '{total_details,amount_tax}', to_jsonb(171 + CAST(:by AS int))) "
        "WHERE id = :id",
        by=off_by,
        id=wrong.checkout_session,
    )
    taxing.works()

    now = taxing.purchase(wrong)
    assert (now.status, now.is_credited, taxing.extra()) == ("quarantined", False, 0)
    assert "10.71 USD, received" in (now.failure_message or "")
    assert (taxing.purchase(right).status, taxing.extra(workspace_id="beta")) == ("paid", 60)


def test_lost_events_of_taxed_payments_are_settled_by_reconciliation(taxing: Shop) -> None:
    bought = [begins(taxing, each) for each in ("acme", "beta")]
    for each in bought:
        pays(taxing, each, tax=True, code=True)
    taxing.loses_events()

    span = {"since": taxing.now - timedelta(days=3), "until": taxing.now + timedelta(days=1)}
    report = reconcile(taxing.engine, taxing.gateway, **span, actor="test", at=taxing.now)

    assert [(each.kind, each.repaired) for each in report.findings] == [("paid_not_credited", True)] * 2
    assert [
        (taxing.purchase(each).tax_cents, taxing.extra(workspace_id=each.workspace_id)) for each in bought
    ] == [(171, 60)] * 2
    assert is_clean(taxing)


def test_a_declined_card_and_then_a_code_is_one_payment_of_the_new_amount(taxing: Shop) -> None:
    purchase = begins(taxing, "acme")
    with pytest.raises(ledger.LedgerError):
        pays(taxing, purchase, tax=True, code=False, payment_method="pm_card_chargeDeclined")
    pays(taxing, purchase, tax=True, code=True)
    taxing.works()

    assert (taxing.purchase(purchase).charged_cents, taxing.extra()) == (1071, 60)


def test_without_the_settings_the_page_adds_no_tax_and_accepts_no_code(shop: Shop) -> None:
    purchase = begins(shop, "acme")
    session = shop.gateway._client.v1.checkout.sessions.retrieve(purchase.checkout_session or "")
    assert (session.allow_promotion_codes, session.automatic_tax.enabled) == (None, False)

    with pytest.raises(GatewayRefused):
        pays(shop, purchase, tax=False, code=True)
    pays(shop, purchase, tax=True, code=False)
    shop.works()

    assert (shop.purchase(purchase).charged_cents, shop.extra()) == (999, 60)


@pytest.mark.parametrize("name", ["STRIPE_AUTOMATIC_TAX", "STRIPE_PROMOTION_CODES"])
def test_a_switch_is_on_or_off_and_another_word_stops_the_start(name: str) -> None:
    field = name.lower()

    assert [getattr(load_settings({name: word}), field) for word in ("on", "off", "")] == [True, False, False]
    with pytest.raises(SettingsError, match=name):
        load_settings({name: "yes"})


def test_the_sandbox_refuses_tax_for_a_customer_whose_address_it_may_not_store(taxing: Shop) -> None:
    customer = taxing.gateway.create_customer(
        name="Acme", email="a@example.com", idempotency_key="c"
    ).customer
    session: Any = {
        "mode": "payment",
        "customer": customer,
        "automatic_tax": {"enabled": True},
        "success_url": "https://a.example",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {"currency": "usd", "unit_amount": 999, "product_data": {"name": "S"}},
            }
        ],
    }
    sessions = taxing.gateway._client.v1.checkout.sessions

    with pytest.raises(stripe.InvalidRequestError, match="customer_update"):
        sessions.create(session)
    assert sessions.create(session | {"customer_update": {"address": "auto"}}).customer == customer
