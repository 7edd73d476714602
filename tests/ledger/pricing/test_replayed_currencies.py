"""A company that sells in two currencies: the lab replays the workspaces that pay in one, and states the rest."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

import numpy as np
import pytest
from sqlalchemy import Engine, text

import ledger
from ledger.minutes.attributes import set_attributes
from ledger.payments.catalogue import list_packages
from ledger.payments.copies import simulation_copy
from ledger.pricing.packing import pack, unpack
from ledger.pricing.readings import newest_snapshot, read_wanted, want_due
from ledger.pricing.refusals import EmptyMenu, NoHistory
from ledger.pricing.snapshot import Snapshot, list_replayed_currencies, take_snapshot
from tests.databases import as_owner, database_like
from tests.pricing_company import NOW, START, make_company

AT = datetime.fromisoformat(NOW)


def make_europeans(engine: Engine) -> None:
    """The first half of the company pays in euros."""
    make_company(engine, half_in_euros=True)


@pytest.fixture
def company() -> Iterator[Engine]:
    """Twenty-four workspaces, of which twelve pay in euros and twelve in dollars."""
    with database_like(make_europeans) as engine:
        yield engine


def taken(engine: Engine, currency: str | None = None) -> Snapshot:
    """Return the facts in a currency."""
    with ledger.reading(engine) as db:
        return take_snapshot(db, source="sandbox", at=AT, currency=currency)


def paid(engine: Engine, currency: str) -> tuple[int, int]:
    """Return the number of purchases in a currency and what was paid for them, from the ledger."""
    with ledger.reading(engine) as db:
        row = db.execute(
            text("SELECT count(*), sum(amount_cents) FROM extra_minutes_purchases WHERE currency = :c"),
            {"c": currency},
        ).one()
    return int(row[0]), int(row[1])


def actual(snapshot: Snapshot) -> tuple[int, int]:
    """Return the number of purchases of a snapshot and what was paid for them."""
    return sum(m.purchases for m in snapshot.months), sum(m.revenue_cents for m in snapshot.months)


def test_each_currency_has_its_own_workspaces_prices_choices_and_payments(company: Engine) -> None:
    euros, dollars = taken(company, "eur"), taken(company, "usd")

    assert euros.history.workspace_ids == [f"w{n:02}" for n in range(12)]
    assert dollars.history.workspace_ids == [f"w{n:02}" for n in range(12, 24)]
    assert [p.amount_cents for p in euros.tariff.packages] == [
        p.amount_cents - 100 for p in dollars.tariff.packages
    ]
    for snapshot, currency in ((euros, "eur"), (dollars, "usd")):
        assert actual(snapshot) == paid(company, currency)
        assert snapshot.choices.counts[..., 1:].sum() == actual(snapshot)[0] > 0
        assert snapshot.choices.counts.sum() == sum(m.hits for m in snapshot.months)
        assert np.nanmin(snapshot.choices.prices[0]) == snapshot.tariff.packages[0].amount_cents / 100
    assert euros.fingerprint != dollars.fingerprint
    assert taken(company).fingerprint == dollars.fingerprint


def test_what_is_of_another_currency_is_stated_with_its_money_and_stored_with_the_facts(
    company: Engine,
) -> None:
    euros, dollars = taken(company, "eur"), taken(company, "usd")

    for snapshot, other in ((euros, "usd"), (dollars, "eur")):
        assert [asdict(each) for each in snapshot.left_out] == [
            {"currency": other, "workspaces": 12, "cents": paid(company, other)[1]}
        ]
        assert unpack(pack(snapshot)).left_out == snapshot.left_out
        assert snapshot.facts["left_out"][0]["currency"] == other


def test_a_purchase_in_a_former_currency_is_in_neither_replay(company: Engine) -> None:
    before = taken(company, "eur")
    cents = "SELECT sum(amount_cents) FROM extra_minutes_purchases WHERE workspace_id = :w"
    with ledger.reading(company) as db:
        w = next(w for w in before.history.workspace_ids if db.execute(text(cents), {"w": w}).scalar())
        moved = db.execute(text(cents), {"w": w}).scalar_one()
    with ledger.writing(company) as db:
        set_attributes(db, w, {"billing_currency": "USD"}, actor="test", at=START)

    euros, dollars = taken(company, "eur"), taken(company, "usd")

    assert w in dollars.history.workspace_ids
    assert w not in euros.history.workspace_ids
    assert actual(euros)[1] == actual(before)[1] - moved
    assert actual(dollars) == paid(company, "usd")
    assert [(each.currency, each.workspaces, each.cents) for each in euros.left_out] == [
        ("eur", 0, moved),
        ("usd", 13, paid(company, "usd")[1]),
    ]


def test_without_the_attribute_the_last_purchase_says_in_which_currency_a_workspace_pays(
    company: Engine,
) -> None:
    buyers = "SELECT DISTINCT workspace_id FROM extra_minutes_purchases WHERE currency = 'eur' ORDER BY 1"
    with ledger.writing(company) as db, as_owner(db):
        db.execute(text("DELETE FROM workspace_attributes"))
    with ledger.reading(company) as db:
        in_euros = list(db.execute(text(buyers)).scalars())
        offered = {p.currency for p in list_packages(db, in_euros[0], at=AT)}

    assert taken(company, "eur").history.workspace_ids == in_euros
    assert len(taken(company, "usd").history.workspace_ids) == 24 - len(in_euros)
    assert offered == {"eur"}


def test_the_worker_reads_every_currency_in_which_something_is_sold(company: Engine) -> None:
    due = want_due(company, at=AT)
    read_wanted(company, at=AT)

    with ledger.reading(company) as db:
        stored = [newest_snapshot(db, "sandbox", currency) for currency in ("usd", "eur", "gbp")]
    assert due == [("sandbox", "usd"), ("sandbox", "eur")]
    assert [s and (s.currency, s.workspaces) for s in stored] == [("usd", 12), ("eur", 12), None]


def test_a_currency_that_was_paid_in_stays_listed_when_nothing_is_on_sale_in_it(company: Engine) -> None:
    with ledger.writing(company) as db, as_owner(db):
        db.execute(
            text(
                "UPDATE extra_minutes_packages SET valid_to = valid_from + interval '1 day' WHERE currency = 'eur'"
            )
        )
        db.execute(
            text(
                "INSERT INTO extra_minutes_packages (code, version, arm, name, minutes, amount_cents, currency, valid_from, "
                "created_by) VALUES ('huge', 1, 'standard', 'Huge', 900, 9999, 'gbp', '2026-01-01', 'test'), "
                "('test', 1, 'up', 'Test', 900, 9999, 'sek', '2026-01-01', 'test')"
            )
        )

    with ledger.reading(company) as db:
        listed = list_replayed_currencies(db, "sandbox", at=AT)
        elsewhere = list_replayed_currencies(db, "live", at=AT)
    assert (listed, elsewhere) == (["usd", "eur", "gbp"], ["usd", "gbp"])
    with pytest.raises(EmptyMenu, match="none is on sale in EUR"):
        taken(company, "eur")
    with pytest.raises(NoHistory):
        taken(company, "gbp")


def test_a_copy_buys_in_the_currency_of_its_original(company: Engine) -> None:
    with ledger.writing(company) as db:
        twins = [
            simulation_copy(db, name, source="sandbox", actor="test", at=AT).workspace_id
            for name in ("w00", "w23")
        ]
        offers = [{p.currency for p in list_packages(db, twin, at=AT)} for twin in twins]

    assert offers == [{"eur"}, {"usd"}]
