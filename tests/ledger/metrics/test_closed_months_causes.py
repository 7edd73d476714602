"""What moves a closed number is listed with its cause, which is counted and not guessed."""

from datetime import timedelta

from sqlalchemy import text

import ledger
from ledger.metrics.annotations import list_annotations
from ledger.metrics.closed_months import close_months, list_closed
from tests import mini_ledger
from tests.closing import APRIL, LATER, MARCH, causes, changed, look_again, march, signs_up
from tests.databases import as_owner
from tests.mini_ledger import AS_OF, when


def test_a_refund_dated_into_a_closed_month_is_a_revision_with_its_cause(closed):
    mini_ledger.refund(closed, "W01", at=when("03-31 12:00"))

    look_again(closed)

    net = march(closed, "revenue-net")
    assert (net.closed.value, net.now.value, net.now.revision) == (4997.0, 3998.0, 2)
    assert causes(net) == [("refund", "refunds", 1, 2)]
    assert march(closed, "conversion-net").moved
    assert causes(march(closed, "conversion-net")) == [("refund", "refunds_of_purchases", 1, 2)]
    assert not march(closed, "conversion").moved
    assert march(closed, "revenue-gross").now.revision == 1


def test_a_refund_of_a_later_month_moves_only_what_follows_the_purchase(closed):
    mini_ledger.refund(closed, "W01", at=when("04-29 12:00"))

    look_again(closed)

    assert march(closed, "revenue-net").now.revision == 1
    assert causes(march(closed, "refund-rate")) == [("refund", "refunds_of_purchases", 1, 2)]


def test_a_late_use_that_makes_a_limit_hit_is_the_cause(closed):
    ledger.track_minutes(closed, "W10", 5000, key="late", at=when("03-25 09:00"))

    look_again(closed)

    conversion = march(closed, "conversion")
    assert ((conversion.closed.value, conversion.closed.n), (conversion.now.value, conversion.now.n)) == (
        (50.0, 6),
        (42.9, 7),
    )
    assert causes(conversion) == [("late use", "limit_hits", 6, 7)]
    assert causes(march(closed, "unmet-minutes"))[0][:2] == ("late use", "unmet_uses")
    assert march(closed, "revenue-net").now.revision == 1


def test_a_purchase_paid_in_the_month_but_booked_later_is_the_cause(closed):
    mini_ledger._buys("W03", "small")(closed, when("03-20 09:00"))

    look_again(closed)

    assert causes(march(closed, "conversion")) == [
        ("late purchase", "purchases", 6, 7)
    ]  # of those up to 14 April
    assert causes(march(closed, "revenue-gross")) == [("late purchase", "purchases", 4, 5)]
    assert march(closed, "conversion").now.value == 66.7


def test_a_late_use_of_bought_minutes_moves_what_is_owed_in_its_own_month(closed):
    ledger.track_minutes(closed, "W07", 30, key="late", at=when("03-25 09:00"))  # they were bought in April

    look_again(closed)

    moves = march(closed, "liability-moves-minutes")
    assert moves.now.value == moves.closed.value - 30
    (cause,) = [one for one in moves.causes if one.fact == "minutes_used"]
    assert (cause.cause, cause.now - cause.before) == ("late use", 30)


def test_a_dispute_lost_in_the_month_but_booked_later_is_the_cause(closed):
    closed.execute(
        text(
            "INSERT INTO disputes (workspace_id, dispute_id, purchase_id, amount_cents, currency, status, opened_at, closed_at) "
            "SELECT workspace_id, 'dp_1', purchase_id, amount_cents, currency, 'lost', :at, :at "
            "FROM extra_minutes_purchases WHERE workspace_id = 'W01'"
        ),
        {"at": when("03-31 12:00")},
    )
    closed.execute(
        text("UPDATE extra_minutes_purchases SET dispute_status = 'lost' WHERE workspace_id = 'W01'"),
    )

    look_again(closed)

    assert causes(march(closed, "revenue-net")) == [("dispute", "disputes_lost", 0, 1)]
    assert causes(march(closed, "conversion-net")) == [("dispute", "disputes_of_purchases", 0, 1)]


def test_sources_close_apart(closed):
    signs_up(closed, "try", when("03-02 00:00"), source="sandbox")
    ledger.track_minutes(closed, "try", 400, key="u", at=when("03-05 09:00"))

    look_again(closed)

    assert march(closed, "conversion", source="sandbox").closed.n == 1
    assert not march(closed, "conversion").moved


