"""Balance now and as of any time, the gauge, and the limit."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, text

import ledger
from ledger.minutes.balances import percent_used
from tests.stories import Story


def test_a_balance_names_its_lots_in_the_order_of_use(db: Connection) -> None:
    acme = Story(db)
    acme.gets(10)
    acme.plan("starter")
    acme.later(days=-1).buys("small")

    lots = ledger.get_balance(db, acme.workspace_id).lots

    assert [lot.kind for lot in lots] == ["plan", "purchase", "grant"]


def test_the_statement_is_read_page_by_page_newest_first(db: Connection) -> None:
    acme = Story(db)
    for _ in range(5):
        acme.gets(1)

    first = ledger.list_entries(db, acme.workspace_id, limit=2)
    second = ledger.list_entries(db, acme.workspace_id, before=first[-1].entry_no, limit=2)

    assert [entry.entry_no for entry in first + second] == [5, 4, 3, 2]


def test_an_entry_that_is_not_there_cannot_be_explained(db: Connection) -> None:
    acme = Story(db)

    with pytest.raises(ledger.UnknownEntry):
        ledger.explain_entry(db, acme.workspace_id, 1)


def test_the_limit_says_what_is_left_and_which_pool_is_in_use(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter")
    acme.buys("small")
    acme.uses(245)

    limit = ledger.check_usage_limit(db, acme.workspace_id, 16, at=acme.now)

    assert (limit.allowed, limit.total_minutes, limit.using_extra) == (False, 15, True)
    assert (limit.percent_used, limit.warning) == (94.2, 90)
    assert ledger.check_usage_limit(db, acme.workspace_id, 15, at=acme.now).allowed
    with pytest.raises(ledger.InvalidMinutes):
        ledger.check_usage_limit(db, acme.workspace_id, 0)
    acme.uses(15)
    assert not ledger.check_usage_limit(db, acme.workspace_id, at=acme.now).using_extra


def test_a_workspace_without_credits_has_no_gauge(db: Connection) -> None:
    acme = Story(db)

    balance = ledger.get_balance(db, acme.workspace_id)

    assert (balance.total_minutes, balance.percent_used, balance.minutes_reset_date) == (0, None, None)
    assert ledger.check_usage_limit(db, acme.workspace_id).warning is None


def test_percent_used_is_rounded_down_to_one_decimal_like_in_sql(db: Connection) -> None:
    for base, balance in ((3, 1), (7, 0), (1000, 1), (200, 40), (0, 0), (9, 9)):
        in_sql = db.execute(text("SELECT gauge_percent(:t, :b)"), {"t": base, "b": balance}).scalar_one()

        assert percent_used(base, balance) == (None if in_sql is None else float(in_sql))


def test_thresholds_fire_once_in_an_epoch_at_the_exact_percent(db: Connection) -> None:
    acme = Story(db)
    acme.gets(1000)

    crossed = [acme.uses(minutes).thresholds for minutes in (799, 1, 99, 1, 100, 5)]

    assert crossed == [(), (80,), (), (90,), (100,), ()]


def test_one_use_may_cross_all_thresholds(db: Connection) -> None:
    acme = Story(db)
    acme.gets(10)

    assert acme.uses(12).thresholds == (80, 90, 100)


def test_a_credit_opens_an_epoch_in_which_thresholds_fire_again(db: Connection) -> None:
    acme = Story(db)
    acme.gets(10)
    acme.uses(8)
    acme.gets(10)

    assert acme.uses(10).thresholds == (80,)


def test_a_void_lowers_the_top_and_fires_nothing(db: Connection) -> None:
    acme = Story(db)
    acme.gets(100, "grant")
    acme.uses(50)

    acme.voids("grant", 45)

    assert acme.crossed() == []
    assert ledger.get_balance(db, acme.workspace_id).percent_used == 90.9


def test_a_void_to_zero_is_no_limit_hit_but_the_next_use_is(db: Connection) -> None:
    acme = Story(db)
    acme.gets(100, "grant")
    acme.voids("grant")
    assert acme.crossed() == []

    acme.uses(1)

    assert (1, "limit_hit") in acme.crossed()


def test_giving_back_raises_the_top_and_opens_no_epoch(db: Connection) -> None:
    acme = Story(db)
    acme.buys("small")
    acme.uses(50)
    acme.loses("small", 10)

    acme.regains("small", 10)

    balance = ledger.get_balance(db, acme.workspace_id)
    assert (balance.epoch, balance.gauge_base, balance.percent_used) == (1, 60, 83.3)
    assert acme.crossed() == [(1, "used_80")]


def test_a_limit_hit_is_recorded_once_in_an_epoch_with_the_unmet_minutes_of_its_use(db: Connection) -> None:
    acme = Story(db)
    acme.gets(10)
    acme.uses(15)
    acme.uses(5)

    hits = db.execute(
        text("SELECT epoch, unmet_minutes FROM limit_hits WHERE workspace_id = :w"), {"w": acme.workspace_id}
    ).all()

    assert [tuple(hit) for hit in hits] == [(1, 5)]


def test_a_credit_opens_an_epoch_in_which_the_limit_and_the_end_of_the_plan_count_again(
    db: Connection,
) -> None:
    acme = Story(db)
    for _ in range(2):
        acme.plan("starter")
        acme.gets(10)
        acme.uses(210)

    facts = [(epoch, kind) for epoch, kind in acme.crossed() if not kind.startswith("used")]

    assert facts == [(2, "plan_exhausted"), (2, "limit_hit"), (4, "plan_exhausted"), (4, "limit_hit")]


def test_a_use_before_the_first_credit_is_a_limit_hit_of_epoch_zero(db: Connection) -> None:
    acme = Story(db)

    use = acme.uses(3)

    assert (use.unmet_minutes, use.thresholds, use.percent_used) == (3, (), None)
    assert acme.crossed() == [(0, "limit_hit")]


def test_plan_exhausted_says_that_extra_minutes_took_over(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter")
    acme.buys("jumbo")

    acme.uses(200)

    assert acme.crossed() == [(2, "plan_exhausted")]


def test_a_balance_can_be_read_as_of_any_century(db: Connection) -> None:
    acme = Story(db)
    acme.plan("starter", "annual")

    before, after = (
        ledger.get_balance(db, acme.workspace_id, at=at)
        for at in (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
    )

    assert (before.total_minutes, after.total_minutes) == (0, 2400)
