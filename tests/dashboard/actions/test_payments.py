"""Actions about payments: permission, audit line and effect together; a second click changes nothing."""

import pytest
from sqlalchemy import Engine

import ledger
from dashboard import actions
from dashboard.access import Operator
from dashboard.actions import NewPackage, NotAllowed
from dashboard.clock import present
from dashboard.installation import Installation, close, current, use_installation
from ledger.payments.catalogue import list_packages
from ledger.payments.errors import InvalidCatalogue, PurchaseNotFailed
from ledger.settings import load_settings
from ledger.webhooks.inbox import work_inbox
from tests.pages.visits import use
from tests.shop import Shop, open_shop

PIA = Operator("pia@example.com", "Pia", "pricing", "oidc")
ADA = Operator("ada@example.com", "Ada", "admin", "oidc")
SAM = Operator("sam@example.com", "Sam", "support", "oidc")


@pytest.fixture
def shop(engine: Engine):
    """A shop whose dashboard uses the same database."""
    use(engine)
    with open_shop(engine, present()) as shop:
        yield shop
    close()
    use_installation(None)


def audited(shop: Shop):
    return [row["action"] for row in shop.rows("SELECT action FROM audit ORDER BY recorded_at")]


def simulated(package="small", method="pm_card_visa", key="click", workspace_id="acme"):
    return actions.simulate_purchase(PIA, workspace_id, package, payment_method=method, fault=None, key=key)


def test_a_simulated_purchase_is_audited_and_a_double_click_is_one(shop: Shop) -> None:
    first, second = simulated(), simulated()
    work_inbox(shop.engine, {"sandbox": current().gateway("sandbox")}, at=present())

    assert first.details == second.details
    assert (shop.extra(), audited(shop)) == (60, ["simulate_purchase"])


def test_a_copy_buys_for_a_workspace_whose_money_is_real(shop: Shop) -> None:
    shop.signs_up("real", source="live")

    done = simulated(workspace_id="real")

    assert done.details["workspace_id"] == "sim:real"
    assert shop.rows("SELECT DISTINCT workspace_id FROM extra_minutes_purchases") == [
        {"workspace_id": "sim:real"}
    ]


def test_a_live_installation_simulates_with_a_copy_in_the_sandbox(shop: Shop) -> None:
    use_installation(Installation(shop.engine, load_settings({"STRIPE_API_KEY": "sk_live_made_up"})))
    shop.signs_up("real", source="live")

    done = simulated(workspace_id="real")

    assert done.details["workspace_id"] == "sim:real"
    assert shop.rows("SELECT DISTINCT workspace_id, source FROM extra_minutes_purchases") == [
        {"workspace_id": "sim:real", "source": "sandbox"}
    ]


def test_only_a_failed_purchase_is_tried_again(shop: Shop) -> None:
    paid = shop.bought("small")

    with pytest.raises(PurchaseNotFailed):
        actions.try_again(PIA, "acme", paid.purchase_id, payment_method="pm_card_visa", key="k")


def test_what_the_bank_does_is_audited_once(shop: Shop) -> None:
    paid = shop.bought("small")

    actions.play(PIA, "acme", paid.purchase_id, "dispute", key="k")
    shop.now = present()
    shop.works()

    assert (shop.purchase(paid).status, audited(shop)) == ("disputed", ["simulate"])


def test_a_page_that_waits_may_ask_stripe_itself(shop: Shop) -> None:
    purchase = shop.buys("small")

    confirmed = actions.confirm_purchase(PIA, "acme", purchase.purchase_id)

    assert (confirmed.is_credited, shop.extra()) == (True, 60)


def test_a_reconciliation_is_audited_with_its_days(shop: Shop) -> None:
    shop.buys("small")
    shop.loses_events()

    done = actions.reconcile_payments(ADA, 3, key="k")
    again = actions.reconcile_payments(ADA, 3, key="k")

    assert "1 difference, 1 repaired" in done.sentence
    assert again.repeated
    assert audited(shop) == ["reconcile"]


