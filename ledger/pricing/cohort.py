"""A cohort for a rehearsal: who of the replayed people buys what, so that a real flow can be held against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ledger.pricing.calibration import demand_from, shares_of
from ledger.pricing.demand import offer, probabilities, utilities_of
from ledger.pricing.lab import Lab
from ledger.pricing.luck import draw_keys, luck
from ledger.pricing.question import Question
from ledger.pricing.refusals import NoHistory, WrongAssumption
from ledger.pricing.replay import deficits

MOST_BUYERS = 500
_STEP = 0


@dataclass(frozen=True)
class Member:
    """One blocked workspace of the model. `package`: the code it buys, "" when it waits. `luck` decides its card."""

    workspace_id: str
    package: str
    luck: float


@dataclass(frozen=True)
class Cohort:
    """Members, and what the model expects of them: chance to buy, and shares of packages among buyers by code."""

    members: tuple[Member, ...]
    conversion: float
    mix: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """Plain values, as they are stored."""
        members = [[m.workspace_id, m.package, m.luck] for m in self.members]
        return {"members": members, "conversion": self.conversion, "mix": self.mix}

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> "Cohort":
        """The cohort that was stored."""
        members = tuple(Member(*member) for member in stored["members"])
        return cls(members, float(stored["conversion"]), dict(stored["mix"]))


def draw_cohort(lab: Lab, question: Question, size: int, *, seed: int) -> Cohort:
    """Draw up to `size` workspaces that would be blocked under the question's tariff, each at one limit hit.

    The need of a member is what it was short of. Raises NoHistory when nobody would be blocked.
    """
    if not 1 <= size <= MOST_BUYERS:
        raise WrongAssumption(f"a cohort has 1 to {MOST_BUYERS} members, not {size}.")
    short = deficits(lab.history, question.tariff.allowances)
    keys = draw_keys(lab.keys, seed, _STEP)
    blocked = np.flatnonzero(short > 0)
    if not blocked.size:
        raise NoHistory("Nobody would be blocked under this tariff.")
    chosen = blocked[np.argsort(keys[blocked])][:size]
    demand = demand_from(lab.choices, shares_of(lab.choices), question.belief.mean, question.need_weight)
    menu = offer([demand], question.tariff)
    segment = lab.history.segment[chosen]
    picked = menu.choose(luck(keys[chosen], 1, 0), segment, short[chosen])
    chances = probabilities(utilities_of(menu, segment, short[chosen])).mean(axis=0)
    codes = [p.code for p in question.tariff.packages]
    cards = luck(keys[chosen], 2, 0)
    members = tuple(
        Member(lab.history.workspace_ids[w], codes[j - 1] if j else "", float(card))
        for w, j, card in zip(chosen, picked, cards, strict=True)
    )
    bought = float(chances[1:].sum())
    return Cohort(
        members, bought, {code: float(c) / bought for code, c in zip(codes, chances[1:], strict=True)}
    )


@dataclass(frozen=True)
class Rehearsal:
    """What the real flow made of a cohort: members, purchases tried, paid and declined, paid by package."""

    members: int
    tried: int
    paid: int
    declined: int
    mix: dict[str, int]

    def difference(self, cohort: Cohort, declines: float) -> float:
        """Paid purchases less what the model expects, in standard deviations of that expectation."""
        chance = cohort.conversion * (1 - declines)
        spread = np.sqrt(max(self.members * chance * (1 - chance), 1e-9))
        return float((self.paid - self.members * chance) / spread)


def counted(cohort: Cohort, outcomes: Sequence[tuple[str, str]]) -> Rehearsal:
    """Count (package code, status of the purchase) of everybody who tried to buy."""
    paid = [package for package, status in outcomes if status == "paid"]
    return Rehearsal(
        len(cohort.members), len(outcomes), len(paid), sum(status == "failed" for _p, status in outcomes),
        {code: paid.count(code) for code in cohort.mix},
    )  # fmt: skip
