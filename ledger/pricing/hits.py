"""How many limit hits a month will bring, from the months before it, and how far such a forecast has missed so far.

Hits are counted for each workspace-month on a plan: who is there when the month begins is known by then, so a company
that grows is not forecast from a smaller one. The rate moves slowly; what the same rule missed in earlier months
(month by month, each from the months before it) gives its bias, the season of the calendar month once it was seen a
year before, and the spread beyond chance.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from ledger.pricing.decisions import DecisionMonth
from ledger.pricing.demand import Floats

DAYS_OF_A_MONTH = 365.25 / 12
MEMORIES = (0.35, 0.6, 0.85)  # how much a month counts against the one after it
USUAL_MEMORY = 1  # of these, until there are errors to choose by
ENOUGH_ERRORS = 4
FADING = 0.9  # of an error against that of the month after it
SHRUNK_BY = 4.0  # months: a bias seen in this number of them counts half
HITS_OF_HALF_A_VOICE = 50.0  # with this number of limit hits a month counts half
YEAR = 12


@dataclass(frozen=True)
class Misses:
    """How far a rule missed in logarithms: mean, and spread beyond chance with its degrees of freedom."""

    bias: float
    spread: float
    freedom: float

    @classmethod
    def of(cls, errors: Floats, by_chance: Floats, *, usual: float, worth: float = 2.0) -> "Misses":
        """From errors (oldest first) and the variance that chance alone gives each.

        Before there are any the spread is `usual`; that belief is worth as much as `worth` months.
        """
        weights = FADING ** np.arange(len(errors))[::-1]
        seen = float(weights.sum())
        bias = float(weights @ errors) / (seen + SHRUNK_BY)
        beyond = float(weights @ (errors**2 - by_chance))
        variance = (worth * usual**2 + beyond) / (worth + seen)
        return cls(bias, float(np.sqrt(max(variance, (usual / 5) ** 2))), worth + seen)

    def draw(self, rng: np.random.Generator) -> float:
        """One factor that reality may have against the forecast."""
        return float(np.exp(np.clip(self.spread * rng.standard_t(self.freedom), -2, 2)))


@dataclass(frozen=True)
class ExpectedHits:
    """Limit hits of a month to come: `middle`, and how far it may be off before chance is added."""

    middle: float
    misses: Misses

    def draw(self, rng: np.random.Generator) -> int:
        """One month that may come: overdispersed counts."""
        return int(rng.poisson(self.middle * self.misses.draw(rng)))


USUAL_SPREAD = 0.12


def expected_hits(before: Sequence[DecisionMonth], coming: DecisionMonth) -> ExpectedHits:
    """Hits of `coming`, of which only its beginning is known: its days and who was on a plan then."""
    hits = np.array([float(month.counts.sum()) for month in before])
    exposure = np.array([_exposure(month, month.joined) for month in before])
    newly = np.mean([month.joined for month in before[-3:]])
    rate = np.log((hits + 0.5) / exposure)
    by_memory = [_predictions(hits, exposure, rate, memory) for memory in MEMORIES]
    chosen = _best(by_memory, rate)
    predicted = by_memory[chosen]
    misses = Misses.of(rate[1:] - predicted[1:-1], 1 / (hits[1:] + 0.5), usual=USUAL_SPREAD)
    return ExpectedHits(float(np.exp(predicted[-1])) * _exposure(coming, float(newly)), misses)


def _exposure(month: DecisionMonth, joined: float) -> float:
    """Workspace-months on a plan; who joins is there for half of it."""
    middle = month.month + timedelta(
        days=15
    )  # a month of another time zone begins on the last day of the one before
    days = monthrange(middle.year, middle.month)[1]
    return max(month.workspaces + joined / 2, 1.0) * days / DAYS_OF_A_MONTH


def _predictions(hits: Floats, exposure: Floats, rate: Floats, memory: float) -> Floats:
    """Logarithm of the rate foretold for every month from those before it, and for the one after the last."""
    levels, predicted = np.zeros(len(hits) + 1), np.zeros(len(hits) + 1)
    sure = hits / (hits + HITS_OF_HALF_A_VOICE)
    for number in range(1, len(levels)):
        weights = memory ** np.arange(number)[::-1]
        levels[number] = np.log((weights @ hits[:number] + 0.5) / (weights @ exposure[:number]))
        missed, worth = (
            rate[1:number] - levels[1:number],
            FADING ** np.arange(number - 1)[::-1] * sure[1:number],
        )
        bias = float(worth @ missed) / (worth.sum() + SHRUNK_BY)
        then = [number - 1 - years for years in range(YEAR, number, YEAR)]
        season = sum(sure[1:][k] * (missed[k] - bias) for k in then) / (sum(sure[1:][k] for k in then) + 1)
        predicted[number] = levels[number] + bias + season
    return predicted


def _best(by_memory: Sequence[Floats], rate: Floats) -> int:
    """The memory that has missed least so far."""
    if len(rate) <= ENOUGH_ERRORS:
        return USUAL_MEMORY
    weights = FADING ** np.arange(len(rate) - 1)[::-1]
    return int(np.argmin([weights @ (rate[1:] - each[1:-1]) ** 2 for each in by_memory]))
