"""From the ledger's facts to the arrays that are replayed: credits, demand, decisions, and what really happened."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import text

from ledger.metrics.rollups import refresh_rollups
from ledger.minutes.workspaces import cancel_plan
from ledger.pricing.lab import Lab
from ledger.pricing.refusals import NoHistory
from ledger.pricing.replay import deficits, replay
from ledger.pricing.simulation import simulate
from ledger.pricing.snapshot import take_snapshot
from tests.databases import as_owner
from tests.stories import Story

LATER = datetime(2026, 9, 1, tzinfo=UTC)
SMALL = 1


@pytest.fixture
def at(now):
    """When the first workspace signs up."""
    return now


def workspace(db, at, workspace_id):
    story = Story(db, workspace_id, now=at)
    with as_owner(db):
        db.execute(
            text("UPDATE workspaces SET source = 'sandbox' WHERE workspace_id = :w"),
            {"w": story.workspace_id},
        )
    return story


def pay(db, story):
    """Make the bare purchase rows of a story paid ones."""
    db.execute(
        text(
            "UPDATE extra_minutes_purchases SET status = 'paid', paid_at = created_at WHERE workspace_id = :w"
        ),
        {"w": story.workspace_id},
    )


def snapshot(db, at=LATER):
    refresh_rollups(db, at=at, timezone="UTC")
    return take_snapshot(db, source="sandbox", at=at)


def test_without_a_workspace_there_is_no_history(db, at):
    with pytest.raises(NoHistory):
        take_snapshot(db, source="sandbox", at=at)


def test_steps_begin_with_plan_credits_and_grants_and_purchases_are_forgotten(db, at):
    story = workspace(db, at, "acme")
    story.plan("starter")
    story.later(days=3).uses(150)
    story.later(days=3).uses(100)  # 50 unmet: the limit
    story.buys("small")
    story.later(days=1).uses(40)
    story.later(days=1).gets(25)
    story.later(days=1).uses(10)
    story.later(days=30).plan("pro", "annual")
    story.uses(7)
    pay(db, story)

    history = snapshot(db).history

    assert history.workspace_ids == ["acme"]
    assert history.plans == ("pro", "starter")
    demand, months = history.demand[:, 0].tolist(), history.months[:, 0].tolist()
    assert demand[:2] == [150 + 100 + 40, 10]
    assert months[:2] == [1, 0]
    assert history.grants[:2, 0].tolist() == [0, 25]
    assert sum(demand) == 307
    assert months[-1] == 12
    assert history.plan[-1, 0] == history.plans.index("pro")
    assert history.segment.tolist() == [history.plans.index("pro")]


def test_the_replay_of_the_ledgers_facts_sells_what_the_blocked_customer_needed(db, at):
    story = workspace(db, at, "acme")
    story.plan("starter")
    story.later(days=3).uses(260)
    story.buys("medium")
    story.later(days=2).uses(60)

    history = snapshot(db, at=story.now).history

    assert deficits(history, {"starter": 200, "pro": 300}).tolist() == [120]
    assert replay(history, {"starter": 200, "pro": 300}, 150).paid_left.tolist() == [30]


def test_the_history_knows_what_is_wanted_up_to_the_next_credit_and_is_lost_until_the_purchase(db, at):
    story = workspace(db, at, "acme")
    story.plan("starter")
    story.later(days=10).uses(230)
    story.later(days=2).buys("small")
    pay(db, story)
    story.later(days=18)
    gone = workspace(db, at, "gone")
    gone.plan("starter")
    gone.later(days=10).uses(100)
    cancel_plan(db, "gone", key="leave", actor="tester", at=gone.now)

    history = snapshot(db, at=story.now).history

    rate = 200 / 28  # minutes of a day that was not blocked
    there = list(history.workspace_ids).index("acme")
    assert history.ahead[there] == pytest.approx(
        rate * ((at.replace(month=at.month + 1) - story.now).days), abs=1
    )
    assert history.pause[there] == pytest.approx(30, abs=1)  # refused at the limit: more than two days of use
    assert history.ahead[1 - there] == 0


def test_months_hold_what_really_happened_and_liability_its_lots(db, at):
    story = workspace(db, at, "acme")
    story.plan("starter")
    story.later(days=2).uses(230)
    story.buys("small")
    story.later(days=1).uses(15)
    pay(db, story)

    taken = snapshot(db)

    (month,) = taken.months
    assert (month.hits, month.purchases, month.revenue_cents) == (1, 1, 999)
    assert (taken.liability_minutes, taken.liability_cents) == (45, round(45 * 999 / 60))
    assert taken.facts["workspaces"] == 1


def test_the_fingerprint_changes_with_the_data_and_with_nothing_else(db, at):
    story = workspace(db, at, "acme")
    story.plan("starter")
    story.later(days=2).uses(230)

    first, same = snapshot(db, at=story.now), take_snapshot(db, source="sandbox", at=story.now)
    story.uses(1)
    other = snapshot(db, at=story.now)

    assert first.fingerprint == same.fingerprint != other.fingerprint


def test_copies_on_which_purchases_were_simulated_are_nobodys_history(db, at):
    for name in ("acme", "sim:acme"):
        story = workspace(db, at, name)
        story.plan("starter")
        story.later(days=2).uses(230)
        story.later(days=40).plan("starter")

    taken = snapshot(db)

    assert taken.history.workspace_ids == ["acme"]
    assert taken.choices.counts.sum() == 1


def test_a_purchase_that_no_limit_hit_led_to_is_stored_as_it_happened_and_begins_a_step(db, at):
    story = workspace(db, at, "acme")
    story.plan("starter")
    story.later(days=2).uses(50)
    story.buys("medium")
    story.later(days=2).uses(180)  # 30 of the package
    pay(db, story)

    taken = snapshot(db, at=story.now)

    assert taken.history.demand[:, 0].tolist() == [50, 180]
    assert taken.history.bought[:, 0].tolist() == [0, 150]
    assert deficits(taken.history, taken.tariff.allowances).tolist() == [0]
    (month,) = taken.months
    assert (month.purchases, month.prompted, month.prompted_cents) == (1, 0, 0)
    assert taken.liability_minutes == 120


def test_the_replay_owes_what_is_left_of_packages_bought_before_any_limit(db, at):
    for name in ("early", "blocked"):
        story = workspace(db, at, name)
        story.plan("starter")
        if name == "early":
            story.later(days=1).buys("medium")
        story.later(days=2).uses(230)
        if name == "blocked":
            story.buys("small")
        pay(db, story)

    taken = snapshot(db, at=at + timedelta(days=10))
    side = Lab.of(taken.history, taken.choices, taken.tariff).baseline()
    outcome = simulate(side.part, side.tariff, lambda who, *_: np.full(who.size, SMALL, dtype=np.int8))

    assert taken.liability_minutes == 120 + 60
    assert sorted(outcome.paid.tolist()) == [30, 120]
    assert outcome.bought.sum() == 1


def test_copies_are_not_what_really_happened_either(db, at):
    for name in ("acme", "sim:acme"):
        story = workspace(db, at, name)
        story.plan("starter")
        story.later(days=2).uses(230)
        story.buys("small")
        pay(db, story)

    taken = snapshot(db)

    (month,) = taken.months
    assert (month.hits, month.purchases, month.revenue_cents, month.joined) == (1, 1, 999, 1)
    assert taken.liability_minutes == 60


def test_months_know_who_was_on_a_plan_when_they_began_and_who_came(db, at):
    for number in range(3):
        story = workspace(db, at, f"w{number}")
        story.later(days=35 * number).plan("starter")
        if number == 0:
            story.later(days=30)
            cancel_plan(db, "w0", key="leave", actor="tester", at=story.now)

    months = snapshot(db).months

    assert [month.joined for month in months] == [1, 1, 1]
    assert [month.workspaces for month in months] == [0, 0, 1]  # the first one had left by the second month


def test_what_was_owed_at_an_earlier_moment_holds_what_was_used_on_later_days(db, at):
    story = workspace(db, at, "acme")
    story.plan("starter")
    story.later(days=2).uses(230)
    story.buys("medium")
    bought = story.now
    story.later(days=5).uses(40)
    pay(db, story)
    refresh_rollups(db, at=story.now, timezone="UTC")

    then, now_owed = (
        take_snapshot(db, source="sandbox", at=moment).liability_minutes for moment in (bought, story.now)
    )

    assert (then, now_owed) == (150, 110)
