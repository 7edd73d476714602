"""The lab: compare a scenario with the replayed baseline, quickly in one draw or refined over many.

Both sides use the same random numbers, so they differ only by the change. Where the replay of
today's tariff differs from actual results, the lab reports model error and never mixes it into an answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ledger.pricing.calibration import Choices, demand_from, draw_shares, shares_of
from ledger.pricing.demand import Demand, Floats
from ledger.pricing.forecast import Band
from ledger.pricing.history import UsageHistory
from ledger.pricing.luck import Keys, draw_keys, generator_of, keys_of
from ledger.pricing.people import Traits, members
from ledger.pricing.question import Question
from ledger.pricing.refusals import NoHistory, WrongAssumption
from ledger.pricing.simulation import Prepared, SimulatedOutcome, prepare, run
from ledger.pricing.tariff import Tariff

SAMPLE = 10_000  # workspaces of the refined answer: draws vary more than workspaces do
LEAST_DRAWS, MOST_DRAWS = 20, 5_000
SIDE_BY_SIDE = 10  # draws per batch; more exceed the processor's cache
SUMS = (
    "revenue",
    "purchases",
    "minutes_sold",
    "hits",
    "unmet",
    "liability_minutes",
    "liability",
    "plan_minutes",
)


@dataclass(frozen=True)
class Lab:
    """A history, its customers' demand and today's tariff. `scale`: workspaces that each one represents."""

    history: UsageHistory
    choices: Choices
    tariff: Tariff
    keys: Keys
    scale: float = 1.0

    @classmethod
    def of(cls, history: UsageHistory, choices: Choices, tariff: Tariff) -> "Lab":
        """Return a lab over a whole history."""
        return cls(history, choices, tariff, keys_of(history.workspace_ids))

    def only(self, plan: str, traits: Traits | None = None, wanted: Sequence[tuple[str, str]] = ()) -> "Lab":
        """Return the lab of the workspaces on a plan ("": any) with all the given segments of these traits.

        Call it on a lab over the whole history of these traits. Raise NoHistory when no workspace matches.
        """
        chosen = members(self.history, traits or {}, plan, wanted)
        return self if chosen is None else self._taking(chosen, self.scale)

    def sampled(self, most: int = SAMPLE) -> "Lab":
        """Return a lab of at most this number of workspaces, the same ones every time and in every database."""
        if self.history.size <= most:
            return self
        chosen = np.sort(np.argsort(self.keys)[:most])
        return self._taking(chosen, self.scale * self.history.size / most)

    def _taking(self, chosen: NDArray[np.intp], scale: float) -> "Lab":
        if not chosen.size:
            raise NoHistory
        return Lab(self.history.taking(chosen), self.choices, self.tariff, self.keys[chosen], scale)

    def baseline(self) -> Prepared:
        """Return today's tariff, limited to the workspaces that can be blocked under it."""
        return prepare(self.history, self.tariff, self.keys)

    def scenario(self, question: Question) -> Prepared:
        """Return the scenario, limited to the workspaces that can be blocked under it. Raise WrongAllowance."""
        self.history.require_allowances(question.tariff.allowances)
        responding = self.history.responding(
            self.tariff.allowances, question.tariff.allowances, question.usage_response
        )
        return prepare(responding, question.tariff, self.keys)

    def sides(self, question: Question) -> tuple[Prepared, Prepared]:
        """Return baseline and scenario."""
        return self.baseline(), self.scenario(question)


@dataclass(frozen=True)
class Side:
    """Sums of one side in each draw, in cents, minutes, packages and limit hits; `mix[draw, package]`."""

    sums: Mapping[str, Floats]
    mix: Floats

    def output(self, name: str) -> Floats:
        """Return a sum, or a ratio of two: conversion, average_minutes, average_price, sold_share."""
        ratio = {
            "conversion": ("purchases", "hits"),
            "average_minutes": ("minutes_sold", "purchases"),
            "average_price": ("revenue", "purchases"),
        }
        if name not in ratio:
            return self.sums[name]
        above, below = (self.sums[part] for part in ratio[name])
        divided: Floats = above / np.maximum(below, 1e-9)
        return divided


@dataclass(frozen=True)
class Comparison:
    """Scenario and baseline over `draws` draws. `bills`: mean cents per workspace, baseline and scenario."""

    base: Side
    scenario: Side
    bills: tuple[Floats, Floats]
    workspace_ids: Sequence[str]
    draws: int

    def band(self, name: str) -> tuple[Band, Band, Band]:
        """Return an output of the baseline, the scenario, and their difference within each draw."""
        base, scenario = self.base.output(name), self.scenario.output(name)
        return Band.of(base), Band.of(scenario), Band.of(scenario - base)

    @property
    def chance_up(self) -> float:
        """Return the share of draws in which the scenario earns more revenue."""
        return float((self.scenario.sums["revenue"] > self.base.sums["revenue"]).mean())


def central_demand(choices: Choices, question: Question) -> Demand:
    """Return demand at the observed shares and the middle of the elasticity range."""
    return demand_from(choices, shares_of(choices), question.belief.mean, question.need_weight)


