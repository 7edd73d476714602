"""Intervals by resampling workspaces, because purchases of one workspace are not independent."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from scipy.stats import bootstrap

from ledger.estimates.proportions import Interval

RESAMPLES = 4999
LEAST_WORKSPACES = 5
"""With fewer workspaces, a resampled interval covers the true value hardly more often than chance."""
SEED = 20260301


def mean_by_workspace(
    totals: Sequence[float], counts: Sequence[int], *, resamples: int = RESAMPLES, seed: int = SEED
) -> Interval | None:
    """Return the sum of totals / sum of counts, one pair per workspace, with its BCa interval.

    Return None without any count, with fewer than LEAST_WORKSPACES, or when all are alike: resampling them
    is uninformative, and an interval without width would suggest certainty.
    """
    numerators, denominators = np.asarray(totals, float), np.asarray(counts, float)
    if len(numerators) < LEAST_WORKSPACES or denominators.sum() == 0:
        return None

    value = float(numerators.sum() / denominators.sum())
    ratios = numerators / np.where(denominators == 0, 1, denominators)
    if np.ptp(ratios) == 0 and (denominators > 0).all():
        return None

    def ratio(numerator: np.ndarray, denominator: np.ndarray, axis: int = -1) -> np.ndarray:
        return np.asarray(numerator.sum(axis=axis) / denominator.sum(axis=axis))

    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        # Too little data is a valid result here (no interval) and needs no warning.
        warnings.simplefilter("ignore")
        results = bootstrap(
            (numerators, denominators),
            ratio,
            paired=True,
            vectorized=True,
            n_resamples=resamples,
            batch=max(1, min(resamples, 2_000_000 // len(numerators))),
            method="BCa",
            rng=np.random.default_rng(seed),
        ).confidence_interval
    if not (np.isfinite(results.low) and np.isfinite(results.high)):
        return None
    return Interval(value, float(results.low), float(results.high))
