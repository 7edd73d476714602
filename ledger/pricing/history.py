"""The history that is replayed: what every workspace wanted between two credits, and when its plan gave minutes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ledger.pricing.refusals import NoHistory

Numbers = NDArray[Any]  # whole numbers, 32 bits where they fit: half the memory, twice the speed
_FITS_INT32 = 2**30


@dataclass(frozen=True)
class History:
    """Facts of W workspaces in K steps. A step begins with credits; its demand is used up before the next step.

    `demand[k, w]`: minutes wanted in step k, met or not. `months[k, w]`: months of allowance that the plan
    gives when step k begins (1, 12 for an annual plan, 0 for no credit); `plan[k, w]`: index into `plans`.
    `gifts[k, w]`: minutes given by hand then, `bought[k, w]`: minutes bought then before any limit (nobody was
    asked to decide: both sides of every question keep them), None when there are none at all. `opening[w]`: plan
    minutes held before step 0. `segment[w]`: index into `segments`. Steps that a workspace does not have are zeros
    at the end. No array is ever changed.
    """

    workspace_ids: Sequence[str]
    plans: tuple[str, ...]
    segments: tuple[str, ...]
    demand: Numbers
    months: NDArray[np.int16]
    plan: NDArray[np.int8]
    segment: NDArray[np.int16]
    opening: Numbers | None = None
    gifts: Numbers | None = None
    bought: Numbers | None = None

    def __post_init__(self) -> None:
        """Refuse a history without workspaces or steps."""
        if self.demand.size == 0:
            raise NoHistory

    @property
    def steps(self) -> int:
        """Number of steps, K."""
        return int(self.demand.shape[0])

    @property
    def size(self) -> int:
        """Number of workspaces, W."""
        return int(self.demand.shape[1])

    @cached_property
    def wanted(self) -> Numbers:
        """Minutes wanted up to the end of each step. Half the memory where the numbers are small."""
        total = np.cumsum(self.demand, axis=0, dtype=np.int64)
        return total.astype(np.int32) if int(total[-1].max()) < _FITS_INT32 else total

    @cached_property
    def months_given(self) -> tuple[Numbers, ...]:
        """For each plan: months of its allowance credited up to the beginning of each step."""
        kind = self.wanted.dtype
        return tuple(
            np.cumsum(np.where(self.plan == number, self.months, 0), axis=0, dtype=kind)
            for number in range(len(self.plans))
        )

    @cached_property
    def gifts_given(self) -> Numbers | None:
        """Minutes from outside the tariff up to the beginning of each step: given by hand, or bought before a limit."""
        outside = [table for table in (self.gifts, self.bought) if table is not None]
        return np.cumsum(sum(outside), axis=0, dtype=self.wanted.dtype) if outside else None

    def given(self, allowances: Mapping[str, int], step: int, *, gifts: bool = True) -> Numbers:
        """Minutes that each workspace had been given for nothing when `step` began, under these allowances."""
        total = np.zeros(self.size, dtype=self.wanted.dtype)
        for number, plan in enumerate(self.plans):
            total += self.months_given[number][step] * np.asarray(allowances[plan], dtype=total.dtype)
        if self.opening is not None:
            total += self.opening.astype(total.dtype)
        if gifts and self.gifts_given is not None:
            total += self.gifts_given[step]
        return total

    def responding(self, base: Mapping[str, int], new: Mapping[str, int], response: float) -> "History":
        """The demand if usage follows the allowance: u (1 + response x change / base), rounded to the minute."""
        if response == 0:
            return self
        change = np.array([(new[p] - base[p]) / base[p] if base[p] else 0.0 for p in self.plans])
        latest = np.maximum.accumulate(
            np.where(self.months > 0, np.arange(self.steps)[:, None], 0), axis=0
        )  # the step of the last plan credit
        plan = np.take_along_axis(self.plan, latest, axis=0)
        demand = np.rint(self.demand * (1 + response * change[plan])).astype(np.int64)
        return History(
            self.workspace_ids, self.plans, self.segments, demand, self.months, self.plan, self.segment,
            self.opening, self.gifts, self.bought,
        )  # fmt: skip

    def taking(self, chosen: NDArray[np.intp], *, named: bool = True) -> "History":
        """The same history of some of the workspaces; without their ids when nobody will ask for them."""
        names = [self.workspace_ids[i] for i in chosen] if named else ()
        # Several times as fast as table[:, chosen].
        return History(
            names, self.plans, self.segments, self.demand.take(chosen, axis=1), self.months.take(chosen, axis=1),
            self.plan.take(chosen, axis=1), self.segment.take(chosen),
            None if self.opening is None else self.opening.take(chosen),
            None if self.gifts is None else self.gifts.take(chosen, axis=1),
            None if self.bought is None else self.bought.take(chosen, axis=1),
        )  # fmt: skip

    def repeated(self, times: int) -> "History":
        """The same history several times side by side."""
        if times == 1:
            return self
        return History(
            list(self.workspace_ids) * times, self.plans, self.segments, np.tile(self.demand, times),
            np.tile(self.months, times), np.tile(self.plan, times), np.tile(self.segment, times),
            None if self.opening is None else np.tile(self.opening, times),
            None if self.gifts is None else np.tile(self.gifts, times),
            None if self.bought is None else np.tile(self.bought, times),
        )  # fmt: skip