def test_a_package_is_published_once_for_a_double_click(shop: Shop) -> None:
    new = NewPackage(code="tiny", name="Tiny", minutes=10, amount_cents=199)

    actions.publish_package(ADA, new, key="k")
    again = actions.publish_package(ADA, new, key="k")

    with ledger.reading(shop.engine) as db:
        tiny = [package for package in list_packages(db, at=present()) if package.code == "tiny"]
    assert again.repeated
    assert [(package.version, package.minutes) for package in tiny] == [(1, 10)]


def test_for_a_package_that_cannot_be_sold_no_price_is_made_at_stripe(shop: Shop) -> None:
    with pytest.raises(InvalidCatalogue):
        actions.publish_package(
            ADA, NewPackage(code="My Code", name="M", minutes=10, amount_cents=199), key="k"
        )

    assert list(shop.gateway.list_prices()) == []
    assert audited(shop) == []


def test_a_new_price_of_a_plan_is_on_its_product_and_leaves_every_lookup_key(shop: Shop) -> None:
    actions.publish_plan_price(ADA, "starter", "monthly", 1900, key="first")
    (first,) = shop.gateway.list_prices()
    about = {"idempotency_key": "theirs", "interval": "month", "lookup_key": "starter-monthly"}
    theirs = shop.gateway.create_price(first.product, 1800, "usd", **about)

    actions.publish_plan_price(ADA, "starter", "monthly", 2100, key="second")
    actions.publish_plan_price(ADA, "pro", "monthly", 2900, key="other")

    products = {price.amount_cents: price.product for price in shop.gateway.list_prices()}
    assert (products[2100] == first.product, products[2900] == first.product) == (True, False)
    assert shop.gateway.fetch_price(theirs.price).lookup_key == "starter-monthly"


def test_a_withdrawn_package_is_audited(shop: Shop) -> None:
    actions.withdraw_package(ADA, "small", "standard", key="k")

    with ledger.reading(shop.engine) as db:
        assert "small" not in [package.code for package in list_packages(db, at=present())]
    assert audited(shop) == ["withdraw_package"]


def test_a_hold_out_is_started_and_ended_once_for_a_double_click(shop: Shop) -> None:
    request = {"source": "sandbox", "share_percent": 50, "hits_needed": 195, "reason": "worth it?"}

    started = [actions.start_hold_out(ADA, "spring", **request, key="start") for _ in range(2)]
    ended = [actions.end_hold_out(ADA, "spring", key="end") for _ in range(2)]

    assert [done.repeated for done in started + ended] == [False, True, False, True]
    assert audited(shop) == ["start_hold_out", "end_hold_out"]
    assert len(shop.rows("SELECT kind FROM annotations WHERE kind = 'note'")) == 2


@pytest.mark.parametrize(
    "act",
    [
        lambda: actions.replay_event(SAM, "evt_1", key="k"),
        lambda: actions.reconcile_payments(SAM, 3, key="k"),
        lambda: actions.close_alert(SAM, "x", key="k"),
        lambda: actions.publish_package(PIA, NewPackage("a", "A", 1, 1), key="k"),
        lambda: actions.withdraw_package(SAM, "small", "standard", key="k"),
        lambda: actions.publish_plan_price(PIA, "pro", "annual", 1, key="k"),
        lambda: actions.start_price_test(PIA, "t", ("a", "b"), ends_at=None, key="k"),
        lambda: actions.end_price_test(PIA, "t", key="k"),
        lambda: actions.start_hold_out(
            PIA, "h", source="sandbox", share_percent=50, hits_needed=195, reason="r", key="k"
        ),
        lambda: actions.end_hold_out(SAM, "h", key="k"),
        lambda: actions.simulate_purchase(
            SAM, "acme", "small", payment_method="pm_card_visa", fault=None, key="k"
        ),
    ],
)
def test_nobody_does_what_their_role_does_not_allow(act) -> None:
    with pytest.raises(NotAllowed):
        act()
