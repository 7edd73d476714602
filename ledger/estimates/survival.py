"""Curves over time since a start: retention, and the share with an event so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight, survdiff

from ledger.estimates.proportions import Interval, share

Z95 = 1.959963984540054


@dataclass(frozen=True)
class Curve:
    """A step curve: from `times[i]` on, the share is `values[i]`, of `at_risk[i]` still observed just before."""

    times: tuple[float, ...]
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    at_risk: tuple[int, ...]
    start: float


def _band(values: np.ndarray, errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a pointwise 95% band on the log(-log) scale, which stays within 0 to 1."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        spread = Z95 * errors / (values * np.log(values))
        low, high = values ** np.exp(-spread), values ** np.exp(spread)
    known = (values > 0) & (values < 1) & np.isfinite(spread)
    return np.where(known, low, values), np.where(known, high, values)


def _known(errors: np.ndarray) -> np.ndarray:
    """Replace the last workspace's undefined error (the formula divides by 0) by the one before it."""
    filled = np.asarray(errors, float).copy()
    for i in range(len(filled)):
        if not np.isfinite(filled[i]):
            filled[i] = filled[i - 1] if i else 0.0
    return filled


def _curve(
    times: np.ndarray, values: np.ndarray, errors: np.ndarray, all_times: np.ndarray, start: float
) -> Curve:
    low, high = _band(values, errors)
    at_risk = len(all_times) - np.searchsorted(np.sort(all_times), times, side="left")
    return Curve(
        tuple(float(t) for t in times),
        tuple(float(v) for v in values),
        tuple(float(v) for v in low),
        tuple(float(v) for v in high),
        tuple(int(n) for n in at_risk),
        start,
    )


def survival(durations: Sequence[float], ended: Sequence[int]) -> Curve | None:
    """Return Kaplan-Meier: the share still there after each time. `ended` is 0 where observation stopped first."""
    if len(durations) == 0:
        return None

    with np.errstate(divide="ignore", invalid="ignore"):
        fit = SurvfuncRight(np.asarray(durations, float), np.asarray(ended, int))
    errors = _known(fit.surv_prob_se)
    return _curve(fit.surv_times, fit.surv_prob, errors, np.asarray(durations, float), start=1.0)


def incidence(durations: Sequence[float], causes: Sequence[int], cause: int = 1) -> Curve | None:
    """Return Aalen-Johansen: the share with `cause` by each time while the other causes compete.

    `causes` is 0 where observation stopped before any event. Leaving out the competing causes
    (1 - Kaplan-Meier) always overstates the share.
    """
    if len(durations) == 0:
        return None

    times, codes = np.asarray(durations, float), np.asarray(causes, int)
    if not (codes == cause).any():
        return Curve((), (), (), (), (), 0.0)
    position = sorted(set(codes.tolist()) - {0}).index(cause)
    numbered = np.zeros_like(codes)
    for number, code in enumerate(sorted(set(codes.tolist()) - {0}), start=1):
        numbered[codes == code] = number
    with np.errstate(divide="ignore", invalid="ignore"):
        fit = CumIncidenceRight(times, numbered)
    errors = _known(fit.cinc_se[position])
    return _curve(fit.times, fit.cinc[position], errors, times, start=0.0)


def value_at(curve: Curve, time: float) -> tuple[float, float, float]:
    """Return the curve's value, low and high at `time` (in the unit of the durations)."""
    index = int(np.searchsorted(np.asarray(curve.times), time, side="right")) - 1
    if index < 0:
        return curve.start, curve.start, curve.start
    return curve.values[index], curve.low[index], curve.high[index]


def share_by(curve: Curve, durations: Sequence[float], causes: Sequence[int], time: float) -> Interval | None:
    """Return an incidence curve's share at `time`; None when observation ended for everybody before it.

    When nobody, or everybody, has the event, the curve has no band. The interval is then Wilson's, of those whose
    outcome by `time` is known.
    """
    fates = list(zip(durations, causes, strict=True))
    # An event at the last time precedes the end of observation there.
    if max(durations) < time and any(cause == 0 and duration == max(durations) for duration, cause in fates):
        return None
    value, low, high = value_at(curve, time)
    if low < high:
        return Interval(value, low, high)
    known = sum(cause != 0 or duration >= time for duration, cause in fates)
    of_known = share(round(value * known), known)
    return None if of_known is None else Interval(value, of_known.low, of_known.high)


def quantile(curve: Curve, share: float) -> float | None:
    """Return the first time at which the curve has moved by `share` from its start; None when it never does."""
    for time, value in zip(curve.times, curve.values, strict=True):
        if abs(value - curve.start) >= share - 1e-12:
            return time
    return None


def quantile_bounds(curve: Curve, share: float) -> tuple[float | None, float | None]:
    """Return the earliest and latest times at which a rising curve's band reaches a share; None where never."""
    low, high = (
        next((time for time, value in zip(curve.times, band, strict=True) if value >= share - 1e-12), None)
        for band in (curve.high, curve.low)
    )
    return low, high


def log_rank(
    durations: Sequence[float], ended: Sequence[int], groups: Sequence[object]
) -> tuple[float, float] | None:
    """Return chi-square and p of the log-rank test over groups fixed beforehand; None with fewer than two groups.

    Use it only for groups known at the start (plan, hit before or after a launch), never for buyers versus others.
    """
    if len(set(groups)) < 2 or not any(ended):
        return None

    chi_square, p = survdiff(np.asarray(durations, float), np.asarray(ended, int), np.asarray(groups))
    return float(chi_square), float(p)
