"""A simulated world in which the effect of the offer is known, booked through the ledger's own functions."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

import ledger
from ledger import estimates
from ledger.experiments.holdouts import each_arm, start_hold_out
from ledger.metrics import METRICS
from ledger.metrics.fits import fit
from ledger.metrics.rows import Selection
from ledger.minutes.workspaces import cancel_plan
from ledger.payments.purchases import place_purchase
from tests.databases import migrated_database
from tests.mini_ledger import pay

START = datetime(2026, 1, 1, tzinfo=UTC)
HITTERS = 400
WORTH = 0.3
"""How much likelier a buyer is to stay because of buying."""


@pytest.fixture(scope="module")
def engine():
    """The world is made once: the tests only read it."""
    with migrated_database() as engine:
        yield engine


@pytest.fixture
def db(engine):
    with ledger.reading(engine) as db:
        yield db


@pytest.fixture(scope="module")
def world(engine):
    """Engaged customers stay and buy, others leave and do not; gives what the offer is truly worth, in points."""
    with ledger.writing(engine) as db:
        return _made(db)


def _made(db):
    dice = np.random.default_rng(7)
    arguments = {"source": "live", "share_percent": 50, "hits_needed": 150, "reason": "a world", "actor": "t"}
    hold_out = start_hold_out(db, "spring", starts_at=START, **arguments)
    ids = [f"w{n:03}" for n in range(HITTERS)]
    for each in ids:
        about = {"name": each, "owner_email": "o@example.com", "source": "live", "actor": "t"}
        ledger.create_workspace(db, each, at=START, **about)
        ledger.update_plan_allocation(db, each, "starter", "monthly", key="first", actor="t", at=START)
    arms = {row["workspace_id"]: row["arm"] for row in each_arm(db, hold_out)}
    retained_more = 0
    for each in ids:
        engaged, luck, intent = dice.random() < 0.5, dice.random(), dice.random()
        would_stay = luck < (0.7 if engaged else 0.3)
        would_buy = intent < (0.8 if engaged else 0.1)
        would_stay_offered = would_stay or (would_buy and luck < (0.7 if engaged else 0.3) + WORTH)
        retained_more += would_stay_offered - would_stay
        offered = arms[each] == "treatment"
        _lives(db, each, buys=offered and would_buy, stays=would_stay_offered if offered else would_stay)
    return 100 * retained_more / HITTERS


def _lives(db, workspace_id, *, buys, stays):
    """Reach the limit in the first days of the hold-out, perhaps buy, perhaps leave a month later."""
    at = START + timedelta(days=1)
    ledger.track_minutes(db, workspace_id, 250, key="call", at=at)
    if buys:
        at += timedelta(days=2)
        bought = place_purchase(db, workspace_id, "small", mode="live", key="k", actor="owner", at=at)
        pay(db, workspace_id, bought.purchase_id, at=at)
    if not stays:
        cancel_plan(db, workspace_id, key="leave", actor="owner", at=START + timedelta(days=45))


def test_the_hold_out_finds_what_the_offer_is_worth_where_buyers_against_others_does_not(db, world) -> None:
    as_of = START + timedelta(days=100)
    chosen = Selection(START, as_of, as_of, "live")

    result = fit(db, METRICS["retention-effect"], chosen)

    naive = result["naive"]
    buyers, others = (round(naive[who] / 100 * naive[f"n_{who}"]) for who in ("buyers", "others"))
    apart = estimates.difference(buyers, naive["n_buyers"], others, naive["n_others"])
    assert result["basis"] == "hold-out"
    assert result["low"] <= world <= result["high"]
    assert result["low"] > 0
    assert result["n"] == HITTERS
    assert 100 * apart.low > max(world, 100 * WORTH)


@pytest.mark.usefixtures("world")
def test_before_all_are_followed_it_says_so_and_the_next_levels_are_tried(db) -> None:
    as_of = START + timedelta(days=60)

    result = fit(db, METRICS["retention-effect"], Selection(START, as_of, as_of, "live"))

    assert result["basis"] != "hold-out"
    assert result["levels"][0]["reason"] == (
        "hold-out spring runs since 01 Jan 2026: 0 of 150 followed for 90 days in the smaller arm"
    )