def test_each_further_change_is_a_further_row(closed):
    mini_ledger.refund(closed, "W01", at=when("03-31 12:00"))
    look_again(closed)
    mini_ledger._buys("W03", "small")(closed, when("03-20 09:00"))

    look_again(closed, at=LATER + timedelta(hours=1))

    net = march(closed, "revenue-net", at=LATER + timedelta(hours=1))
    assert [(one.revision, one.value) for one in net.readings] == [(1, 4997.0), (2, 3998.0), (3, 4997.0)]
    assert [cause.cause for cause in net.causes] == ["refund", "late purchase"]
    assert (
        march(closed, "revenue-net", at=AS_OF).now.revision == 1
    )  # as of then, the later rows are not known


def test_a_change_that_no_fact_explains_is_called_unknown(closed):
    closed.execute(
        text("UPDATE daily_rollups SET value = value + 1 WHERE metric = 'revenue-net' AND part = 'paid'")
    )

    close_months(closed, at=LATER)

    assert causes(march(closed, "revenue-net")) == [("unknown", None, None, None)]


def test_another_currency_in_a_closed_month_is_a_change_from_nothing_in_that_currency(closed):
    mini_ledger._buys("W03", "small")(closed, when("03-20 09:00"))
    paid_in_euros = (
        "UPDATE extra_minutes_purchases SET currency = 'eur' WHERE workspace_id = 'W03' AND source = 'live'"
    )
    with as_owner(closed):
        closed.execute(text(paid_in_euros))

    look_again(closed)

    result = list_closed(closed, ["revenue-gross"], source="live", first=MARCH, last=APRIL, as_of=LATER)
    euro, dollar = sorted(result, key=lambda one: one.closed.currency)
    assert (euro.now.currency, euro.now.value) == ("eur", 999.0)
    assert causes(euro) == [("late purchase", "purchases", 0, 1)]
    assert euro.moved
    assert not dollar.moved


def test_a_definition_that_changes_is_the_cause_and_marks_itself(closed, monkeypatch):
    changed(monkeypatch, "conversion-first-hit", lambda sql: sql.replace("version: 1", "version: 2"))

    look_again(closed)
    look_again(closed, at=LATER + timedelta(hours=1))

    conversion = march(closed, "conversion-first-hit")
    assert causes(conversion) == [("definition", None, 1, 2)]
    assert (conversion.now.definition_version, conversion.now.revision, conversion.moved) == (2, 2, False)
    marks = ledger_annotations(closed)
    assert [(mark.kind, mark.metric, mark.text) for mark in marks] == [
        ("definition", "conversion-first-hit", "v1 → v2: Conversion at the first limit hit")
    ]


def test_a_longer_window_closes_a_month_again_when_it_has_matured(closed, monkeypatch):
    changed(monkeypatch, "conversion-first-hit", lambda sql: sql.replace("matures: 14", "matures: 60").replace("version: 1", "version: 2"))  # fmt: skip

    look_again(closed)
    before = march(closed, "conversion-first-hit").now.revision
    look_again(closed, at=when("06-01 00:00"))

    after = march(closed, "conversion-first-hit", at=when("06-01 00:00"))
    assert (before, after.now.revision) == (1, 2)
    assert (after.now.value, after.now.definition_version) == (83.3, 2)
    assert causes(after) == [("definition", None, 1, 2)]


def test_days_of_another_time_zone_are_the_cause(closed):
    ledger.track_minutes(closed, "W10", 5000, key="first of March, UTC", at=when("03-01 02:00"))
    look_again(closed)
    before = march(closed, "conversion-first-hit").now

    look_again(closed, at=LATER + timedelta(hours=1), timezone="America/New_York")

    after = march(closed, "conversion-first-hit", at=LATER + timedelta(hours=1)).now
    assert (before.n, after.n) == (7, 6)
    assert ("time zone", None, "UTC", "America/New_York") in causes(
        march(closed, "conversion-first-hit", at=LATER + timedelta(hours=1))
    )
    assert after.report_timezone == "America/New_York"


def ledger_annotations(db):
    return list_annotations(db, start=AS_OF, end=LATER + timedelta(days=1), metric="conversion-first-hit")
