"""Exact replay: what other allowances, packages and burn orders would have done, when everybody blocked buys at once.

Minutes never expire and add up, so the packages a workspace would have needed are a running maximum:
deficit L = max(0, max over steps of (wanted - given)), packages n = ceil(L / size). Demand rises between two
credits and what was given does not, so the maximum sits at the end of a step: the steps are all that is needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ledger.pricing.history import Numbers, UsageHistory
from ledger.pricing.refusals import WrongPackageMinutes, WrongRule
from ledger.pricing.tariff import BURN_ORDERS


@dataclass(frozen=True)
class AutoPurchases:
    """What a replay of auto-purchases gives, one number for each workspace, in packages and minutes.

    `paid_left`: bought minutes not yet used, all of them from the last package. `free_left`: plan and grant
    minutes not yet used. `deficit`: minutes that had to be bought to be used.
    """

    deficit: Numbers
    packages: Numbers
    paid_left: Numbers
    free_left: Numbers


def deficits(history: UsageHistory, allowances: Mapping[str, int], *, grants: bool = True) -> Numbers:
    """Minutes each workspace wanted beyond everything it was given, at the worst moment of its history."""
    history.require_allowances(allowances)
    worst = np.zeros(history.size, dtype=history.wanted.dtype)
    for step in range(history.steps):
        np.maximum(worst, history.wanted[step] - history.given(allowances, step, grants=grants), out=worst)
    return worst


def replay(
    history: UsageHistory,
    allowances: Mapping[str, int],
    package_minutes: int,
    *,
    burn_order: str = "plan_first",
) -> AutoPurchases:
    """Replay the history when whoever is blocked buys packages of `package_minutes` until served."""
    if package_minutes < 1:
        raise WrongPackageMinutes(f"{package_minutes} minutes; a package holds at least 1.")
    if burn_order not in BURN_ORDERS:
        raise WrongRule(f"{burn_order!r} is no burn order.")
    deficit = deficits(history, allowances)
    packages = -(-deficit // package_minutes)
    bought = packages * package_minutes
    last = history.steps - 1
    left = history.given(allowances, last) + bought - history.wanted[last]
    if burn_order == "plan_first":
        paid_left = _left_when_plan_goes_first(history, allowances, bought, package_minutes)
    else:
        paid_left = np.maximum(left - _given_since(history, allowances, bought - package_minutes), 0)
    paid_left = np.where(packages > 0, np.minimum(paid_left, package_minutes), 0)
    return AutoPurchases(deficit, packages, paid_left, left - paid_left)


def _left_when_plan_goes_first(
    history: UsageHistory, allowances: Mapping[str, int], bought: Numbers, package_minutes: int
) -> Numbers:
    """Bought minutes left when every credit of the plan is used before them."""
    drawn = deficits(history, allowances, grants=False)  # minutes that came out of the extra pool
    if history.grants_given is None:
        return bought - drawn
    grants_before = np.zeros(history.size, dtype=drawn.dtype)
    for step, waiting in _steps_until_last_purchase(history, allowances, bought - package_minutes + 1):
        np.copyto(grants_before, history.grants_given[step], where=waiting)
    # What was drawn beyond the grants of that time came out of packages, oldest first; later grants are younger.
    left: Numbers = np.maximum(bought + grants_before - drawn, 0)
    return left


def _given_since(history: UsageHistory, allowances: Mapping[str, int], bought_before: Numbers) -> Numbers:
    """Free minutes credited after the last purchase: they are younger than the package, so it was used first."""
    last = history.steps - 1
    given_then = np.zeros(history.size, dtype=history.wanted.dtype)
    for step, waiting in _steps_until_last_purchase(history, allowances, bought_before + 1):
        np.copyto(given_then, history.given(allowances, step), where=waiting)
    return history.given(allowances, last) - given_then


def _steps_until_last_purchase(
    history: UsageHistory, allowances: Mapping[str, int], reached: Numbers
) -> list[tuple[int, NDArray[np.bool_]]]:
    """Steps with a mask of the workspaces whose deficit had not reached `reached` before that step began."""
    waiting = np.ones(history.size, dtype=bool)
    steps: list[tuple[int, NDArray[np.bool_]]] = []
    for step in range(history.steps):
        steps.append((step, waiting))
        waiting = waiting & (history.wanted[step] - history.given(allowances, step) < reached)
    return steps
