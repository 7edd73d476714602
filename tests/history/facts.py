"""What happened to a company, as its files say it; and what follows for each workspace: balances, lots, warnings, limit hits."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

PLAN_BACK, PLAN, GRANT, PURCHASE, USE, REFUND, DISPUTE, DISPUTE_END = range(8)
"""The order of what happens at one moment."""


@dataclass
class Quarrel:
    """One dispute about a purchase."""

    opened_at: datetime
    closed_at: datetime
    cents: int
    lost: bool
    fee_cents: int


@dataclass
class Bought:
    """One paid purchase and what went back of it."""

    workspace_id: str
    name: str
    at: datetime
    package: str
    minutes: int
    cents: int
    currency: str
    fee_cents: int | None = None
    refunds: list[tuple[datetime, int]] = field(default_factory=list)
    quarrels: list[Quarrel] = field(default_factory=list)

    def back(self, as_of: datetime) -> int:
        """Return the cents that had gone back by a moment."""
        refunded = sum(cents for at, cents in self.refunds if at <= as_of)
        return refunded + sum(each.cents for each in self.quarrels if each.lost and each.closed_at <= as_of)


@dataclass
class Period:
    """Minutes of the plan are those of a month; an annual period gave twelve times as many."""

    plan: str
    cycle: str
    starts_at: datetime
    ends_at: datetime | None = None


@dataclass
class History:
    """All that the files say. `plan_minutes`: what came of plans, and below 0 what of that went back."""

    periods: dict[str, list[Period]] = field(default_factory=lambda: defaultdict(list))
    plan_minutes: list[tuple[str, datetime, str, int]] = field(default_factory=list)
    grants: list[tuple[str, datetime, str, int]] = field(default_factory=list)
    uses: list[tuple[str, datetime, str, int]] = field(default_factory=list)
    purchases: list[Bought] = field(default_factory=list)
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)

    def period_at(self, workspace_id: str, at: datetime) -> Period | None:
        """Return the newest plan period that a moment lies in."""
        there = [
            each
            for each in self.periods[workspace_id]
            if each.starts_at <= at and (each.ends_at is None or each.ends_at > at)
        ]
        return max(there, key=lambda each: each.starts_at, default=None)

    def left_at(self, workspace_id: str, since: datetime, as_of: datetime) -> datetime | None:
        """Return when a workspace gave up its plan; a return within 30 days makes it a pause."""
        mine = sorted(self.periods[workspace_id], key=lambda each: each.starts_at)
        ends = []
        for number, each in enumerate(mine):
            if each.ends_at is None or not since <= each.ends_at <= as_of:
                continue
            later = (one.starts_at for one in mine[number + 1 :] if one.starts_at <= as_of)
            if not any((start - each.ends_at).total_seconds() < 30 * 86_400 for start in later):
                ends.append(each.ends_at)
        return min(ends, default=None)


@dataclass
class Move:
    """Minutes that left a purchased lot by use, or went back with its money (below 0: came again)."""

    bought: Bought
    at: datetime
    used: int = 0
    back: int = 0


@dataclass
class Lived:
    """What the rules make of a history. Warnings and hits: workspace, moment, epoch."""

    history: History
    hits: list[tuple[str, datetime, int]] = field(default_factory=list)
    warnings: list[tuple[str, datetime, int]] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    demand: list[tuple[str, datetime, int, int]] = field(default_factory=list)
    """Each use: workspace, moment, minutes, and how many of them nothing was left for."""
    balances: dict[str, tuple[int, int]] = field(default_factory=dict)
    levels: dict[str, list[tuple[datetime, int]]] = field(default_factory=lambda: defaultdict(list))
    """The minutes left of each workspace after each event."""

    def left_over(self, workspace_id: str, at: datetime) -> int:
        """Return the minutes left just before a moment."""
        return next((left for then, left in reversed(self.levels[workspace_id]) if then < at), 0)


class Workspace:
    """One workspace as it lives through its events."""

    def __init__(self, workspace_id: str, lived: Lived) -> None:
        """Begin with nothing."""
        self.workspace_id, self.lived = workspace_id, lived
        self.plan, self.lots, self.disputed = 0, dict[str, int](), dict[str, int]()
        self.bought: dict[str, Bought] = {}
        self.epoch = self.base = self.warned = 0
        self.hit = False

    @property
    def left(self) -> int:
        """Minutes left."""
        return self.plan + sum(self.lots.values())

    def credited(self, kind: int, name: str, minutes: int) -> None:
        """Receive minutes: the gauge begins anew."""
        if kind == PLAN:
            self.plan += minutes
        else:
            self.lots[name] = minutes
        self.epoch, self.base, self.warned, self.hit = self.epoch + 1, self.left, 0, False

    def used(self, at: datetime, minutes: int) -> None:
        """Use plan minutes first, then the oldest lot; warn at 80%, and note the first moment with nothing left."""
        wanted = minutes - min(self.plan, minutes)
        self.plan -= minutes - wanted
        for name, holds in self.lots.items():
            drawn = min(holds, wanted)
            self.lots[name], wanted = holds - drawn, wanted - drawn
            if drawn and name in self.bought:
                self.lived.moves.append(Move(self.bought[name], at, used=drawn))
        self.lived.demand.append((self.workspace_id, at, minutes, wanted))
        if self.base and not self.warned and 100 * (self.base - self.left) >= 80 * self.base:
            self.warned = 80
            self.lived.warnings.append((self.workspace_id, at, self.epoch))
        if not self.left and not self.hit:
            self.hit = True
            self.lived.hits.append((self.workspace_id, at, self.epoch))

    def returned(self, at: datetime, name: str, minutes: int) -> int:
        """Give back at most what a lot holds (below 0: receive it again); the gauge moves with it."""
        moved = min(self.lots[name], minutes)
        self.lots[name] -= moved
        self.base -= moved
        self.lived.moves.append(Move(self.bought[name], at, back=moved))
        return moved

    def happens(self, at: datetime, kind: int, name: str, minutes: int) -> None:
        """Live through one event."""
        if kind in (PLAN, GRANT, PURCHASE):
            self.credited(kind, name, minutes)
        elif kind == USE:
            self.used(at, minutes)
        elif kind == PLAN_BACK:
            self.plan, self.base = self.plan - minutes, self.base - minutes
        elif kind == DISPUTE:
            self.disputed[name] = self.returned(at, name, minutes)
        elif kind == DISPUTE_END:
            self.returned(at, name, -self.disputed[name] if minutes else 0)
        else:
            self.returned(at, name, minutes)
        self.lived.levels[self.workspace_id].append((at, self.left))


def lived(history: History) -> Lived:
    """Return what the rules make of a history, workspace by workspace, by a plain loop over its events."""
    result = Lived(history)
    events: dict[str, list[tuple[datetime, int, str, int]]] = defaultdict(list)
    for workspace_id, at, name, minutes in history.plan_minutes:
        events[workspace_id].append((at, PLAN if minutes > 0 else PLAN_BACK, name, abs(minutes)))
    for kind, rows in ((GRANT, history.grants), (USE, history.uses)):
        for workspace_id, at, name, minutes in rows:
            events[workspace_id].append((at, kind, name, minutes))
    workspaces = {name: Workspace(name, result) for name in [*events, *history.periods]}
    for each in history.purchases:
        workspaces.setdefault(each.workspace_id, Workspace(each.workspace_id, result)).bought[each.name] = (
            each
        )
        events[each.workspace_id] += [(each.at, PURCHASE, each.name, each.minutes), *_returns(each)]
    for name, workspace in workspaces.items():
        for event in sorted(events[name]):
            workspace.happens(*event)
        result.balances[name] = workspace.plan, sum(workspace.lots.values())
    return result


def _returns(bought: Bought) -> list[tuple[datetime, int, str, int]]:
    """Refunds take minutes in proportion, all of them when all money is back; a dispute takes all until it is won."""
    events, gone, due = [], 0, 0
    for at, cents in sorted(bought.refunds):
        gone += cents
        target = bought.minutes * gone // bought.cents
        events.append((at, REFUND, bought.name, target - due))
        due = target
    for each in bought.quarrels:
        events.append((each.opened_at, DISPUTE, bought.name, bought.minutes))
        events.append((each.closed_at, DISPUTE_END, bought.name, int(not each.lost)))
    return events
