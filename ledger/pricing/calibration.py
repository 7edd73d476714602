"""From observed choices to demand: what the data say, what is assumed, and how sure either is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ledger.pricing.choice_fit import fit_choices, scores_of
from ledger.pricing.demand import Demand, Floats, elasticity, price_weight_of, prices_of, probabilities
from ledger.pricing.refusals import NoChoices, NotIdentifiable, WrongElasticity
from ledger.pricing.tariff import TariffPackage

PRIOR = 0.5  # a choice nobody made yet still has a chance: Dirichlet(count + .5)
ENOUGH = 200  # limit hits
MOST_ELASTICITY = -0.001
_NEVER = -1e9
Basis = Literal["recent", "menu", "all"]


@dataclass(frozen=True)
class Choices:
    """Decisions at limit hits. `counts[v, g, b, c]`: menu v, segment g, need b; c = 0 waited, j bought package j.

    `prices[v, j]`: price of package j on menu v in major units, NaN where it was not offered. `needs[b]`: mean
    minutes wanted until the next credit. `base`: the menu in force now. `packages`: columns 1, 2, ... of `counts`.
    Hits of one workspace are alike: `effect[g]` is how many hits of a segment say as much as one that stands alone (1
    where nothing is known of it), `trial_pairs` the pairs of kinds of hit with any hits in `trial` (see `pairs_of`).
    `days_lost`: of usual use, from a hit to the purchase it led to: what was refused at the
    limit itself, and what nobody used until the purchase.
    """

    segments: tuple[str, ...]
    packages: tuple[TariffPackage, ...]
    prices: Floats
    needs: Floats
    counts: Floats
    base: int = 0
    recent: Floats | None = None
    trial: Floats | None = None
    effect: Floats | None = None
    trial_pairs: Floats | None = None
    days_lost: float = 0.0

    @property
    def basis(self) -> Basis:
        """Which hits today's shares come from.

        The last 90 days of the menu in force when they hold `ENOUGH` hits, else all of that menu, else all menus.
        """
        if self.recent is not None and self.recent.sum() >= ENOUGH and self.recent[:, 1:].sum():
            return "recent"
        return "menu" if self.counts[self.base, ..., 1:].sum() else "all"

    @property
    def decided(self) -> Floats:
        """Counts of those hits: [g, c]."""
        if self.basis == "recent" and self.recent is not None:
            return self.recent
        now: Floats = self.counts[self.base].sum(axis=1)
        return now if self.basis == "menu" else self.counts.sum(axis=(0, 2))

    @property
    def alike(self) -> Floats:
        """How many hits of each segment say as much as one that stands alone: [g, 1]."""
        return np.ones((len(self.segments), 1)) if self.effect is None else self.effect[:, None]

    @property
    def weights(self) -> Floats:
        """Limit hits of each segment."""
        hits: Floats = self.decided.sum(axis=1)
        return hits

    @classmethod
    def of_counts(
        cls, packages: tuple[TariffPackage, ...], counts: list[int], segment: str = "all"
    ) -> "Choices":
        """One segment, one menu, needs unknown: (waited, bought package 1, bought package 2, ...)."""
        table = np.asarray(counts, dtype=np.float64)[None, None, None, :]
        return cls((segment,), packages, prices_of(packages)[None, :], np.zeros(1), table)


@dataclass(frozen=True)
class Belief:
    """What is believed of the elasticity of conversion: `mean` +- `spread`, `measured` where prices varied."""

    mean: float = -1.0
    spread: float = 0.35
    measured: bool = False

    def __post_init__(self) -> None:
        """Refuse an elasticity of the wrong sign."""
        if not self.mean < 0 or not 0 <= self.spread < 10 or self.mean < -20:
            raise WrongElasticity(f"mean {self.mean}, spread {self.spread}.")

    def draw(self, rng: np.random.Generator) -> float:
        """One elasticity, cut below 0."""
        for _ in range(1000):
            drawn = rng.normal(self.mean, self.spread)
            if drawn <= MOST_ELASTICITY:
                return float(drawn)
        return MOST_ELASTICITY


def demand_from(choices: Choices, shares: Floats, elasticity_: float, need_weight: float = 0.0) -> Demand:
    """The demand with these shares [g, wait + packages] at today's prices and this elasticity of conversion."""
    prices = choices.prices[choices.base]
    offered = np.isfinite(prices)
    at = np.where(offered, prices, 0.0)
    beta = price_weight_of(elasticity_, shares, at, choices.weights)
    if not need_weight:
        value = np.log(shares[:, 1:] / shares[:, :1]) + beta * at
    else:
        value = _value_with_need(choices, shares, need_weight) + beta * at
    return Demand(choices.segments, choices.packages, value, beta, need_weight)


def _value_with_need(choices: Choices, shares: Floats, need_weight: float) -> Floats:
    """Values whose predicted shares, averaged over the needs seen, are the observed ones (fixed point)."""
    sizes = np.array([p.minutes for p in choices.packages], dtype=np.float64)
    useful = need_weight * np.minimum(sizes, choices.needs[:, None])
    seen = choices.counts.sum(axis=(0, 3)) + 1e-9
    share_of_need = seen / seen.sum(axis=1, keepdims=True)
    value: Floats = np.log(shares[:, 1:] / shares[:, :1])
    for _ in range(200):
        predicted = np.einsum("gb,gbc->gc", share_of_need, probabilities(value[:, None, :] + useful))
        step = np.log(shares / predicted)
        value = value + step[:, 1:] - step[:, :1]
        if float(np.abs(step).max()) < 1e-10:
            break
    return value


