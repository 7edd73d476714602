"""Our own rows of purchases: written first, found by any id, and guarded by the database itself."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

import ledger
from ledger.errors import InvalidKey, InvalidTime, KeyReused
from ledger.payments.errors import UnknownPurchase, WrongSource
from ledger.payments.purchases import (
    find_purchase,
    get_purchase,
    list_purchases,
    new_purchase_id,
    owner_of,
    place_purchase,
    purchase_lot,
    remember_objects,
    require_source,
)
from tests.shop import open_shop


@pytest.fixture
def acme(db, now):
    """A sandbox workspace."""
    about = {"name": "Acme", "owner_email": "owner@example.com", "actor": "test", "at": now}
    ledger.create_workspace(db, "acme", **about)
    return "acme"


def place(db, now, key="k", package="small", **more):
    return place_purchase(db, "acme", package, mode="sandbox", key=key, actor="test", at=now, **more)


def test_ids_are_uuids_of_version_7_in_the_order_of_time(now):
    ids = [new_purchase_id("acme", f"k{n}", now + timedelta(milliseconds=n)) for n in range(50)]

    assert ids == sorted(ids)
    assert {(each.version, each.variant) for each in ids} == {(7, "specified in RFC 4122")}
    assert len({new_purchase_id("acme", f"k{n}", now) for n in range(50)}) == 50


def test_the_same_purchase_has_the_same_id_so_that_histories_repeat(now):
    assert new_purchase_id("acme", "k", now) == new_purchase_id("acme", "k", now)


def test_a_placed_purchase_waits_for_payment_and_gives_nothing(db, now, acme):
    purchase = place(db, now)

    assert (purchase.status, purchase.attempt, purchase.lot_id) == ("requires_payment", 1, None)
    assert purchase_lot(db, purchase) is None
    assert get_purchase(db, acme, purchase.purchase_id) == purchase


@pytest.mark.usefixtures("acme")
def test_the_same_key_and_body_is_the_first_row_even_when_the_price_has_changed(db, now):
    first = place(db, now)
    ledger.payments.catalogue.publish_package(
        db, "small", name="Small", minutes=60, amount_cents=50, valid_from=now, actor="t"
    )

    assert place(db, now + timedelta(days=1)) == first
    with pytest.raises(KeyReused):
        place(db, now, package="large")


@pytest.mark.usefixtures("acme")
def test_keys_belong_to_their_workspace(db, now):
    ledger.create_workspace(db, "other", name="O", owner_email="o@example.com", actor="test", at=now)
    first = place(db, now)

    second = place_purchase(db, "other", "small", mode="sandbox", key="k", actor="test", at=now)

    assert first.purchase_id != second.purchase_id


@pytest.mark.usefixtures("acme")
def test_odd_keys_and_times_are_refused(db, now):
    for key in ("", "x" * 256, "a\x00b"):
        with pytest.raises(InvalidKey):
            place(db, now, key=key)
    with pytest.raises(InvalidTime):
        place(db, now.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("source", "mode", "allowed"),
    [
        ("sandbox", "sandbox", True),
        ("demo", "sandbox", True),
        ("stripe_test", "stripe_test", True),
        ("live", "live", True),
        ("live", "sandbox", False),
        ("live", "stripe_test", False),
        ("demo", "live", False),
        ("demo", "stripe_test", False),
        ("sandbox", "live", False),
        ("stripe_test", "sandbox", False),
    ],
)
def test_a_workspace_buys_only_through_the_gateway_of_its_own_source(source, mode, allowed):
    if allowed:
        require_source(source, mode)
    else:
        with pytest.raises(WrongSource):
            require_source(source, mode)


@pytest.mark.usefixtures("acme")
def test_a_purchase_is_returned_by_its_own_id_alone(db, now):
    purchase = place(db, now)

    assert find_purchase(db, purchase.purchase_id) == purchase
    with pytest.raises(UnknownPurchase):
        find_purchase(db, UUID(int=1))


def test_an_id_of_stripe_keeps_its_first_owner(db, now, acme):
    first, second = place(db, now, key="1"), place(db, now, key="2")
    remember_objects(db, acme, first.purchase_id, {"charge": "ch_1"})
    remember_objects(db, acme, second.purchase_id, {"charge": "ch_1"})

    assert owner_of(db, [None, "ch_0", "ch_1"]).purchase_id == first.purchase_id
    assert owner_of(db, ["ch_0"]) is None
    assert owner_of(db, []) is None


def test_purchases_are_listed_newest_first_in_pages(db, now, acme):
    placed = [place(db, now + timedelta(minutes=n), key=str(n)) for n in range(5)]

    first = list_purchases(db, acme, limit=2)
    rest = list_purchases(db, acme, before=first[-1].purchase_id)

    assert first + rest == placed[::-1]


@pytest.mark.parametrize(
    "change",
    [
        "refunded_cents = 1000",
        "refunded_cents = -1",
        "amount_cents = 0",
        "minutes = 0",
        "currency = 'USD'",
        "currency = 'us'",
        "status = 'gone'",
        "status = 'paid', paid_at = NULL",
        "status = 'failed', failure_code = NULL",
        "status = 'failed', failure_code = 'x', failure_message = ' '",
        "taken_back_minutes = 61",
        "shortfall_minutes = -1",
        "taken_back_minutes = 40, shortfall_minutes = 21",
        "lot_id = NULL, taken_back_minutes = 1",
        "attempt = 0",
        "source = 'other'",
    ],
)
def test_the_database_itself_refuses_rows_that_cannot_be(engine, now, change):
    with open_shop(engine, now) as shop:
        shop.bought("small")

        with pytest.raises(IntegrityError):
            shop.runs(f"UPDATE extra_minutes_purchases SET {change}")


def test_a_lot_cannot_point_to_a_purchase_of_another_workspace(engine, now):
    with open_shop(engine, now) as shop:
        purchase = shop.buys("small", None)
        shop.signs_up("other")

        with pytest.raises(IntegrityError), ledger.writing(engine) as db:
            ledger.minutes.credits.credit_purchase(
                db, "other", 60, purchase_id=purchase.purchase_id, key="k", actor="t", at=now
            )
