"""A workspace counts once in any period: sums of days and the rows themselves give the same number of workspaces."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

import ledger
from ledger.database import scripts
from ledger.metrics import METRICS
from ledger.metrics.distinct_workspaces import SUMMED_PARTS
from ledger.metrics.rollups import refresh_rollups
from ledger.metrics.rows import Selection, totals
from ledger.metrics.sums import matured_and_pending, rollup_state
from ledger.metrics.whole_days import EARLIEST
from tests import random_company
from tests.databases import migrated_database
from tests.random_company import AS_OF, BEGIN, DAYS

ONCE = ("conversion", "conversion-net")
READINGS = 40


@pytest.fixture(scope="module")
def company():
    """A company of two sources whose workspaces hit the limit often and change plans, rolled up step by step."""
    dice = random.Random(8)
    with migrated_database() as engine, engine.connect() as db, db.begin() as transaction:
        names = {f"{source}-{n}": source for source in ("live", "sandbox") for n in range(5)}
        for name, source in names.items():
            random_company.sign_up(db, name, dice, source)
        for hour in range(240, 24 * DAYS, 5):
            name = dice.choice(list(names))
            live_on(db, name, names[name], dice, BEGIN + timedelta(hours=hour))
            if hour % 240 == 0:
                refresh_rollups(db, at=BEGIN + timedelta(hours=hour), sweep=False)
        refresh_rollups(db, at=AS_OF, sweep=True)
        yield db
        transaction.rollback()


def live_on(db, name, source, dice, at):
    """Hit the limit; often change the plan and hit the limit of the new one an hour later; or buy, or refund."""
    what = dice.choices(["hit", "change", "anything"], [50, 15, 35])[0]
    if what == "anything":
        random_company.one_thing(db, name, dice, at, source)
        return
    ledger.track_minutes(db, name, 9_000, key=f"{at:%m%d%H}", at=at)
    if what == "change":
        plan, cycle = dice.choice(["starter", "pro"]), dice.choice(["monthly", "annual"])
        soon = at + timedelta(minutes=30)
        ledger.update_plan_allocation(db, name, plan, cycle, key=f"{at:%m%d%H}", actor="t", at=soon)
        ledger.track_minutes(db, name, 9_000, key=f"again {at:%m%d%H}", at=at + timedelta(hours=1))


def readings(dice):
    """Periods from a midnight or the beginning, to anywhere, over all or of a plan or a billing cycle."""
    for _ in range(READINGS):
        start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=dice.randrange(DAYS))
        hours = timedelta(hours=dice.randrange(1, 24 * DAYS), minutes=dice.randrange(60))
        yield Selection(
            dice.choice([start, start, EARLIEST]),
            start + dice.choice([hours, timedelta(days=1 + hours.days)]),
            AS_OF,
            dice.choice(["live", "sandbox"]),
            plan=dice.choice([None, None, "starter", "pro"]),
            billing_cycle=dice.choice([None, None, "monthly", "annual"]),
        )


def counted(results):
    """The parts that have anything, each with bought, counted and pending."""
    return {(t.part, t.value, t.weight, t.n, t.pending) for t in results if t.n or t.pending}


@pytest.mark.parametrize("by", SUMMED_PARTS)
@pytest.mark.parametrize("slug", ONCE)
def test_sums_of_days_count_the_workspaces_that_the_rows_count(company, slug, by):
    metric, state = METRICS[slug], rollup_state(company)

    for chosen in readings(random.Random(f"{slug} {by}")):
        by_rows = counted(totals(company, metric, chosen, by))
        by_sums = counted(matured_and_pending(company, metric, chosen, state, by))
        assert by_sums == by_rows, chosen


@pytest.mark.parametrize("window_days", METRICS["conversion"].windows)
def test_so_do_the_sums_of_every_window(company, window_days):
    metric, state = METRICS["conversion"], rollup_state(company)

    for chosen in readings(random.Random(window_days)):
        windowed = Selection(**{**vars(chosen), "window_days": window_days})
        by_sums = matured_and_pending(company, metric, windowed, state)
        assert counted(by_sums) == counted(totals(company, metric, windowed)), windowed


def test_the_company_has_what_makes_counting_once_hard(company):
    """Several hits and several conversions of a workspace, two plans on one day, pending hits, both sources."""
    binds = {"metric": "conversion"}
    several = "SELECT max(n) FROM (SELECT count(*) AS n FROM workspace_days WHERE metric = :metric {} GROUP BY {}) q"
    counts = [
        company.execute(text(several.format(where, group)), binds).scalar_one()
        for where, group in (
            ("", "workspace_id"),
            ("AND value > 0", "workspace_id"),
            ("", "workspace_id, day"),
        )
    ]
    whole = Selection(EARLIEST, AS_OF, AS_OF, "live")
    rows = totals(company, METRICS["conversion-per-hit"], whole)

    assert counts[0] > 5
    assert counts[1] > 2
    assert counts[2] == 2
    assert rows[0].pending > 1


def test_the_repeats_of_a_long_period_are_read_from_their_index_alone(company):
    binds = {
        **dict.fromkeys(("by", "plan", "billing_cycle", "since_day", "first_day", "last_day")),
        "metric": "conversion",
        "source": "live",
        "scope": "all",
    }
    with company.begin_nested() as only_here:
        company.execute(text("SET LOCAL enable_seqscan = off"))
        company.execute(text("SET LOCAL enable_bitmapscan = off"))
        plan = company.execute(text(f"EXPLAIN {scripts()['repeated_totals']}"), binds).scalars().all()
        only_here.rollback()

    assert any("Index Only Scan using repeated_days_pkey" in line for line in plan), plan


def test_a_refresh_after_each_day_leaves_the_repeats_of_one_rebuild(company):
    ordered = text("SELECT * FROM repeated_days ORDER BY 1, 2, 3, 4, 5, 6, 7")
    step_by_step = company.execute(ordered).all()

    refresh_rollups(company, at=AS_OF, rebuild=True)

    assert company.execute(ordered).all() == step_by_step
    assert len(step_by_step) > 100
    assert company.execute(text(scripts()["verify_repeated_days"])).all() == []
