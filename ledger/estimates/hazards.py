"""Cox models: how a factor changes the rate at which workspaces leave."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from ledger.estimates.survival import Z95

# statsmodels counts a row that enters exactly at an event's time as at risk for that event, although
# its predecessor row already is: the subject would be in the risk set twice. Entering slightly later
# follows the usual half-open convention (start, stop].
ENTRY_STEP = 1e-6


# A coefficient or standard error beyond this (on the log scale) means that the data do not bound it.
UNBOUNDED = 10
LARGEST_EXPONENT = 700


@dataclass(frozen=True)
class Hazard:
    """Hazard ratio of one column with its 95% interval; below 1 means leaving more slowly."""

    ratio: float
    low: float
    high: float
    coefficient: float
    standard_error: float
    events: int


def _fit(
    stop: np.ndarray,
    event: np.ndarray,
    columns: np.ndarray,
    *,
    entry: np.ndarray | None,
    ties: str,
    every: bool = True,
) -> list[Hazard] | None:
    if event.sum() == 0 or (columns.std(axis=0) == 0).any():
        return None
    model = PHReg(stop, columns, status=event, entry=entry, ties=ties)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            fitted = model.fit()
    except (np.linalg.LinAlgError, RuntimeWarning, ConvergenceWarning):
        return None
    results = [
        _hazard(float(coefficient), float(error), int(event.sum()))
        for coefficient, error in zip(fitted.params, fitted.bse, strict=True)
    ]
    judged = results if every else results[:1]
    return None if any(_unbounded(one) for one in judged) else results


def _hazard(coefficient: float, error: float, events: int) -> Hazard:
    ratio, low, high = (
        _exp(value) for value in (coefficient, coefficient - Z95 * error, coefficient + Z95 * error)
    )
    return Hazard(ratio, low, high, coefficient, error, events)


def _exp(value: float) -> float:
    return math.exp(value) if value < LARGEST_EXPONENT else math.inf


def _unbounded(hazard: Hazard) -> bool:
    finite = math.isfinite(hazard.coefficient) and math.isfinite(hazard.standard_error)
    return not finite or max(abs(hazard.coefficient), hazard.standard_error) > UNBOUNDED


def proportional_hazards(
    durations: Sequence[float],
    ended: Sequence[int],
    columns: Sequence[Sequence[float]],
    *,
    ties: str = "efron",
) -> list[Hazard] | None:
    """Return a Cox model with columns fixed at the start, one Hazard per column; None when not identifiable."""
    if len(durations) == 0:
        return None
    return _fit(
        np.asarray(durations, float),
        np.asarray(ended, int),
        np.asarray(columns, float),
        entry=None,
        ties=ties,
    )


def time_varying_hazards(
    start: Sequence[float],
    stop: Sequence[float],
    event: Sequence[int],
    columns: Sequence[Sequence[float]],
    *,
    ties: str = "efron",
) -> list[Hazard] | None:
    """Return a Cox model over rows (start, stop], one Hazard per column; None when the first is not identifiable.

    The first column is the one of interest. The others only adjust and may be unbounded.

    A workspace that buys on day 10 contributes (0, 10] not bought and (10, end] bought, so the days in which
    it had not bought never count for the purchase. Rows without length are dropped.
    """
    begins, ends = np.asarray(start, float), np.asarray(stop, float)
    has_length = ends > begins
    if not has_length.any():
        return None
    return _fit(
        ends[has_length],
        np.asarray(event, int)[has_length],
        np.asarray(columns, float)[has_length],
        entry=begins[has_length] + ENTRY_STEP,
        ties=ties,
        every=False,
    )