def shares_of(choices: Choices) -> Floats:
    """Observed shares of (wait, packages) by segment, each choice counted half a time more than seen."""
    counts = choices.decided + PRIOR
    if not choices.decided.sum():
        raise NoChoices
    shares: Floats = counts / counts.sum(axis=1, keepdims=True)
    return shares


def draw_shares(choices: Choices, rng: np.random.Generator) -> Floats:
    """Shares as they might truly be: Dirichlet(count + .5) for each segment, as wide as alike hits leave it."""
    shares = np.stack([rng.dirichlet(row) for row in (choices.decided + PRIOR) / choices.alike])
    clipped = np.maximum(shares, 1e-9)
    drawn: Floats = clipped / clipped.sum(axis=1, keepdims=True)
    return drawn


def measure_elasticity(choices: Choices) -> Belief:
    """Elasticity of conversion at today's prices, with its standard error, from prices that have varied.

    With `trial` (decisions while arms were offered side by side) from those alone: prices that varied over time
    vary with everything else that did.
    Raises NotIdentifiable when they have not, or when the data point to the wrong sign, NoChoices without data.
    """
    if choices.trial is not None:
        choices = replace(choices, counts=choices.trial, recent=choices.decided, trial=None)
    varied = [len(np.unique(column[np.isfinite(column)])) > 1 for column in choices.prices.T]
    with_hits = (choices.counts.sum(axis=(1, 2, 3)) > 0).sum()
    if not any(varied) or with_hits < 2:
        raise NotIdentifiable
    design, chosen, weights, known = _design(choices)
    fit = fit_choices(design, chosen, weights, known)

    def elasticity_at(coefficients: Floats) -> float:
        return elasticity(_fitted(choices, coefficients), choices.prices[choices.base], choices.weights)

    mean = elasticity_at(fit.coefficients)
    if not mean < 0:
        raise NotIdentifiable(f"The data give an elasticity of {mean:+.2f}, which has the wrong sign.")
    spread = _spread(fit.coefficients, fit.covariance, elasticity_at)
    if choices.trial_pairs is not None:
        seen = weights >= 1  # the others hold half a choice that nobody made
        scores = scores_of(fit.coefficients, design, chosen, known)[seen]
        # Whoever hits the limit often is in one arm with all hits. With few workspaces this one is too small.
        alike = fit.covariance @ (scores.T @ choices.trial_pairs @ scores) @ fit.covariance
        spread = max(spread, _spread(fit.coefficients, alike, elasticity_at))
    return Belief(mean, spread, measured=True)


def measure_need_weight(choices: Choices) -> float:
    """Worth of a needed minute at a limit hit, from who chose which size; drawn towards 0 by its uncertainty.

    0 where the data say nothing or the wrong sign. Weakly identified: the need is an estimate itself.
    """
    try:
        fit = fit_choices(*_design(choices, with_need=True))
    except (NotIdentifiable, NoChoices):
        return 0.0
    weight, error = float(fit.coefficients[-1]), float(fit.standard_errors[-1])
    return max(weight, 0.0) * weight**2 / (weight**2 + error**2)


def _fitted(choices: Choices, coefficients: Floats) -> Demand:
    value = coefficients[:-1].reshape(len(choices.segments), len(choices.packages))
    return Demand(choices.segments, choices.packages, value, -float(coefficients[-1]))


def _spread(coefficients: Floats, covariance: Floats, elasticity_at: Callable[[Floats], float]) -> float:
    """Standard error by the delta method, the slope taken numerically."""
    steps = np.maximum(np.abs(coefficients), 1e-3) * 1e-5
    slope = np.array([
        (elasticity_at(coefficients + e) - elasticity_at(coefficients - e)) / (2 * e.sum())
        for e in np.diag(steps)
    ])  # fmt: skip
    return float(np.sqrt(slope @ covariance @ slope))


def _design(choices: Choices, *, with_need: bool = False) -> tuple[Floats, NDArray[np.intp], Floats, Floats]:
    """One row for each (menu, segment, need, choice): a value for every package of every segment, then the price.

    With `with_need`, the last column is the needed minutes a package covers; its price is part of its value then.
    """
    counts = choices.counts if with_need else choices.counts.sum(axis=2, keepdims=True)
    menus, segments, needs, alternatives = counts.shape
    packages = alternatives - 1
    sizes = np.array([p.minutes for p in choices.packages], dtype=np.float64)
    design = np.zeros((menus, segments, needs, alternatives, segments * packages + 1))
    known = np.zeros((menus, segments, needs, alternatives))
    offered = np.isfinite(choices.prices)
    known[..., 1:] = np.where(offered, 0, _NEVER)[:, None, None, :]
    for g in range(segments):
        design[:, g, :, 1:, g * packages : (g + 1) * packages] = np.eye(packages)
    if with_need:
        design[..., 1:, -1] = np.minimum(sizes, choices.needs[:, None])
    else:
        design[..., 1:, -1] = np.where(offered, choices.prices, 0)[:, None, None, :]
    # Half a choice more for each of a segment, on the menu in force, keeps values finite.
    counts = counts.copy()
    counts[choices.base] += PRIOR / needs
    shape = (-1, alternatives)
    row, chosen = np.nonzero(counts.reshape(shape))
    return (
        design.reshape(-1, alternatives, design.shape[-1])[row],
        chosen,
        counts.reshape(shape)[row, chosen],
        known.reshape(shape)[row],
    )
