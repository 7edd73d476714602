"""What every metric is divided by: plan, billing cycle and attributes, added in one place to the rows of all."""

from decimal import Decimal

import pytest
from sqlalchemy import text

import ledger
from ledger.metrics import METRICS, each_row, measure
from ledger.metrics.measures import worked
from ledger.metrics.rollups import refresh_rollups
from ledger.minutes.attributes import set_attributes
from tests import mini_ledger, random_company
from tests.databases import migrated_database
from tests.mini_ledger import AS_OF, START, when
from tests.random_company import BEGIN

SELECTION = {"start": START, "end": AS_OF, "as_of": AS_OF, "source": "live"}
SUMMED = [
    slug for slug, metric in METRICS.items() if metric.rollup and metric.estimate in ("ratio", "sum", "mean")
]


@pytest.fixture(scope="module")
def company():
    """A company in which two of three workspaces have a country, rolled up before they got it."""
    with migrated_database() as engine, engine.connect() as db, db.begin() as transaction:
        names = random_company.live_through(db, seed=31, workspaces=9, things=30, source="live")
        refresh_rollups(db, at=random_company.AS_OF)
        for number, name in enumerate(names):
            if number % 3:
                set_attributes(db, name, {"country": ("DE", "FR")[number % 2]}, actor="t", at=BEGIN)
        yield db
        transaction.rollback()


def selection(**more):
    """The whole history of that company."""
    return {
        "start": BEGIN,
        "end": random_company.AS_OF,
        "as_of": random_company.AS_OF,
        "source": "live",
        **more,
    }


def test_no_metric_file_names_a_segment():
    """An attribute touches no metric, and neither does a plan: they are added to the rows from workspace and moment."""
    own = {slug: metric.body for slug, metric in METRICS.items() if slug != "upgrade-after-hit"}

    assert [
        slug for slug, body in own.items() if "billing_cycle" in body or "workspace_attributes" in body
    ] == []


@pytest.mark.parametrize("slug", SUMMED)
def test_the_parts_of_an_attribute_are_its_filters_and_add_up_to_the_whole(company, slug):
    whole = measure(company, slug, **selection(currency="usd", by="country"))
    parts = {part.part: part for part in whole.parts}

    for segment, part in parts.items():
        filtered = measure(company, slug, **selection(currency="usd", attributes={"country": segment}))
        behind = list(each_row(company, slug, **selection(currency="usd", attributes={"country": segment})))
        assert (part.value, part.n, part.pending) == (filtered.value, filtered.n, filtered.pending)
        assert sum(
            (Decimal(row["value"]) for row in behind if not row["pending"]), Decimal(0)
        ) == pytest.approx(Decimal(str(part.numerator)), abs=Decimal("0.001"))
    assert sum(part.pending for part in parts.values()) == whole.pending
    assert sum(part.numerator for part in parts.values()) == pytest.approx(whole.numerator, abs=1e-3)
    assert set(parts) <= {"DE", "FR", "none"}


def test_an_attribute_that_changes_moves_its_workspace_at_once(company):
    with company.begin_nested() as point:
        before = {p.part: p.n for p in measure(company, "revenue-gross", **selection(by="country")).parts}
        for name in company.scalars(text("SELECT workspace_id FROM workspaces")).all():
            set_attributes(company, name, {"country": "IT"}, actor="t", at=BEGIN)

        after = {p.part: p.n for p in measure(company, "revenue-gross", **selection(by="country")).parts}
        point.rollback()

    assert set(before) == {"DE", "FR", "none"}
    assert after == {"IT": sum(before.values())}


def test_parts_of_a_number_stand_in_the_order_of_their_numbers(company):
    with company.begin_nested() as point:
        names = company.scalars(text("SELECT workspace_id FROM workspaces ORDER BY 1")).all()
        for name, seats in zip(names, [3, 12, 150, 1, 3, 12, 40, 40, 7], strict=True):
            set_attributes(company, name, {"seats": seats}, actor="t", at=BEGIN)
        result = measure(company, "revenue-gross", **selection(by="seats"))
        point.rollback()

    assert [part.part for part in result.parts] == ["1", "2-4", "5-9", "10-19", "20-49", "100-199"]


def test_an_unknown_dimension_is_refused_by_name(company):
    with pytest.raises(ValueError, match=r"parts are one of plan, .*, country"):
        measure(company, "conversion", **selection(by="mood"))


