"""Buying minutes: our row first, one payment for each purchase, and nothing credited but by re-reading Stripe."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ledger.errors import KeyReused, UnknownPackage, UnknownWorkspace
from ledger.payments import buying
from ledger.payments.checkout import start_checkout
from ledger.payments.errors import PurchaseNotFailed, WrongSource
from ledger.settings import Secret
from ledger.stripe_gateway import SimulationRefused, build_gateway
from tests.databases import as_owner
from tests.shop import NEVER_STORED, SETTINGS, Shop


def retried(shop: Shop, purchase, method="pm_card_visa", key="again"):
    about = {"payment_method": method, "key": key, "at": shop.now}
    return buying.retry(shop.engine, shop.gateway, "acme", purchase.purchase_id, **about)


def test_buying_credits_nothing_by_itself_the_events_do(shop: Shop):
    purchase = shop.buys("medium")
    assert (purchase.status, purchase.lot_id, shop.extra()) == ("paid", None, 0)

    shop.works()

    assert (shop.purchase(purchase).status, shop.extra()) == ("paid", 150)


def test_a_purchase_copies_what_was_agreed_from_the_catalogue(shop: Shop):
    purchase = shop.buys("large")

    agreed = (purchase.package, purchase.package_version, purchase.minutes, purchase.amount_cents)
    assert agreed == ("large", 1, 300, 3499)
    assert (purchase.currency, purchase.source) == ("usd", "sandbox")


def test_without_a_payment_method_the_browser_gets_the_secret_and_we_keep_none(shop: Shop):
    purchase = shop.buys("small", None)

    assert purchase.status == "requires_payment"
    assert purchase.client_secret.startswith(purchase.payment_intent)
    assert shop.purchase(purchase).client_secret is None


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("pm_card_chargeDeclined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
    ],
)
def test_a_decline_is_an_answer_in_words(shop: Shop, method, code):
    purchase = shop.bought("small", method)

    assert (purchase.status, purchase.failure_code, shop.extra()) == ("failed", code, 0)
    assert "card" in purchase.failure_message


def test_a_failed_purchase_is_tried_again_on_the_same_row_and_the_same_payment(shop: Shop):
    failed = shop.bought("small", "pm_card_chargeDeclined")

    again = retried(shop, failed)
    shop.works()

    assert (again.purchase_id, again.attempt, again.status) == (failed.purchase_id, 2, "paid")
    assert again.payment_intent == failed.payment_intent
    assert (shop.extra(), shop.purchase(failed).failure_code) == (60, None)


def test_a_repeated_retry_is_one_attempt(shop: Shop):
    failed = shop.bought("small", "pm_card_chargeDeclined")

    first = retried(shop, failed, "pm_card_chargeDeclined", key="click")
    second = retried(shop, failed, "pm_card_chargeDeclined", key="click")

    assert (first.attempt, second.attempt) == (2, 2)
    assert (first.status, second.status) == ("failed", "failed")


def test_only_a_failed_payment_is_tried_again(shop: Shop):
    paid = shop.bought("small")

    with pytest.raises(PurchaseNotFailed):
        retried(shop, paid)


def test_a_card_that_asks_for_authentication_gives_minutes_only_after_it(shop: Shop):
    purchase = shop.bought("small", "pm_card_authenticationRequired")
    assert (purchase.status, shop.extra()) == ("requires_action", 0)

    shop.gateway.complete_authentication(purchase.payment_intent)
    shop.works()

    assert (shop.purchase(purchase).status, shop.extra()) == ("paid", 60)


def test_the_same_key_is_the_same_purchase_and_the_same_payment(shop: Shop):
    first = shop.buys("small", key="cart-1")
    shop.works()

    second = shop.buys("small", key="cart-1")

    assert (second.purchase_id, second.payment_intent) == (first.purchase_id, first.payment_intent)
    assert shop.rows("SELECT count(*) AS n FROM extra_minutes_purchases") == [{"n": 1}]


def test_a_key_cannot_mean_two_purchases(shop: Shop):
    shop.buys("small", key="cart-1")

    with pytest.raises(KeyReused):
        shop.buys("large", key="cart-1")


def test_eight_equal_purchases_at_once_are_one_payment_and_one_lot(shop: Shop):
    with ThreadPoolExecutor(8) as pool:
        bought = list(pool.map(lambda _: shop.buys("small", key="cart-1"), range(8)))
    shop.works()

    assert len({(purchase.purchase_id, purchase.payment_intent) for purchase in bought}) == 1
    assert shop.extra() == 60


def test_eight_syncs_at_once_credit_once(shop: Shop):
    purchase = shop.buys("small")

    with ThreadPoolExecutor(8) as pool:
        lots = {each.lot_id for each in pool.map(lambda _: shop.syncs(purchase), range(8))}

    assert (lots, shop.extra()) == ({1}, 60)


def test_unknown_packages_and_workspaces_are_refused_before_stripe_is_called(shop: Shop):
    with pytest.raises(UnknownPackage):
        shop.buys("huge")
    with pytest.raises(UnknownWorkspace):
        shop.buys("small", workspace_id="nobody")

    assert shop.rows("SELECT * FROM extra_minutes_purchases") == []


def test_a_live_workspace_never_gets_a_simulated_purchase(shop: Shop):
    shop.signs_up("real", source="live")

    with pytest.raises(WrongSource):
        shop.buys("small", workspace_id="real")

    assert shop.rows("SELECT * FROM extra_minutes_purchases") == []


def test_a_demo_workspace_buys_in_the_sandbox_and_its_purchases_are_demo(shop: Shop):
    shop.signs_up("shown", source="demo")

    assert shop.buys("small", workspace_id="shown").source == "demo"


def test_with_a_live_key_a_test_card_is_refused_before_a_row_is_written_or_a_call_is_made(shop: Shop):
    live = build_gateway(replace(SETTINGS, stripe_api_key=Secret("sk_live_" + "x" * 24)))
    shop.signs_up("real", source="live")

    with pytest.raises(SimulationRefused):
        buying.buy(
            shop.engine,
            live,
            "real",
            "small",
            payment_method="pm_card_visa",
            key="k",
            actor="test",
            at=shop.now,
        )

    assert shop.rows("SELECT * FROM extra_minutes_purchases") == []


def checkout(shop: Shop, key="cart"):
    urls = {
        "success_url": "https://shop.example/confirming?purchase={PURCHASE_ID}",
        "cancel_url": "https://shop.example/",
    }
    return start_checkout(
        shop.engine, shop.gateway, "acme", "small", **urls, key=key, actor="test", at=shop.now
    )


def test_stripes_own_page_credits_when_it_is_paid(shop: Shop):
    purchase = checkout(shop)
    assert purchase.checkout_url.startswith("http")
    shop.works()
    assert (shop.purchase(purchase).status, shop.extra()) == ("requires_payment", 0)

    shop.gateway.complete_checkout(purchase.checkout_session)
    shop.works()

    assert (shop.purchase(purchase).status, shop.extra()) == ("paid", 60)


@pytest.mark.parametrize(("succeed", "status", "minutes"), [(True, "paid", 60), (False, "failed", 0)])
def test_a_page_completed_with_money_on_its_way_gives_minutes_only_when_it_arrives(
    shop: Shop, succeed, status, minutes
):
    purchase = checkout(shop)
    shop.gateway.complete_checkout(purchase.checkout_session, delayed=True)
    shop.works()
    assert (shop.purchase(purchase).status, shop.extra()) == ("processing", 0)

    shop.gateway.settle_checkout(purchase.checkout_session, succeed=succeed)
    shop.works()

    assert (shop.purchase(purchase).status, shop.extra()) == (status, minutes)


def test_an_expired_page_cancels_its_purchase(shop: Shop):
    purchase = checkout(shop)

    shop.gateway.expire_checkout_session(purchase.checkout_session)
    shop.works()

    assert shop.purchase(purchase).status == "canceled"


def test_no_secret_and_no_card_data_reaches_the_database(shop: Shop):
    purchase = shop.bought("small")
    shop.buys("small", None)
    shop.delivers("charge.succeeded", payment_intent=purchase.payment_intent, charge="ch_sbx_unknown")
    shop.works()

    tables = [
        row["t"]
        for row in shop.rows(
            "SELECT c.relname AS t FROM pg_class c JOIN table_kinds k ON k.table_name = c.relname"
        )
    ]
    with shop.engine.connect() as db, as_owner(db):  # the application may not read all of them
        stored = "".join(
            str(
                db.exec_driver_sql(
                    f"SELECT encode(convert_to(x::text, 'UTF8'), 'escape') FROM {table} x"
                ).all()
            )
            for table in tables
        )
    bodies = "".join(
        str(row["raw"]) for row in shop.rows("SELECT convert_from(raw, 'UTF8') AS raw FROM stripe_events")
    )

    assert "charge.succeeded" in stored
    assert '"last4"' in bodies
    for trace in (*NEVER_STORED, "whsec_configured"):
        assert trace not in stored + bodies


def test_a_retry_in_the_browser_gets_the_secret_of_the_same_payment(shop: Shop):
    failed = shop.bought("small", "pm_card_chargeDeclined")

    again = retried(shop, failed, None)

    assert (again.attempt, again.status, again.failure_code) == (2, "requires_payment", None)
    assert again.client_secret.startswith(failed.payment_intent)


def test_a_repeated_purchase_that_re_reads_a_refund_also_takes_its_minutes(shop: Shop):
    purchase = shop.buys("small", key="cart-1")
    shop.works()
    shop.refunds_at_stripe(purchase, 999)
    shop.loses_events()

    again = shop.buys("small", key="cart-1")

    assert (again.status, again.taken_back_minutes, shop.extra()) == ("refunded", 60, 0)
