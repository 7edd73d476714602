"""A closed month's number stays: stored once, when the month is over and matured, at a bounded cost."""

import re
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import ProgrammingError

import ledger
from ledger.database import writing
from ledger.metrics import measure
from ledger.metrics.closed_months import (
    MONTHS_A_PASS,
    close_months,
    closed_number,
    list_closed,
    month_between,
)
from ledger.metrics.registry import closing
from ledger.metrics.rollups import refresh_rollups
from tests import mini_ledger
from tests.closing import APRIL, LATER, MARCH, causes, changed, look_again, march, signs_up, stored_months
from tests.mini_ledger import AS_OF, when


def test_a_month_that_is_over_and_matured_is_stored_as_it_was_measured(closed):
    conversion, net = march(closed, "conversion"), march(closed, "revenue-net")

    first = conversion.closed
    assert (first.value, first.n, first.pending, first.low, first.high) == (50.0, 6, 0, 18.8, 81.2)
    assert (first.revision, first.definition_version, first.as_of, first.computed_at) == (1, 2, AS_OF, AS_OF)
    assert (net.closed.value, net.closed.currency, net.closed.n) == (4997.0, "usd", 5)
    assert not conversion.moved
    assert conversion.causes == ()


def test_every_stored_number_is_the_one_that_the_pages_show(closed):
    for metric in closing():
        result = march(closed, metric.slug)
        if result is None:
            assert metric.slug == "repeat-rate"  # not matured: 90 days
            continue
        shown = measure(
            closed, metric.slug, start=when("03-01 00:00"), end=when("04-01 00:00"), as_of=AS_OF, source="live"
        )  # fmt: skip
        assert (result.closed.value, result.closed.n) == (shown.value, shown.n)


def test_a_month_closes_for_a_metric_when_its_last_row_has_matured(db):
    mini_ledger.live_through(db)
    day = timedelta(days=1)

    refresh_rollups(db, at=when("04-15 00:00") - day)
    close_months(db, at=when("04-15 00:00") - day)
    early = (march(db, "conversion"), march(db, "revenue-net"))
    refresh_rollups(db, at=when("04-15 00:00"))
    close_months(db, at=when("04-15 00:00"))

    assert (early[0], early[1].closed.value) == (None, 4997.0)
    assert march(db, "conversion").closed.n == 6


def test_the_running_month_is_not_stored(closed):
    assert (
        list_closed(closed, ["revenue-net"], source="live", first=APRIL, last=date(2027, 1, 1), as_of=LATER)
        == []
    )


def test_what_is_unchanged_is_measured_once(closed):
    before = stored_months(closed)

    again = [look_again(closed, at=LATER + timedelta(hours=hour)) for hour in range(3)]

    assert again == [0, 0, 0]
    assert stored_months(closed) == before


def test_nothing_closes_while_the_daily_sums_are_of_other_definitions(db, monkeypatch):
    mini_ledger.live_through(db)
    refresh_rollups(db, at=AS_OF)
    changed(monkeypatch, "conversion-first-hit", lambda sql: sql.replace("version: 1", "version: 2"))

    assert close_months(db, at=AS_OF) == 0
    assert stored_months(db) == 0


def test_a_month_ends_at_the_midnight_of_the_report_time_zone_also_when_the_clock_jumped(db):
    end = datetime(2026, 4, 1, 4, tzinfo=UTC)  # midnight in New York in summer; March began at 05:00 UTC
    signs_up(db, "acme", datetime(2026, 3, 2, tzinfo=UTC))
    mini_ledger._buys("acme", "small")(db, end - timedelta(minutes=1))
    mini_ledger._buys("acme", "medium")(db, end)
    refresh_rollups(db, at=end - timedelta(seconds=1), timezone="America/New_York")
    close_months(db, at=end)
    too_early = march(db, "revenue-gross")

    refresh_rollups(db, at=end, timezone="America/New_York")
    close_months(db, at=end)

    assert too_early is None
    assert march(db, "revenue-gross").closed.value == 999.0
    march_in_new_york = (datetime(2026, 3, 1, 5, tzinfo=UTC), end)
    assert month_between(*march_in_new_york, timezone="America/New_York") == MARCH
    assert month_between(*march_in_new_york, timezone="UTC") is None


def test_a_window_over_a_change_of_the_clocks_is_as_long_as_any_other(db):
    signs_up(db, "acme", datetime(2026, 2, 2, tzinfo=UTC))
    ledger.track_minutes(
        db, "acme", 400, key="u", at=datetime(2026, 3, 1, 4, 59, tzinfo=UTC)
    )  # 28 February there
    matured = datetime(2026, 3, 15, 5, tzinfo=UTC)  # 14 days of 24 hours after the month: 1 o'clock in summer
    result = []
    for at in (matured - timedelta(minutes=30), matured):
        refresh_rollups(db, at=at, timezone="America/New_York")
        close_months(db, at=at)
        months = {"first": date(2026, 2, 1), "last": MARCH}
        result.append(list_closed(db, ["conversion"], source="live", **months, as_of=at))

    assert result[0] == []
    assert (result[1][0].closed.n, result[1][0].closed.pending) == (1, 0)