def test_a_workspace_counts_once_for_each_of_its_plans_and_once_in_the_whole(db):
    """W hits on Starter on 1 March without buying, and on Pro on 20 March and buys: 1 of 1, Starter 0 of 1, Pro 1 of 1."""
    mini_ledger.live_through(db)
    ledger.create_workspace(
        db, "W", name="W", owner_email="o@example.com", actor="t", at=START, source="live"
    )
    ledger.update_plan_allocation(db, "W", "starter", "annual", key="a", actor="t", at=START)
    ledger.track_minutes(db, "W", 5_000, key="1", at=when("03-01 09:00"))
    ledger.update_plan_allocation(db, "W", "pro", "annual", key="b", actor="t", at=when("03-18 09:00"))
    ledger.track_minutes(db, "W", 5_000, key="2", at=when("03-20 09:00"))
    mini_ledger._buys("W", "small")(db, when("03-21 09:00"))

    for rolled in (False, True):
        if rolled:
            refresh_rollups(db, at=AS_OF)
        result = measure(db, "conversion", **SELECTION, by="plan")
        parts = {part.part: (part.numerator, part.denominator) for part in result.parts}
        assert (result.numerator, result.denominator) == (5, 8)  # 4 of 7 are the ten workspaces
        assert parts == {"starter": (4, 8), "pro": (1, 1)}


def test_what_became_of_a_purchase_counts_for_the_plan_on_which_it_was_bought(db):
    """Bought on Starter for 9.99, then Pro, then refunded: Starter has nothing left, Pro never had anything."""
    ledger.create_workspace(
        db, "W", name="W", owner_email="o@example.com", actor="t", at=START, source="live"
    )
    ledger.update_plan_allocation(db, "W", "starter", "annual", key="a", actor="t", at=START)
    mini_ledger._buys("W", "small")(db, when("03-01 09:00"))
    ledger.update_plan_allocation(db, "W", "pro", "annual", key="b", actor="t", at=when("03-18 09:00"))
    mini_ledger.refund(db, "W", at=when("03-20 09:00"))
    refresh_rollups(db, at=AS_OF)

    result = {
        (slug, plan): measure(db, slug, **SELECTION, plan=plan).value
        for slug in ("revenue-net", "refunds", "liability-money", "recognised-money")
        for plan in ("starter", "pro")
    }

    assert result == {
        ("revenue-net", "starter"): 0,
        ("revenue-net", "pro"): 0,
        ("refunds", "starter"): 999,
        ("refunds", "pro"): 0,
        ("liability-money", "starter"): 0,
        ("liability-money", "pro"): 0,
        ("recognised-money", "starter"): 0,
        ("recognised-money", "pro"): 0,
    }


def test_a_plan_of_arppu_counts_what_was_bought_on_it(db):
    """W buys small on Starter and medium on Pro: Starter 9.99 / 1, Pro 19.99 / 1, both together 29.98 / 1."""
    ledger.create_workspace(
        db, "W", name="W", owner_email="o@example.com", actor="t", at=START, source="live"
    )
    ledger.update_plan_allocation(db, "W", "starter", "annual", key="a", actor="t", at=START)
    mini_ledger._buys("W", "small")(db, when("03-01 09:00"))
    ledger.update_plan_allocation(db, "W", "pro", "annual", key="b", actor="t", at=when("03-18 09:00"))
    mini_ledger._buys("W", "medium")(db, when("03-20 09:00"))
    refresh_rollups(db, at=AS_OF)

    result = {plan: measure(db, "arppu", **SELECTION, plan=plan) for plan in (None, "starter", "pro")}

    assert {plan: (one.value, one.n) for plan, one in result.items()} == {
        None: (2998, 1),
        "starter": (999, 1),
        "pro": (1999, 1),
    }


def test_a_copy_for_a_rehearsal_is_in_no_metric(db):
    mini_ledger.live_through(db)
    ledger.create_workspace(
        db, "sim:W", name="W", owner_email="o@example.com", actor="t", at=START, source="live"
    )
    ledger.update_plan_allocation(db, "sim:W", "starter", "annual", key="a", actor="t", at=START)
    ledger.track_minutes(db, "sim:W", 2_000, key="1", at=when("03-01 09:00"))
    ledger.track_minutes(db, "sim:W", 2_000, key="2", at=when("03-01 10:00"))
    mini_ledger._buys("sim:W", "small")(db, when("03-21 09:00"))
    refresh_rollups(db, at=AS_OF)

    for slug, metric in METRICS.items():
        assert "sim:W" not in {row["workspace_id"] for row in each_row(db, slug, **SELECTION)}, slug
        assert worked(measure(db, slug, **SELECTION)) == metric.example
