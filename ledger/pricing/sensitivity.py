"""What the answer hangs on: one assumption moved at a time, and where the gain turns to nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from scipy.optimize import brentq

from ledger.pricing.calibration import Belief, demand_from, shares_of
from ledger.pricing.demand import Floats
from ledger.pricing.forecast import shifted
from ledger.pricing.lab import Lab
from ledger.pricing.luck import draw_keys
from ledger.pricing.question import Question
from ledger.pricing.simulation import run

DRAWS = 8
LEAST, MOST = -5.0, -0.05


@dataclass(frozen=True)
class Swing:
    """Change of revenue in cents with an assumption at its low and its high end; `words` describe the ends."""

    low: float
    high: float
    words: str


def revenue_change(
    lab: Lab, question: Question, *, seed: int, elasticity: float | None = None, shares: Floats | None = None
) -> float:
    """Mean change of revenue in cents over a few draws of luck, nothing else varying."""
    seen = shares_of(lab.choices) if shares is None else shares
    demand = demand_from(lab.choices, seen, elasticity or question.belief.mean, question.need_weight)
    revenue = [
        run(side, [demand] * DRAWS, [draw_keys(side.keys, seed, k) for k in range(DRAWS)]).spent_cents.sum()
        for side in lab.sides(question)
    ]
    return float(revenue[1] - revenue[0]) * lab.scale / DRAWS


def tornado(lab: Lab, question: Question, *, seed: int) -> Mapping[str, Swing]:
    """Elasticity by two spreads, conversion by 4 points, usage by 10%, mix by 5 points of the buyers."""
    belief, shares = question.belief, shares_of(lab.choices)
    ends = (belief.mean - 2 * belief.spread, min(belief.mean + 2 * belief.spread, MOST))

    def used(factor: float) -> Lab:
        return replace(lab, history=lab.history.scaled(factor))

    def swing(words: str, low: float, high: float) -> Swing:
        return Swing(low, high, words)

    return {
        "elasticity": swing(
            f"{ends[0]:.2f} / {ends[1]:.2f}",
            *(revenue_change(lab, question, seed=seed, elasticity=end) for end in ends),
        ),
        "conversion": swing(
            "-4 / +4 points",
            *(
                revenue_change(lab, question, seed=seed, shares=shifted(shares, conversion=c))
                for c in (-0.04, 0.04)
            ),
        ),
        "usage": swing(
            "-10% / +10%", *(revenue_change(used(factor), question, seed=seed) for factor in (0.9, 1.1))
        ),
        "mix": swing(
            "5 points to the smallest / largest",
            *(revenue_change(lab, question, seed=seed, shares=shifted(shares, mix=m)) for m in (-0.05, 0.05)),
        ),
    }


def break_even_elasticity(lab: Lab, question: Question, *, seed: int) -> float | None:
    """The elasticity at which the change brings nothing; None when it wins, or loses, at every one in -5 to -.05."""

    def gain(elasticity: float) -> float:
        return revenue_change(lab, question.with_belief(Belief(elasticity, 0.0)), seed=seed)

    low, high = gain(LEAST), gain(MOST)
    if not low * high < 0:
        return None
    return float(brentq(gain, LEAST, MOST, xtol=2e-3, maxiter=20, disp=False))
