"""Whose a subscription is: metadata, a linked customer, a link of its own; what names nobody waits and is shown."""

import pytest

import ledger
from ledger.payments.alerts import list_alerts
from ledger.payments.errors import LinkConflict
from ledger.payments.owners import link_stripe, stripe_link
from tests.shop import Shop
from tests.subscriber import balance, subscribes


def links(shop: Shop, workspace_id: str = "acme", **ids: str) -> None:
    with ledger.writing(shop.engine) as db:
        link_stripe(db, workspace_id, actor="ada", at=shop.now, **ids)


def kinds(shop: Shop) -> list[str]:
    with ledger.reading(shop.engine) as db:
        return [alert.kind for alert in list_alerts(db)]


@pytest.mark.parametrize("by", ["customer_id", "subscription_id"])
def test_a_paid_subscription_that_names_nobody_is_shown_and_credited_at_the_link(shop: Shop, prices, by: str):
    subscription = subscribes(shop, prices["starter", "monthly"], workspace_id=None)
    shop.works()
    assert kinds(shop) == ["no_workspace"]
    for _ in range(12):
        shop.later(hours=1).works()
    assert {
        row["status"] for row in shop.rows("SELECT status FROM stripe_events WHERE waits_for IS NOT NULL")
    } == {"dead"}

    ids = {"customer_id": subscription.customer, "subscription_id": subscription.subscription}
    links(shop, **{by: ids[by]})
    shop.works()

    assert balance(shop).plan_minutes == 200
    assert kinds(shop) == []


def test_events_that_name_a_workspace_wake_when_it_is_made(shop: Shop, prices):
    subscribes(shop, prices["starter", "monthly"], workspace_id="later")
    for _ in range(8):
        shop.works()
        shop.later(hours=1)
    shop.signs_up("later")
    shop.works()

    with ledger.reading(shop.engine) as db:
        assert ledger.get_balance(db, "later").plan_minutes == 200


def test_a_link_is_made_once_and_never_taken_from_another_workspace(shop: Shop):
    shop.signs_up("other")
    links(shop, customer_id="cus_1")
    links(shop, customer_id="cus_1", subscription_id="sub_1")

    with pytest.raises(LinkConflict, match="acme"):
        links(shop, "other", customer_id="cus_1")

    with ledger.reading(shop.engine) as db:
        assert stripe_link(db, "acme").customers == ("cus_1",)
        assert stripe_link(db, "acme").subscriptions == ("sub_1",)
        assert stripe_link(db, "other").customers == ()


@pytest.mark.parametrize("ids", [{}, {"customer_id": "sub_1"}, {"subscription_id": "cus_1"}])
def test_what_is_no_id_of_stripe_is_refused(shop: Shop, ids: dict[str, str]):
    with pytest.raises(LinkConflict):
        links(shop, **ids)
