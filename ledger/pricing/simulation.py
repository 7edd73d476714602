"""Step-by-step replay for what the closed form cannot cover: buying or waiting, caps, carry-over and expiry.

Each workspace has three pools: plan, paid, grant. A buyer has nothing left, so at most one package is open
and it is older than every later credit. Three numbers therefore replace a list of lots.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ledger.pricing.demand import Demand, offer
from ledger.pricing.history import Numbers, UsageHistory
from ledger.pricing.luck import Keys, keys_of, luck
from ledger.pricing.replay import deficits
from ledger.pricing.tariff import Tariff

Ints = Numbers
# (which workspaces, step, attempt, minutes still wanted in this step) -> 0 to wait, j for package j
Chooser = Callable[[NDArray[np.intp], int, int, Ints], NDArray[np.int8]]
_POOLS = {
    "plan_first": ("plan", "paid", "grant"),
    "oldest_first": ("paid", "plan", "grant"),
    "extra_first": ("paid", "grant", "plan"),
}
MOST_MONTHS = 120  # of one credit
MOST_ATTEMPTS = 4000  # of one workspace in one step; luck has 4096 numbers for it


@dataclass
class SimulatedOutcome:
    """Results per replayed workspace, in minutes, packages, cents or limit hits.

    `bought[w, j]`: packages of kind j. `unmet`: minutes wanted and not served. `expired`: minutes that lapsed.
    """

    spent_cents: Ints
    bought: Ints
    hits: Ints
    unmet: Ints
    served_plan: Ints
    plan: Ints
    paid: Ints
    grant: Ints
    expired: Ints
    last_package: Ints
    age: Ints = field(repr=False)

    @classmethod
    def start(cls, size: int, packages: int, kind: type[np.signedinteger[Any]]) -> "SimulatedOutcome":
        """Return the empty state before the first step. `kind`: type of the minutes."""
        spent = np.zeros(size, dtype=np.int64)
        unmet, served, plan, paid, grant, expired = np.zeros((6, size), dtype=kind)
        bought = np.zeros((size, packages), dtype=np.int32)
        hits, last, age = np.zeros((3, size), dtype=np.int32)
        return cls(spent, bought, hits, unmet, served, plan, paid, grant, expired, last, age)


def simulate(
    history: UsageHistory, tariff: Tariff, decide: Chooser, kind: type[np.signedinteger[Any]] = np.int64
) -> SimulatedOutcome:
    """Replay `history` under `tariff`, calling `decide` at every limit hit. `kind`: type of the minutes."""
    now = SimulatedOutcome.start(history.size, len(tariff.packages), kind)
    if history.opening is not None:
        now.plan += history.opening
    allowances = np.array([tariff.allowances[p] for p in history.plans], dtype=kind)
    pools = [p for p in _POOLS[tariff.burn_order] if p != "grant" or history.grants is not None]
    for step in range(history.steps):
        _credit(now, history, tariff, allowances, step)
        short = history.demand[step].astype(kind)
        for pool in pools:
            minutes: Ints = getattr(now, pool)
            drawn = np.minimum(minutes, short)
            minutes -= drawn
            short -= drawn
            if pool == "plan":
                now.served_plan += drawn
        _decide(now, tariff, decide, short, history=history, step=step)
    now.spent_cents += now.bought @ np.array([p.amount_cents for p in tariff.packages], dtype=np.int64)
    return now


def _minutes_kind(history: UsageHistory, tariff: Tariff) -> type[np.signedinteger[Any]]:
    """Return 32 bits when no pool can exceed them, which halves the memory."""
    most_given = history.steps * MOST_MONTHS * max(tariff.allowances.values(), default=0)
    for more in (None if history.grants_given is None else history.grants_given[-1], history.opening):
        most_given += 0 if more is None else int(more.max())
    return np.int32 if history.wanted.dtype == np.int32 and most_given < 2**30 else np.int64


def _credit(
    now: SimulatedOutcome, history: UsageHistory, tariff: Tariff, allowances: Ints, step: int
) -> None:
    """Begin a step: expire old minutes under the tariff and add new ones."""
    months = history.months[step]
    if tariff.carry_minutes is not None:
        lapsed = np.where(months > 0, np.maximum(now.plan - tariff.carry_minutes, 0), 0)
        now.plan -= lapsed
        now.expired += lapsed
    if tariff.package_life is not None:
        now.age += months > 0
        lapsed = np.where(now.age >= tariff.package_life, now.paid, 0)
        now.paid -= lapsed
        now.expired += lapsed
    now.plan += months * allowances[history.plan[step]]
    if history.grants is not None:
        now.grant += history.grants[step]
    if history.bought is not None:
        bought = history.bought[step]
        now.paid += bought
        if tariff.package_life is not None:
            now.age[bought > 0] = 0


def _decide(
    now: SimulatedOutcome, tariff: Tariff, decide: Chooser, short: Ints, *, history: UsageHistory, step: int
) -> None:
    """Let every short workspace decide until it is served or waits; the rest stays unserved.

    A buyer loses the minutes before the purchase. If these extend past the history, the purchase is still ahead.
    """
    sizes = np.array([0, *(p.minutes for p in tariff.packages)], dtype=short.dtype)
    most = MOST_ATTEMPTS if tariff.most_packages is None else tariff.most_packages
    packages, sold, pause = now.bought.shape[1], now.bought.reshape(-1), history.pause
    to_come = None if pause is None else pause * (history.last_step == step)
    blocked = short > 0
    now.hits += blocked
    who = np.flatnonzero(blocked)
    want = short.take(who)
    for attempt in range(most):
        if not who.size:
            break
        picked = decide(who, step, attempt, want)
        if to_come is not None:
            picked[want <= to_come.take(who)] = 0
        buys = np.flatnonzero(picked > 0)
        who, want, picked = who.take(buys), want.take(buys), picked.take(buys)
        if pause is not None:
            want -= np.minimum(pause.take(who), want)
        size = sizes.take(picked)
        short[who] -= np.minimum(size, want)
        sold[who * packages + (picked - 1)] += 1
        now.last_package[who] = picked
        now.paid[who] = np.maximum(size - want, 0)
        if tariff.package_life is not None:
            now.age[who] = 0
        more = np.flatnonzero(want > size)
        who, want = who.take(more), (want - size).take(more)
        now.hits[who] += 1
    now.unmet += short


@dataclass(frozen=True)
class Prepared:
    """A history limited to the workspaces that a tariff can block; the others need no replay.

    `chosen`: their positions in `whole`.
    """

    whole: UsageHistory
    part: UsageHistory
    chosen: NDArray[np.intp]
    keys: Keys
    tariff: Tariff


def prepare(history: UsageHistory, tariff: Tariff, keys: Keys | None = None) -> Prepared:
    """Keep workspaces whose demand ever exceeds their allowance, because only they decide, and those owed minutes."""
    keys = keys_of(history.workspace_ids) if keys is None else keys
    if tariff.carry_minutes is None:
        counts = deficits(history, tariff.allowances) > 0
        chosen = np.flatnonzero(counts if history.bought is None else counts | history.bought.any(axis=0))
    else:
        chosen = np.arange(history.size)
    if not chosen.size:  # a tariff that blocks nobody still needs one workspace to replay
        chosen = np.zeros(1, dtype=np.intp)
    return Prepared(history, history.taking(chosen, named=False), chosen, keys[chosen], tariff)


def run(prepared: Prepared, demands: Sequence[Demand], draw_keys: Sequence[Keys]) -> SimulatedOutcome:
    """Return parallel stochastic replays: replay d uses `demands[d]` and the random numbers of `draw_keys[d]`.

    Outcome rows: all workspaces of the first replay, then all of the second. A batch is
    faster than single replays, because each step costs the same few calls.
    """
    menu = offer(demands, prepared.tariff)
    times = len(demands)
    part = prepared.part.repeated(times)
    luck_of = np.concatenate(draw_keys)
    segments = len(prepared.part.segments)
    group = part.segment + np.repeat(np.arange(times) * segments, prepared.part.size)
    ahead = prepared.whole.beyond if menu.need_weight else None
    place = np.tile(prepared.chosen, times)

    def decide(who: NDArray[np.intp], step: int, attempt: int, want: Ints) -> NDArray[np.int8]:
        later = None if ahead is None else ahead[step]
        need = want if later is None else want + later.take(place.take(who))
        return menu.choose(luck(luck_of.take(who), step, attempt), group.take(who), need)

    return simulate(part, prepared.tariff, decide, _minutes_kind(prepared.whole, prepared.tariff))
