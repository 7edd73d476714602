"""The verdict: what the draws say, how surely, and for whom."""

from dataclasses import replace

import pytest

from dashboard.screens.pricing.verdict import Answered, sentence
from ledger.pricing.forecast import Band
from ledger.pricing.sensitivity import Swing

LOSES = Answered(
    revenue=Band(-26_355.0, -52_400.0, 5_391.0), chance_up=0.08, months=12, pay_less=722, pay_more=94, currency="usd",
    swings={"usage": Swing(-100.0, 100.0, ""), "elasticity": Swing(-9000.0, 5000.0, "")},
)  # fmt: skip


def test_a_verdict_has_the_money_its_certainty_the_customers_and_what_it_rests_on():
    said = sentence(LOSES).replace("\\", "")

    assert said == (
        "**Probably loses money**: about −$21.96 a month, −$264 over 12 months (−$524 to +$53.91); "
        "8% chance revenue increases; 722 customers pay less, 94 more; rests most on the elasticity."
    )


@pytest.mark.parametrize(
    ("chance", "said"),
    [
        (0.99, "Very likely earns more"),
        (0.8, "Probably earns more"),
        (0.5, "Too close to call"),
        (0.2, "Probably loses money"),
        (0.01, "Very likely loses money"),
    ],
)
def test_how_sure_it_is_follows_from_the_share_of_draws(chance: float, said: str):
    assert sentence(replace(LOSES, chance_up=chance)).startswith(f"**{said}**")


def test_a_scenario_that_touches_nobody_changes_nothing():
    nothing = replace(LOSES, revenue=Band(0.0, 0.0, 0.0), pay_less=0, pay_more=0)

    assert sentence(nothing).startswith("**Changes nothing**")


def test_while_the_assumptions_are_still_varied_nothing_is_said_about_them():
    assert "rests" not in sentence(replace(LOSES, swings={}))
