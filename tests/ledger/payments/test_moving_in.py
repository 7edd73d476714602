"""A company with live subscriptions moves in: prices without metadata, links from a list, a dry run, the trial, live."""

from datetime import timedelta

import ledger
from ledger.payments.alerts import list_alerts
from ledger.payments.link_lists import apply_links, read_links
from ledger.payments.moving_in import (
    compare_move_in,
    go_live,
    is_on_trial,
    list_comparisons,
    preview_subscriptions,
    sync_subscriptions,
)
from ledger.payments.old_system import save_old_balances
from ledger.payments.price_mapping import map_price
from tests.depth import rounds
from tests.shop import Shop
from tests.subscriber import advance, priced, subscribes

COMPANY = rounds(12, deep=40)
OPENING = 75


def moves_in(shop: Shop) -> list[str]:
    """Subscriptions of three months at Stripe that know nothing of us, then as many workspaces with openings."""
    starter, pro = priced(shop, 1900), priced(shop, 2900, name="Pro")
    customers = [
        subscribes(shop, (starter, pro)[n % 2], workspace_id=None, key=str(n)).customer
        for n in range(COMPANY)
    ]
    shop.later(days=75).gateway.run_due()
    shop.loses_events()
    for number in range(COMPANY):
        workspace_id = shop.signs_up(f"w{number}")
        with ledger.writing(shop.engine) as db:
            about = {"reason": "Opening balance", "key": "opening", "actor": "import", "at": shop.now}
            ledger.grant_minutes(db, workspace_id, OPENING, **about)
    with ledger.writing(shop.engine) as db:
        for price, plan in ((starter, "starter"), (pro, "pro")):
            about = {"plan": plan, "billing_cycle": "monthly", "actor": "ada", "at": shop.now}
            map_price(db, shop.gateway, price, **about)
    return customers


def totals(shop: Shop) -> list[int]:
    with ledger.reading(shop.engine) as db:
        return [ledger.get_balance(db, f"w{number}").total_minutes for number in range(COMPANY)]


def compares(shop: Shop):
    return compare_move_in(shop.engine, shop.gateway, actor="ada", at=shop.now)


def test_a_company_moves_in_from_links_to_live(shop: Shop):
    customers = moves_in(shop)
    first = compares(shop)
    assert (first.open, first.may_go_live) == (COMPANY, False)

    lines = [f"w{number},{customer}" for number, customer in enumerate(customers)]
    rows = read_links("\n".join(["workspace_id,customer_id", *lines]))
    with ledger.writing(shop.engine) as db:
        assert all(row.problem is None for row in apply_links(db, rows, actor="ada", at=shop.now))
    with ledger.reading(shop.engine) as db:
        previews = list(preview_subscriptions(db, shop.gateway, at=shop.now))
    assert {(each.new_invoices, each.new_minutes, each.open) for each in previews} == {(3, 0, True)}
    assert all("before billing began" in each.cause for each in previews)
    assert totals(shop) == [OPENING] * COMPANY, "a dry run books nothing"

    assert len(list(sync_subscriptions(shop.engine, shop.gateway, at=shop.now))) == COMPANY
    with ledger.writing(shop.engine) as db:
        save_old_balances(db, {f"w{n}": OPENING for n in range(COMPANY)}, actor="ada", at=shop.now)
        assert is_on_trial(db)
    second = compares(shop)
    assert (second.open, second.unexplained_minutes, second.unexplained_cents) == (0, 0, 0)
    with ledger.writing(shop.engine) as db:
        assert not go_live(db, first.comparison_id, actor="ada")
        assert go_live(db, second.comparison_id, actor="ada")
        assert not is_on_trial(db)
        assert [each.went_live_by for each in list_comparisons(db)] == ["ada", None]

    advance(shop, days=31)
    assert totals(shop) == [OPENING + (200, 300)[n % 2] for n in range(COMPANY)]
    with ledger.reading(shop.engine) as db:
        assert (ledger.verify(db), list_alerts(db)) == ([], [])


def test_a_difference_to_the_old_system_is_counted_until_it_is_explained(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"])
    shop.works()
    with ledger.writing(shop.engine) as db:
        save_old_balances(db, {"acme": 190, "nobody": 5}, actor="ada", at=shop.now)

    report = compares(shop)

    assert (report.open, report.unexplained_minutes, report.equal) == (0, 15, 1)
    causes = {row["workspace_id"]: row["cause"] for row in report.differences}
    assert causes == {"acme": "the old system says otherwise", "nobody": "no such workspace"}
    shop.gateway.cancel_subscription(subscription.subscription)
    assert "Stripe says canceled" in str(compares(shop).differences[0]["cause"])


def test_money_that_the_books_know_otherwise_is_unexplained_and_nobody_goes_live_with_it(shop: Shop, prices):
    shop.signs_up("other")
    subscribes(shop, prices["starter", "monthly"])
    subscribes(shop, prices["pro", "monthly"], workspace_id="other", key="calm")
    shop.works()
    assert compares(shop).may_go_live

    shop.runs("UPDATE stripe_invoices SET amount_paid_cents = 1899 WHERE workspace_id = 'acme'")

    report = compares(shop)
    assert (report.open, report.unexplained_cents, report.may_go_live) == (0, 1, False)
    assert report.unexplained_by_currency == {"usd": 1}
    assert [row["workspace_id"] for row in report.differences] == ["acme"]
    with ledger.writing(shop.engine) as db:
        assert not go_live(db, report.comparison_id, actor="ada")


def test_after_going_live_a_difference_is_an_alert_on_the_workspace_until_the_books_agree(shop: Shop, prices):
    shop.signs_up("other")
    drifting = subscribes(shop, prices["starter", "monthly"])
    subscribes(shop, prices["pro", "monthly"], workspace_id="other", key="calm")
    shop.works()
    with ledger.writing(shop.engine) as db:
        save_old_balances(db, {"acme": 200}, actor="ada", at=shop.now)
    with ledger.writing(shop.engine) as db:
        assert go_live(db, compares(shop).comparison_id, actor="ada")

    shop.gateway.cancel_subscription(drifting.subscription)
    shop.uses(10)
    assert compares(shop).unexplained_minutes == 0, "the old system no longer counts"
    with ledger.reading(shop.engine) as db:
        (alert,) = list_alerts(db, kind="drift")
    assert (alert.workspace_id, "Stripe says canceled" in alert.detail) == ("acme", True)

    shop.works()
    compares(shop)
    with ledger.reading(shop.engine) as db:
        assert list_alerts(db, kind="drift") == []
        (ended,) = list_alerts(db, kind="drift", closed=True)
    assert ended.closed_because == "the ledger agrees with Stripe again"


def test_what_ended_without_a_workspace_stands_in_nobodys_way(shop: Shop, prices):
    subscription = subscribes(shop, prices["starter", "monthly"], workspace_id=None)
    shop.gateway.cancel_subscription(subscription.subscription)
    shop.now += timedelta(days=1)

    report = compares(shop)

    assert (report.open, report.may_go_live) == (0, True)
    list(sync_subscriptions(shop.engine, shop.gateway, at=shop.now))
    with ledger.reading(shop.engine) as db:
        assert list_alerts(db) == []