def quick(prepared: Prepared, demand: Demand, *, seed: int, scale: float = 1.0) -> Side:
    """Return one side in one draw at the middle of every range: the answer while a slider moves."""
    outcome = run(prepared, [demand], [draw_keys(prepared.keys, seed, 0)])
    return _side(prepared, outcome, np.ones((1, prepared.whole.size)), scale)


def repeated(lab: Lab, prepared: Prepared, question: Question, *, draws: int, seed: int) -> Side:
    """Return repeated draws of one side over the same workspaces: the spread from chance and unknown shares."""
    rng = generator_of(seed)
    sides = []
    for draw in range(draws):
        shares = draw_shares(lab.choices, rng)
        demand = demand_from(lab.choices, shares, question.belief.mean, question.need_weight)
        outcome = run(prepared, [demand], [draw_keys(prepared.keys, seed, draw)])
        sides.append(_side(prepared, outcome, np.ones((1, prepared.whole.size)), lab.scale))
    return _joined(sides)


def refine(lab: Lab, question: Question, *, draws: int, seed: int) -> Iterator[Comparison]:
    """Yield answers from growing numbers of draws, up to `draws`: shares, elasticity and sample vary.

    Raise WrongAssumption for too few or too many draws, or a negative seed.
    """
    if not LEAST_DRAWS <= draws <= MOST_DRAWS:
        raise WrongAssumption(f"{draws} draws.")
    rng = generator_of(seed)
    before, after = lab.sides(question)
    parts: list[tuple[Side, Side]] = []
    bills = np.zeros((2, lab.history.size))
    done = 0
    while done < draws:
        many = min(SIDE_BY_SIDE, draws - done)
        demands = [_drawn_demand(lab.choices, question, rng) for _ in range(many)]
        weights = rng.poisson(1.0, (many, lab.history.size)).astype(np.float64)
        sides = []
        for number, prepared in enumerate((before, after)):
            lucks = [draw_keys(prepared.keys, seed, done + k) for k in range(many)]
            outcome = run(prepared, demands, lucks)
            sides.append(_side(prepared, outcome, weights, lab.scale))
            bills[number, prepared.chosen] += outcome.spent_cents.reshape(many, -1).sum(axis=0)
        parts.append((sides[0], sides[1]))
        done += many
        yield Comparison(
            _joined([p[0] for p in parts]), _joined([p[1] for p in parts]),
            (bills[0] / done, bills[1] / done), lab.history.workspace_ids, done,
        )  # fmt: skip


def compare(lab: Lab, question: Question, *, draws: int, seed: int) -> Comparison:
    """Return the answer after all draws."""
    *_, last = refine(lab, question, draws=draws, seed=seed)
    return last


def _drawn_demand(choices: Choices, question: Question, rng: np.random.Generator) -> Demand:
    return demand_from(choices, draw_shares(choices, rng), question.belief.draw(rng), question.need_weight)


def _side(prepared: Prepared, outcome: SimulatedOutcome, weights: Floats, scale: float) -> Side:
    """Return each draw's sums over workspaces, counting a workspace as often as it is drawn."""
    many = len(weights)
    weight = weights.take(prepared.chosen, axis=1)
    prices = np.array([0, *(p.amount_cents for p in prepared.tariff.packages)], dtype=np.float64)
    sizes = np.array([1, *(p.minutes for p in prepared.tariff.packages)], dtype=np.float64)

    def total(values: NDArray[np.number]) -> Floats:
        summed: Floats = scale * np.einsum("dw,dw->d", weight, values.reshape(many, -1))
        return summed

    bought = outcome.bought.reshape(many, -1, len(prepared.tariff.packages))
    mix: Floats = scale * np.einsum("dw,dwj->dj", weight, bought)
    each = prices / sizes  # cents of a minute
    each[0] = (
        mix.sum(axis=0) @ prices[1:] / max(float(mix.sum(axis=0) @ sizes[1:]), 1.0)
    )  # bought before any limit
    wanted = prepared.whole.wanted[-1]
    # Sums, not matrix products: for those the threads of BLAS spin longer than the summing takes.
    served_others = scale * (
        (weights * wanted).sum(axis=1) - (weight * wanted.take(prepared.chosen)).sum(axis=1)
    )  # workspaces that were never blocked
    sums = {
        "revenue": total(outcome.spent_cents),
        "purchases": mix.sum(axis=1),
        "minutes_sold": mix @ sizes[1:],
        "hits": total(outcome.hits),
        "unmet": total(outcome.unmet),
        "liability_minutes": total(outcome.paid),
        "liability": total(outcome.paid * each[outcome.last_package]),
        "plan_minutes": total(outcome.served_plan) + served_others,
    }
    return Side(sums, mix)


def _joined(sides: Sequence[Side]) -> Side:
    return Side(
        {name: np.concatenate([side.sums[name] for side in sides]) for name in SUMS},
        np.concatenate([side.mix for side in sides]),
    )
