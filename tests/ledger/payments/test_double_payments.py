"""The same customer pays for the same package under two keys: within ten minutes the form asks for confirmation."""

import pytest

import ledger
from ledger.payments.alerts import list_alerts
from tests.shop import Shop


def flagged(shop: Shop) -> list[str]:
    with ledger.reading(shop.engine) as db:
        return [alert.object_id for alert in list_alerts(db, "acme", kind="double_payment")]


@pytest.mark.parametrize(("minutes", "alerts"), [(10, 1), (11, 0)])
def test_a_second_payment_within_ten_minutes_is_flagged_once(shop: Shop, minutes: int, alerts: int) -> None:
    shop.bought("small")
    shop.later(minutes=minutes)
    second = shop.bought("small")
    shop.syncs(second)

    assert flagged(shop) == [str(second.purchase_id)] * alerts
    assert shop.extra() == 120


def test_other_packages_other_workspaces_and_unpaid_ones_are_not_flagged(shop: Shop) -> None:
    shop.signs_up("other")
    shop.bought("small")
    shop.bought("medium")
    shop.buys("small", workspace_id="other")
    shop.buys("small", "pm_card_chargeDeclined")
    shop.works()

    assert flagged(shop) == []


@pytest.mark.parametrize("which", [0, 1])
def test_the_flag_closes_when_one_of_both_is_refunded(shop: Shop, which: int) -> None:
    both = (shop.bought("small"), shop.bought("small"))
    assert len(flagged(shop)) == 1

    shop.refunds_at_stripe(both[which], 400)
    shop.works()
    assert len(flagged(shop)) == 1, "a part of the money is not the whole"
    shop.refunds_at_stripe(both[which], 599)
    shop.works()

    assert flagged(shop) == []
    with ledger.reading(shop.engine) as db:
        (closed,) = list_alerts(db, "acme", kind="double_payment", closed=True)
    assert closed.closed_because == "one of both was refunded"
