"""Refunding the unused part takes exactly the unused minutes: for every package and every count of them."""

import pytest

import ledger
from ledger.payments.refund_quotes import cents_of_minutes, quote_refund
from ledger.payments.settlement import minutes_to_take_back
from tests.shop import Shop

PACKAGES = {"small": (60, 999), "medium": (150, 1999), "large": (300, 3499), "jumbo": (600, 5999)}


@pytest.mark.parametrize(("minutes", "amount_cents"), [*PACKAGES.values(), (1, 1), (7, 100), (97, 12_345)])
def test_every_count_of_unused_minutes_goes_back_whole_for_the_smallest_amount(
    minutes: int, amount_cents: int
):
    for unused in range(1, minutes + 1):
        cents = cents_of_minutes(unused, minutes=minutes, amount_cents=amount_cents)

        assert minutes_to_take_back(minutes, amount_cents, cents, disputed=False) == unused
        assert minutes_to_take_back(minutes, amount_cents, cents - 1, disputed=False) < unused
        assert cents <= amount_cents


@pytest.mark.parametrize("code", PACKAGES)
@pytest.mark.parametrize("used", [4, 59])
def test_a_refund_of_the_unused_part_leaves_no_minute_of_the_package(shop: Shop, code: str, used: int):
    other = shop.bought("small")
    bought = shop.bought(code)
    shop.uses(60 + used)
    unused = next(choice for choice in quote(shop, bought).choices if choice.name in ("unused", "full"))

    refunded = shop.refunds(bought, unused.amount_cents)

    assert unused.minutes_taken == refunded.taken_back_minutes == PACKAGES[code][0] - used
    assert refunded.shortfall_minutes == 0
    assert shop.extra() == 0
    assert quote(shop, other).refundable_cents == 999


def test_after_a_partial_refund_the_unused_part_is_what_is_left_of_it(shop: Shop):
    bought = shop.bought("jumbo")
    shop.uses(4)
    shop.refunds(bought, 777)
    unused = next(choice for choice in quote(shop, bought).choices if choice.name == "unused")

    refunded = shop.refunds(bought, unused.amount_cents, key="rest")

    assert (refunded.taken_back_minutes, refunded.shortfall_minutes, shop.extra()) == (596, 0, 0)


def test_a_package_that_was_used_up_offers_no_unused_part(shop: Shop):
    bought = shop.bought("small")
    shop.uses(60)

    assert [choice.name for choice in quote(shop, bought).choices] == ["full"]


def quote(shop: Shop, purchase):
    with ledger.reading(shop.engine) as db:
        return quote_refund(db, purchase.workspace_id, purchase.purchase_id)