def test_one_workspace_is_a_company(db):
    signs_up(db, "acme", datetime(2026, 1, 10, tzinfo=UTC))
    ledger.track_minutes(db, "acme", 500, key="u", at=datetime(2026, 3, 5, tzinfo=UTC))
    refresh_rollups(db, at=AS_OF)

    close_months(db, at=AS_OF)

    assert (march(db, "conversion").closed.value, march(db, "conversion").closed.n) == (0.0, 1)
    assert march(db, "average-package-minutes").closed.reason == "nothing to count in this period"


def test_an_empty_database_closes_nothing(db):
    before_any_refresh = close_months(db, at=AS_OF)
    refresh_rollups(db, at=AS_OF)

    assert (before_any_refresh, close_months(db, at=LATER), stored_months(db)) == (0, 0, 0)


def test_two_workers_at_once_keep_one_row_each(engine):
    with writing(engine) as db:
        mini_ledger.live_through(db)
        refresh_rollups(db, at=AS_OF)
    start, measured = threading.Barrier(2), []

    def close():
        start.wait()
        with writing(engine) as db:
            measured.append(close_months(db, at=AS_OF))

    workers = [threading.Thread(target=close) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    with engine.connect() as db:
        twice = db.execute(
            text("SELECT metric FROM closed_months GROUP BY metric, month, currency HAVING count(*) > 1")
        )
        assert twice.all() == []
        assert sorted(measured) == [0, stored_months(db)]


def test_the_application_may_add_readings_and_never_change_one(closed):
    for sentence in (
        "UPDATE closed_months SET value = 0",
        "DELETE FROM closed_months",
        "DELETE FROM metric_versions",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), closed.begin_nested():
            closed.execute(text(sentence))


def test_a_pass_costs_the_same_however_long_the_history_is(db):
    signs_up(db, "acme", datetime(2024, 1, 10, tzinfo=UTC))
    for month in range(26):
        at = datetime(2024 + month // 12, 1 + month % 12, 20, tzinfo=UTC)
        ledger.track_minutes(db, "acme", 400, key=f"u{month}", at=at)
    refresh_rollups(db, at=AS_OF)
    limit = MONTHS_A_PASS * len(closing())

    first, *others = [close_months(db, at=AS_OF + timedelta(minutes=n)) for n in range(8)]
    executed = statements(db, lambda: close_months(db, at=LATER))

    months = db.execute(text("SELECT count(DISTINCT month) FROM closed_months")).scalar_one()
    assert months == 27  # January 2024 to March 2026
    assert 0 < first <= limit
    assert max(others) <= limit
    assert others[-1] == 0
    assert sum("FROM daily_rollups d\nWHERE d.metric = ANY" in one for one in executed) == MONTHS_A_PASS
    assert not any(re.search(r"\b(entries|draws|stored_draws)\b", one) for one in executed)
    assert len(executed) < 4 * MONTHS_A_PASS + 10


def test_comparing_an_old_month_detects_its_late_fact(db):
    signs_up(db, "acme", datetime(2024, 1, 10, tzinfo=UTC))
    ledger.track_minutes(db, "acme", 400, key="u", at=datetime(2024, 1, 20, tzinfo=UTC))
    refresh_rollups(db, at=AS_OF)
    for n in range(8):
        close_months(db, at=AS_OF + timedelta(minutes=n))
    mini_ledger._buys("acme", "small")(db, datetime(2024, 1, 25, tzinfo=UTC))
    refresh_rollups(db, at=LATER, sweep=True)

    for n in range(8):
        close_months(db, at=LATER + timedelta(minutes=n))

    (result,) = [
        one
        for one in list_closed(
            db,
            ["revenue-gross"],
            source="live",
            first=date(2024, 1, 1),
            last=date(2024, 2, 1),
            as_of=LATER + timedelta(hours=1),
        )
        if one.closed.currency == "usd"
    ]
    assert [(one.revision, one.value) for one in result.readings] == [(1, 0.0), (2, 999.0)]
    assert causes(result) == [("late purchase", "purchases", 0, 1)]


def test_a_period_that_is_no_closed_month_has_no_closed_number(closed):
    exactly = {"start": when("03-01 00:00"), "end": when("04-01 00:00")}
    arguments = {"source": "live", "as_of": LATER, "timezone": "UTC"}

    assert closed_number(closed, "conversion", **exactly, **arguments).closed.value == 50.0
    assert closed_number(closed, "revenue-net", **exactly, **arguments, currency="usd").closed.value == 4997.0
    assert closed_number(closed, "conversion", **{**exactly, "end": when("04-02 00:00")}, **arguments) is None
    assert (
        closed_number(closed, "conversion", **{**exactly, "start": when("02-01 00:00")}, **arguments) is None
    )
    assert closed_number(closed, "incidence", **exactly, **arguments) is None


def statements(db, work):
    """The statements that `work` sends."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return sent


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_the_ends_of_time_are_no_month(zone):
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)

    assert month_between(first, first, timezone=zone) is None
    assert month_between(last, last, timezone=zone) is None
    assert month_between(first, last, timezone=zone) is None
