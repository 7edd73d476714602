"""A number is the sum of its rows, whichever way it is requested."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import text

from ledger.database import inlined, query
from ledger.errors import UnknownMetric
from ledger.metrics import METRICS, each_row, measure, row_totals, rows
from ledger.metrics.registry import STEPS, _read, rolled
from ledger.metrics.rollups import refresh_rollups
from ledger.metrics.rows import LATEST
from tests import random_company
from tests.databases import as_owner, migrated_database
from tests.random_company import AS_OF, BEGIN

PERIODS = {
    "everything": (BEGIN, AS_OF),
    "whole days": (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 15, tzinfo=UTC)),
    "odd hours": (datetime(2026, 1, 20, 7, 31, tzinfo=UTC), datetime(2026, 4, 3, 18, 9, 30, tzinfo=UTC)),
    "within one day": (datetime(2026, 2, 20, 3, tzinfo=UTC), datetime(2026, 2, 20, 19, tzinfo=UTC)),
    "beyond the data": (datetime(2026, 4, 20, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)),
}
COUNTED = [
    slug for slug, metric in METRICS.items() if metric.estimate in ("ratio", "mean", "slow-mean", "sum")
]
FILTERS = [
    {},
    {"plan": "starter"},
    {"plan": "pro", "billing_cycle": "annual"},
    {"billing_cycle": "monthly"},
]


@pytest.fixture(scope="module")
def company():
    """A company of two sources, rolled up; nobody changes it."""
    with migrated_database() as engine, engine.connect() as db, db.begin() as transaction:
        random_company.live_through(db, seed=11, workspaces=14, things=30, source="sandbox")
        random_company.live_through(db, seed=12, workspaces=6, things=30, source="live")
        refresh_rollups(db, at=AS_OF)
        yield db
        transaction.rollback()


def number_of(metric, measured):
    """The number as anybody would work it out from its rows."""
    counted = [row for row in measured if not row["pending"]]
    value, weight = sum(row["value"] for row in counted), sum(row["weight"] for row in counted)
    if metric.estimate == "sum":
        return pytest.approx(float(value), abs=1e-3)
    if weight == 0:
        return None
    return (
        pytest.approx(100 * value / weight, abs=0.051)
        if metric.estimate == "ratio"
        else pytest.approx(float(value) / weight, abs=1e-3)
    )


@pytest.mark.parametrize("slug", COUNTED)
@pytest.mark.parametrize("source", ["sandbox", "live"])
def test_the_rows_add_up_to_the_number_for_every_period_filter_and_source(company, slug, source):
    for (start, end), filters in product(PERIODS.values(), FILTERS):
        arguments = {"start": start, "end": end, "as_of": AS_OF, "source": source, **filters}

        result = measure(company, slug, **arguments, currency="usd")

        behind = list(each_row(company, slug, **arguments, currency="usd"))
        assert result.value == number_of(METRICS[slug], behind), (start, end, filters)
        assert result.pending == sum(row["pending"] for row in behind), (start, end, filters)


@pytest.mark.parametrize("slug", sorted({metric.slug for metric in METRICS.values() if metric.rollup}))
def test_day_level_sums_and_rows_give_the_same_parts(company, slug):
    moments = () if METRICS[slug].accumulates else ("part", "day", "week", "month")
    for by in ("plan", "billing_cycle", "package", *moments):
        arguments = {
            "start": BEGIN,
            "end": AS_OF,
            "as_of": AS_OF,
            "source": "sandbox",
            "currency": "usd",
            "by": by,
        }
        fast = measure(company, slug, **arguments)

        slow = measure(company, slug, **{**arguments, "window_days": METRICS[slug].matures or 1})

        assert [(p.part, p.value, p.pending) for p in fast.parts if p.value] == [
            (p.part, p.value, p.pending) for p in slow.parts if p.value
        ]


def test_the_company_has_what_metrics_are_about(company):
    arguments = {"start": BEGIN, "end": AS_OF, "as_of": AS_OF, "source": "sandbox"}

    empty = [slug for slug in COUNTED if not row_totals(company, slug, **arguments).n]

    assert empty == []


def test_pages_of_rows_put_together_are_all_rows(company):
    arguments = {"start": BEGIN, "end": AS_OF, "as_of": AS_OF, "source": "sandbox"}

    paged = [
        row
        for offset in range(0, 400, 7)
        for row in rows(company, "revenue-net", **arguments, limit=7, offset=offset)
    ]

    assert paged == list(each_row(company, "revenue-net", **arguments))
    assert len(paged) == row_totals(company, "revenue-net", **arguments).n > 30


def test_a_closed_past_does_not_move_when_read_later(company):
    then = datetime(2026, 3, 20, 12, 30, tzinfo=UTC)
    arguments = {"start": BEGIN, "end": datetime(2026, 3, 1, tzinfo=UTC), "as_of": then, "source": "sandbox"}

    matured = measure(company, "conversion", **{**arguments, "as_of": AS_OF})
    at_the_time = measure(company, "conversion", **arguments)

    assert at_the_time.as_of == then
    assert at_the_time.pending == 0
    assert (at_the_time.value, at_the_time.n) == (matured.value, matured.n)


def test_owed_and_earned_money_add_up_to_net_revenue(company):
    arguments = {"start": BEGIN, "end": AS_OF, "as_of": AS_OF, "source": "sandbox"}

    owed, earned, net = (
        measure(company, slug, **arguments).value
        for slug in ("liability-money", "recognised-money", "revenue-net")
    )

    assert owed + earned == pytest.approx(net, abs=1e-3)
    assert owed > 0
    assert earned > 0


def test_what_is_owed_at_a_past_day_is_what_was_owed_then(db):
    random_company.live_through(db, seed=21, workspaces=5, things=25)
    day = datetime(2026, 4, 1, tzinfo=UTC)
    refresh_rollups(db, at=AS_OF)
    arguments = {"start": BEGIN, "end": day, "source": "sandbox"}

    at_the_time = measure(db, "liability-minutes", **arguments, as_of=day).value
    looking_back = measure(db, "liability-minutes", **arguments, as_of=AS_OF).value

    behind = list(each_row(db, "liability-minutes", **arguments, as_of=AS_OF))
    assert at_the_time == looking_back == sum(row["value"] for row in behind) > 0


def test_a_hit_matures_in_the_very_instant(company):
    row = next(
        row
        for row in each_row(company, "conversion", start=BEGIN, end=AS_OF, as_of=AS_OF, source="sandbox")
        if not row["pending"]
    )
    arguments = {"start": row["at"], "end": row["at"] + timedelta(microseconds=1), "source": "sandbox"}
    ripe = row["at"] + timedelta(days=14)

    in_time = measure(company, "conversion", **arguments, as_of=ripe)
    too_soon = measure(company, "conversion", **arguments, as_of=ripe - timedelta(microseconds=1))

    assert (in_time.n, in_time.pending) == (1, 0)
    assert (too_soon.n, too_soon.pending) == (0, 1)


def test_other_windows_are_counted_from_the_rows(company):
    arguments = {"start": BEGIN, "end": AS_OF, "as_of": AS_OF, "source": "sandbox"}

    result = {days: measure(company, "conversion", **arguments, window_days=days) for days in (1, 7, 14, 30)}

    assert result[1].numerator <= result[7].numerator <= result[30].numerator
    assert result[14] == measure(company, "conversion", **arguments)


def test_several_currencies_are_never_added(company):
    with company.begin_nested() as point:
        company.exec_driver_sql(
            "INSERT INTO extra_minutes_packages (code, version, arm, name, minutes, amount_cents, currency, "
            "valid_from, created_by) VALUES ('small', 2, 'standard', 'Small', 60, 899, 'eur', '2026-01-01', 'test')"
        )
        with as_owner(company):
            company.exec_driver_sql(
                "UPDATE extra_minutes_purchases SET currency = 'eur', package_version = 2 WHERE package = 'small'"
            )
        refresh_rollups(company, at=AS_OF, sweep=True)
        arguments = {"start": BEGIN, "end": AS_OF, "as_of": AS_OF, "source": "sandbox"}

        result = measure(company, "revenue-gross", **arguments)
        euros = measure(company, "revenue-gross", **arguments, currency="eur")
        point.rollback()

    assert (result.value, result.reason) == (None, "amounts of several currencies are never added")
    assert {part.part: part.value for part in result.parts}["eur"] == euros.value > 0


@pytest.mark.parametrize("slug", METRICS)
def test_an_empty_database_gives_no_number_or_an_honest_zero(db, slug):
    now = datetime(2026, 5, 1, tzinfo=UTC)

    result = measure(db, slug, start=now - timedelta(days=90), end=now, as_of=now, source="live", by="week")

    if METRICS[slug].estimate == "sum" and not result.reason:
        assert (result.value, result.n) in ((0.0, 0), (0.0, None))
    else:
        assert result.value is None
        assert result.reason
    assert (result.low, result.high) == (None, None)


@pytest.mark.parametrize("slug", METRICS)
def test_an_impossible_period_is_said(db, now, slug):
    backwards = measure(db, slug, start=now, end=now - timedelta(days=1), as_of=now, source="live")
    empty = measure(db, slug, start=now, end=now, as_of=now, source="live")

    assert (backwards.value, backwards.reason) == (None, "the period ends before it starts")
    assert empty.value is None


def test_the_future_has_no_conversion(db, now):
    result = measure(
        db, "conversion", start=now + timedelta(days=1), end=now + timedelta(days=9), as_of=now, source="live"
    )

    assert (result.value, result.reason) == (None, "the period lies in the future")


def test_times_without_an_offset_and_unknown_metrics_are_refused(db, now):
    with pytest.raises(UnknownMetric):
        measure(db, "happiness", start=now, end=now, as_of=now, source="live")
    with pytest.raises(ValueError, match="offset"):
        measure(db, "conversion", start=now.replace(tzinfo=None), end=now, as_of=now, source="live")
    with pytest.raises(ValueError, match="parts are one of"):
        measure(db, "conversion", start=now - timedelta(days=1), end=now, as_of=now, source="live", by="mood")


def test_a_file_without_a_complete_header_is_no_metric():
    with pytest.raises(ValueError, match="header of metric x"):
        _read("x", "-- name: X\nSELECT 1")


@pytest.mark.parametrize("slug", METRICS)
def test_every_metric_gives_the_columns_that_all_have(company, slug):
    result = rows(company, slug, start=BEGIN, end=LATEST, as_of=AS_OF, source="sandbox", limit=1)

    wanted = {
        "workspace_id",
        "at",
        "plan",
        "billing_cycle",
        "package",
        "currency",
        "part",
        "value",
        "weight",
        "pending",
    }
    assert all(wanted <= set(row) for row in result)


def test_what_is_rolled_up_names_a_metric_that_is():
    names = {metric.slug for metric in rolled()}

    assert {metric.rollup for metric in (*METRICS.values(), *STEPS.values()) if metric.rollup} == names


def test_a_plan_written_out_is_the_plan_of_the_function(company):
    result = rows(company, "revenue-net", start=BEGIN, end=AS_OF, as_of=AS_OF, source="sandbox", limit=100)

    for row in result:
        by_function = company.execute(
            text(
                "SELECT plan_at(:workspace_id, :paid_at, 'plan'), plan_at(:workspace_id, :paid_at, 'billing_cycle')"
            ),
            row,
        ).one()
        assert (row["plan"], row["billing_cycle"]) == tuple(by_function)
    assert "plan_at(" not in "".join(inlined(metric.sql) for metric in METRICS.values())
    assert "plan_at(" not in "".join(str(query(name)) for name in ("sales", "sales_totals", "near_hits"))


def test_few_cases_are_known_as_few(company):
    result = measure(company, "conversion", start=BEGIN, end=AS_OF, as_of=AS_OF, source="live")

    assert result.few
    assert not replace(result, n=10).few
