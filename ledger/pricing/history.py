"""The replayed history: each workspace's demand between two credits, and its plan credits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ledger.pricing.refusals import NoHistory, WrongAllowance

Numbers = NDArray[Any]  # whole numbers, 32 bits where they fit: half the memory, twice the speed
_FITS_INT32 = 2**30


@dataclass(frozen=True)
class UsageHistory:
    """Facts of W workspaces in K steps. A step begins with credits; its demand is used up before the next step.

    `demand[k, w]`: minutes wanted in step k, met or not. `months[k, w]`: months of allowance that the plan
    credits when step k begins (1, 12 for an annual plan, 0 for no credit); `plan[k, w]`: index into `plans`.
    `grants[k, w]`: minutes granted then, `bought[k, w]`: minutes bought then before any limit (there was no
    decision: both sides keep them), None when there are none at all. `opening[w]`: plan
    minutes held before step 0. `segment[w]`: index into `segments`.
    `ahead[w]`: minutes wanted between the end of the history and the plan's next credit; they are not used
    yet, but a blocked workspace buys for them too. `pause[w]`: minutes lost between a limit hit and the purchase
    that follows it. `last_step[w]` follows from the others. Steps that a workspace does not have are zeros at the
    end. Arrays are never changed.
    """

    workspace_ids: Sequence[str]
    plans: tuple[str, ...]
    segments: tuple[str, ...]
    demand: Numbers
    months: NDArray[np.int16]
    plan: NDArray[np.int8]
    segment: NDArray[np.int16]
    opening: Numbers | None = None
    grants: Numbers | None = None
    bought: Numbers | None = None
    ahead: Numbers | None = None
    pause: Numbers | None = None
    last_step: NDArray[np.intp] | None = None

    def __post_init__(self) -> None:
        """Refuse a history without workspaces or steps; set each workspace's last step where it matters."""
        if self.demand.size == 0:
            raise NoHistory
        if self.pause is not None and self.last_step is None:
            there = (self.months > 0) | (self.demand > 0)
            object.__setattr__(self, "last_step", self.steps - 1 - np.argmax(there[::-1], axis=0))

    @property
    def steps(self) -> int:
        """Return the number of steps, K."""
        return int(self.demand.shape[0])

    @property
    def size(self) -> int:
        """Return the number of workspaces, W."""
        return int(self.demand.shape[1])

    @cached_property
    def wanted(self) -> Numbers:
        """Return minutes wanted up to the end of each step, in half the memory for small numbers."""
        total = np.cumsum(self.demand, axis=0, dtype=np.int64)
        return total.astype(np.int32) if int(total[-1].max()) < _FITS_INT32 else total

    @cached_property
    def months_given(self) -> tuple[Numbers, ...]:
        """Return, per plan, the months of allowance credited up to the beginning of each step."""
        kind = self.wanted.dtype
        return tuple(
            np.cumsum(np.where(self.plan == number, self.months, 0), axis=0, dtype=kind)
            for number in range(len(self.plans))
        )

    @cached_property
    def grants_given(self) -> Numbers | None:
        """Return minutes from outside the tariff up to each step's beginning: granted, or bought before a limit."""
        outside = [table for table in (self.grants, self.bought) if table is not None]
        return np.cumsum(sum(outside), axis=0, dtype=self.wanted.dtype) if outside else None

    @cached_property
    def until_credit(self) -> Numbers:
        """Return minutes wanted from each step's end to the plan's next credit, [k, w]; 0 where a credit follows."""
        later = np.zeros_like(self.demand)
        if self.ahead is not None:
            later[-1] = self.ahead
        for step in range(self.steps - 2, -1, -1):
            later[step] = np.where(self.months[step + 1] > 0, 0, self.demand[step + 1] + later[step + 1])
        return later

    @cached_property
    def beyond(self) -> tuple[Numbers | None, ...]:
        """Return `until_credit` per step, None where a credit follows for every workspace."""
        return tuple(row if row.any() else None for row in self.until_credit)

    def require_allowances(self, allowances: Mapping[str, int]) -> None:
        """Raise WrongAllowance for a plan of this history whose allowance is missing or invalid."""
        for plan in self.plans:
            if allowances.get(plan, -1) < 0:
                raise WrongAllowance(f"{plan}: the monthly allowance is missing.")

    def given(self, allowances: Mapping[str, int], step: int, *, grants: bool = True) -> Numbers:
        """Return each workspace's free minutes up to the start of `step`, under these allowances."""
        total = np.zeros(self.size, dtype=self.wanted.dtype)
        for number, plan in enumerate(self.plans):
            total += self.months_given[number][step] * np.asarray(allowances[plan], dtype=total.dtype)
        if self.opening is not None:
            total += self.opening.astype(total.dtype)
        if grants and self.grants_given is not None:
            total += self.grants_given[step]
        return total

    def responding(self, base: Mapping[str, int], new: Mapping[str, int], response: float) -> "UsageHistory":
        """Return the demand if usage follows the allowance: u (1 + response x change / base), rounded to the minute."""
        if response == 0:
            return self
        change = np.array([(new[p] - base[p]) / base[p] if base[p] else 0.0 for p in self.plans])
        latest = np.maximum.accumulate(
            np.where(self.months > 0, np.arange(self.steps)[:, None], 0), axis=0
        )  # the step of the last plan credit
        plan = np.take_along_axis(self.plan, latest, axis=0)
        return self.scaled(1 + response * change[plan])

    def scaled(self, factor: float | NDArray[np.float64]) -> "UsageHistory":
        """Return the history with all demand multiplied by `factor`, one or [k, w], rounded to the minute."""
        last = factor if isinstance(factor, float) else factor[-1]
        ahead, pause = (
            None if table is None else np.rint(table * last).astype(np.int64)
            for table in (self.ahead, self.pause)
        )
        return replace(self, demand=np.rint(self.demand * factor).astype(np.int64), ahead=ahead, pause=pause)

    def taking(self, chosen: NDArray[np.intp], *, named: bool = True) -> "UsageHistory":
        """Return the history of some workspaces, without their ids when they are not needed."""
        names = [self.workspace_ids[i] for i in chosen] if named else ()
        # Several times as fast as table[:, chosen].
        return UsageHistory(
            names, self.plans, self.segments, self.demand.take(chosen, axis=1), self.months.take(chosen, axis=1),
            self.plan.take(chosen, axis=1), self.segment.take(chosen),
            None if self.opening is None else self.opening.take(chosen),
            None if self.grants is None else self.grants.take(chosen, axis=1),
            None if self.bought is None else self.bought.take(chosen, axis=1),
            None if self.ahead is None else self.ahead.take(chosen),
            None if self.pause is None else self.pause.take(chosen),
            None if self.last_step is None else self.last_step.take(chosen),
        )  # fmt: skip

    def repeated(self, times: int) -> "UsageHistory":
        """Return the history repeated side by side."""
        if times == 1:
            return self
        return UsageHistory(
            list(self.workspace_ids) * times, self.plans, self.segments, np.tile(self.demand, times),
            np.tile(self.months, times), np.tile(self.plan, times), np.tile(self.segment, times),
            None if self.opening is None else np.tile(self.opening, times),
            None if self.grants is None else np.tile(self.grants, times),
            None if self.bought is None else np.tile(self.bought, times),
            None if self.ahead is None else np.tile(self.ahead, times),
            None if self.pause is None else np.tile(self.pause, times),
            None if self.last_step is None else np.tile(self.last_step, times),
        )  # fmt: skip
