"""Who gains and who loses: the change of every workspace's bill, and when those who pay more begin to leave."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from ledger.pricing.demand import Floats
from ledger.pricing.lab import Comparison

TOP = 20


@dataclass(frozen=True)
class Change:
    """The bill of one workspace for packages over the replayed time, in cents, mean of the draws."""

    workspace_id: str
    base_cents: float
    scenario_cents: float

    @property
    def change_cents(self) -> float:
        """What it pays more."""
        return self.scenario_cents - self.base_cents


def biggest_changes(comparison: Comparison, limit: int = TOP) -> tuple[list[Change], list[Change]]:
    """Those whose bill falls most, and those whose bill rises most; nobody whose bill stays the same."""
    base, scenario = comparison.bills
    change = scenario - base
    order = np.argsort(change, kind="stable")

    def rows(numbers: Sequence[int]) -> list[Change]:
        return [Change(comparison.workspace_ids[i], float(base[i]), float(scenario[i])) for i in numbers]

    falls = [int(i) for i in order[:limit] if change[i] < 0]
    rises = [int(i) for i in order[::-1][:limit] if change[i] > 0]
    return rows(falls), rows(rises)


def changed_bills(comparison: Comparison) -> Floats:
    """Change of the bill of every workspace whose bill changes, in cents."""
    change = comparison.bills[1] - comparison.bills[0]
    changed: Floats = change[np.abs(change) >= 1]
    return changed


def revenue_after_leaving(comparison: Comparison, churn_uplift: float) -> float:
    """Scenario revenue of the sample in cents when `churn_uplift` of the dearer-off leave for each 10% more."""
    base, scenario = comparison.bills
    dearer = np.maximum(scenario - base, 0) / np.maximum(base, _least_bill(base))
    stays = np.clip(1 - churn_uplift * dearer / 0.10, 0, 1)
    return float(scenario @ stays)


def _least_bill(base: Floats) -> float:
    """A bill of nothing has no percentages: the smallest tenth of the bills stands in for it."""
    paid = base[base > 0]
    return float(np.quantile(paid, 0.1)) if paid.size else 1.0


def break_even_churn(comparison: Comparison) -> float | None:
    """The churn uplift that eats the whole gain; None when there is no gain, or it is never eaten."""
    base = float(comparison.bills[0].sum())

    def gain(uplift: float) -> float:
        return revenue_after_leaving(comparison, uplift) - base

    if gain(0.0) <= 0 or gain(1.0) > 0:
        return None
    return float(brentq(gain, 0.0, 1.0, xtol=1e-6))
