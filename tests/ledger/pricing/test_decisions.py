"""What blocked workspaces decided: which limit hits are decided, on which menu, with which need."""

from datetime import timedelta

import numpy as np
import pytest

from ledger.experiments.holdouts import list_arms, start_hold_out
from ledger.payments.catalogue import publish_package, start_price_test
from tests.ledger.pricing.test_snapshot import LATER, SMALL, pay, snapshot, workspace


@pytest.fixture
def at(now):
    """When the first workspace signs up."""
    return now


def test_a_decision_is_the_credit_that_follows_the_limit_hit(db, at):
    for name, buys in (("buyer", "small"), ("waiter", None), ("undecided", None)):
        story = workspace(db, at, name)
        story.plan("starter")
        if name == "undecided":
            continue
        story.later(days=2).uses(230)
        if buys:
            story.buys(buys)
            pay(db, story)
        else:
            story.later(days=40).plan("starter")
    late = workspace(db, LATER, "fresh")
    late.plan("starter")
    late.later(hours=1).uses(300)

    choices = snapshot(db, at=late.now).choices

    starter = choices.segments.index("starter")
    assert choices.counts.sum() == 2
    assert choices.counts[0, starter].sum(axis=0).tolist() == [1, 1, 0, 0, 0]


def test_a_young_limit_hit_is_not_decided_even_if_it_ended_in_a_purchase_already(db, at):
    for name, days in (("old", 0), ("young", 20)):
        story = workspace(db, at, name)
        story.later(days=days).plan("starter")
        story.later(days=2).uses(230)
        story.later(days=1).buys("small")
        pay(db, story)

    early, late = (snapshot(db, at=at + timedelta(days=days)).choices for days in (30, 40))

    assert early.counts.sum() == early.counts[..., SMALL].sum() == 1
    assert late.counts.sum() == 2
    refused, usual = 30 + 30, 200 / 39 + 200 / 19  # minutes, and those of a day that was not blocked
    assert late.days_lost == pytest.approx(refused / usual)
    assert late.recent.sum() == 2


@pytest.mark.parametrize("buys", [None, "small"])
def test_need_at_a_limit_hit_is_what_the_replay_finds_there(db, at, buys):
    story = workspace(db, at, "acme")
    story.plan("starter")
    story.later(days=10).uses(230)
    if buys:
        story.later(days=2).buys(buys)
        pay(db, story)
        story.later(days=1).uses(40)
    story.later(days=18).plan("starter")
    story.later(days=30)

    taken = snapshot(db, at=story.now)

    (need,) = np.flatnonzero(taken.choices.counts.sum(axis=(0, 1, 3)))
    assert taken.choices.needs[need] == pytest.approx(taken.history.demand[0, 0] - 200, abs=1)
    assert taken.choices.needs[need] > 30


def test_two_arms_of_a_price_test_are_two_menus(db, at):
    publish_package(
        db, "small", name="Small", minutes=60, amount_cents=1299, arm="dear", valid_from=at, actor="tester"
    )
    start_price_test(db, "dearer", ("standard", "dear"), starts_at=at, ends_at=LATER, actor="tester")
    for number in range(12):
        story = workspace(db, at, f"w{number}")
        story.plan("starter")
        story.later(days=2).uses(230)
        story.later(days=40).plan("starter")

    choices = snapshot(db).choices

    assert choices.prices[0].tolist() == [9.99, 19.99, 34.99, 59.99]
    assert [12.99, 19.99, 34.99, 59.99] in choices.prices.tolist()
    assert (choices.counts.sum(axis=(1, 2, 3)) > 0).sum() == 2
    assert choices.counts.sum() == 12


def test_who_was_held_out_of_the_offer_decided_nothing(db, at):
    arguments = {
        "source": "sandbox",
        "share_percent": 50,
        "hits_needed": 195,
        "reason": "r",
        "actor": "tester",
    }
    hold_out = start_hold_out(db, "spring", starts_at=at, **arguments)
    for number in range(12):
        story = workspace(db, at, f"w{number}")
        story.plan("starter")
        story.later(days=2).uses(230)
        story.later(days=40).plan("starter")

    choices = snapshot(db).choices

    offered = [arm for _, arm in list_arms(db, hold_out)].count("treatment")
    assert 0 < offered < 12
    assert choices.counts.sum() == offered
