"""Every metric of a history as a plain loop computes it: value, and what it rests on, for a period and a group of workspaces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from tests.history.facts import Bought, Lived, Move

WINDOW, AGAIN = timedelta(days=14), timedelta(days=90)
MONTH_MINUTES = {"starter": 200, "pro": 300}
Group = Callable[[str, datetime], bool]
"""Whether a workspace belongs to the group at a moment."""


@dataclass(frozen=True)
class Figure:
    """A number with what it rests on; None where there is nothing to count."""

    value: float | None
    n: int | None = None
    pending: int = 0


def share(outcomes: Iterable[bool], pending: int = 0) -> Figure:
    """Return the percentage of outcomes that came true."""
    known = list(outcomes)
    return Figure(round(100 * sum(known) / len(known), 1) if known else None, len(known), pending)


def ratio(total: float, count: int, n: int | None = None) -> Figure:
    """Return a mean."""
    return Figure(round(total / count, 4) if count else None, count if n is None else n)


@dataclass(frozen=True)
class Figures:
    """The metrics of one period [start, end) as known at `as_of`."""

    lived: Lived
    start: datetime
    end: datetime
    as_of: datetime
    group: Group = lambda *_: True

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies in the period and is known."""
        return self.start <= at < self.end and at <= self.as_of

    @property
    def bought(self) -> list[Bought]:
        """Purchases of the period."""
        return [each for each in self._purchases() if self.holds(each.at)]

    def _purchases(self) -> Iterator[Bought]:
        for each in self.lived.history.purchases:
            if each.at <= self.as_of and self.group(each.workspace_id, each.at):
                yield each

    def _hits(self, *, first: bool = False) -> list[tuple[str, datetime, int]]:
        hits = [each for each in self.lived.hits if self.holds(each[1]) and self.group(*each[:2])]
        return [each for each in hits if each == self._first_hit(each[0])] if first else hits

    def _first_hit(self, workspace_id: str) -> tuple[str, datetime, int]:
        return min(each for each in self.lived.hits if each[0] == workspace_id)

    def _sold(self, workspace_id: str, since: datetime, until: datetime) -> list[Bought]:
        everything = self.lived.history.purchases
        mine = [each for each in everything if each.workspace_id == workspace_id and each.at <= self.as_of]
        return sorted((each for each in mine if since <= each.at < until), key=lambda each: each.at)

    def _of_hits(
        self, hits: Iterable[tuple[str, datetime, int]], came: Callable[[str, datetime], bool]
    ) -> Figure:
        """Return the share of hits that had an outcome, among those old enough to count."""
        listed = list(hits)
        old = [each for each in listed if each[1] + WINDOW <= self.as_of]
        return share((came(*each[:2]) for each in old), len(listed) - len(old))

    def _of_workspaces(self, came: Callable[[str, datetime], bool]) -> Figure:
        """Return the share of workspaces with an outcome after any hit that is old enough to count."""
        hits = self._hits()
        old = [each for each in hits if each[1] + WINDOW <= self.as_of]
        known = {name: any(came(*each[:2]) for each in old if each[0] == name) for name, _, _ in old}
        young = {name for name, at, _ in hits if at + WINDOW > self.as_of}
        return share(known.values(), len(young - known.keys()))

    def _paid(self, workspace_id: str, at: datetime) -> bool:
        return bool(self._sold(workspace_id, at, at + WINDOW))

    def _stayed_paid(self, workspace_id: str, at: datetime) -> bool:
        sold = self._sold(workspace_id, at, at + WINDOW)
        return any(each.back(self.as_of) < each.cents for each in sold)

    def _paid_first(self, workspace_id: str, at: datetime) -> bool:
        """Whether it bought before it hit the limit again."""
        later = [hit for name, hit, _ in self.lived.hits if name == workspace_id and hit > at]
        return bool(self._sold(workspace_id, at, min([at + WINDOW, *later])))

    def _upgraded(self, workspace_id: str, at: datetime) -> bool:
        had = self.lived.history.period_at(workspace_id, at)
        if had is None:
            return False
        new = [
            each for each in self.lived.history.periods[workspace_id] if at <= each.starts_at < at + WINDOW
        ]
        size = [MONTH_MINUTES[each.plan] * (12 if each.cycle == "annual" else 1) for each in [had, *new]]
        known = [each.starts_at <= self.as_of for each in new]
        return any(more > size[0] and seen for more, seen in zip(size[1:], known, strict=True))

    def shares(self) -> dict[str, Figure]:
        """Return the metrics in percent."""
        first, warned = self._hits(first=True), self.lived.warnings
        bought = self.bought
        starts = [
            each for each in bought if not self._sold(each.workspace_id, datetime.min.replace(tzinfo=each.at.tzinfo), each.at)
        ]  # fmt: skip
        return {
            "conversion": self._of_workspaces(self._paid),
            "conversion-net": self._of_workspaces(self._stayed_paid),
            "conversion-top-up": self._of_workspaces(lambda *_: False),
            "conversion-first-hit": self._of_hits(first, self._paid),
            "conversion-per-hit": self._of_hits(self._hits(), self._paid_first),
            "upgrade-after-hit": self._of_hits(first, self._upgraded),
            "alert-to-purchase": self._of_hits(
                (each for each in warned if self.holds(each[1]) and self.group(*each[:2])), self._paid
            ),
            "bought-before-limit": share(not self._has_hit(each) for each in bought),
            "refund-rate": share(each.back(self.as_of) >= each.cents for each in bought),
            "repeat-rate": share(
                (self._bought_again(each) for each in starts if each.at + AGAIN <= self.as_of),
                sum(each.at + AGAIN > self.as_of for each in starts),
            ),
            "incidence": self._incidence(),
        }

    def _has_hit(self, bought: Bought) -> bool:
        return any(name == bought.workspace_id and at <= bought.at for name, at, _ in self.lived.hits)

    def _bought_again(self, first: Bought) -> bool:
        sold = self._sold(first.workspace_id, first.at, first.at + AGAIN)
        return any(each.at.date() > first.at.date() for each in sold)

    def _curve(self) -> tuple[list[tuple[float, float]], int]:
        """Return the steps of the share that bought since the first hit while leaving competes, and of how many."""
        fates = []
        for name, at, _ in self._hits(first=True):
            paid = min((each.at for each in self._sold(name, at, self.as_of + WINDOW)), default=None)
            left = self.lived.history.left_at(name, at, self.as_of)
            end = min(moment for moment in (paid, left, self.as_of) if moment)
            fates.append(((end - at).total_seconds() / 86_400, 1 if paid == end else 2 if left == end else 0))
        steps, there, reached = [], 1.0, 0.0
        for day in sorted({day for day, _ in fates}):
            at_risk = sum(each >= day for each, _ in fates)
            bought, gone = (sum(fate == (day, cause) for fate in fates) for cause in (1, 2))
            reached += there * bought / at_risk
            there *= 1 - (bought + gone) / at_risk
            steps.append((day, reached))
        return steps, len(fates)

    def _incidence(self) -> Figure:
        steps, n = self._curve()
        reached = [value for day, value in steps if day <= WINDOW.days]
        return Figure(round(100 * (reached[-1] if reached else 0.0), 1) if n else None, n)

    def durations(self) -> dict[str, Figure]:
        """Return the metrics in days."""
        steps, n = self._curve()
        half = next((round(day, 2) for day, value in steps if value >= 0.5 - 1e-12), None)
        return {"time-to-purchase": Figure(half, n), "days-of-cover": self._cover()}

    def _cover(self) -> Figure:
        """Return the median of what is left in days of the demand of two calendar months."""
        at = min(self.end, self.as_of)
        last = _month(at)
        if at < self.as_of:
            last = _month(last - timedelta(days=1))
        first, until = _month(last - timedelta(days=1)), min(at, _month(last + timedelta(days=31)))
        wanted: dict[str, int] = {}
        for name, when, minutes, _ in self.lived.demand:
            if first <= when < _month(last + timedelta(days=31)) and self.group(name, at):
                wanted[name] = wanted.get(name, 0) + minutes
        days = (until - first).total_seconds() / 86_400
        cover = [self.lived.left_over(name, at) * days / minutes for name, minutes in wanted.items()]
        return Figure(round(median(cover), 4) if cover else None, len(cover))

    def minutes(self) -> dict[str, Figure]:
        """Return the metrics in minutes."""
        sizes = [each.minutes for each in self.bought]
        retained = [each.minutes for each in self.bought if each.back(self.as_of) < each.cents]
        unmet = [
            (name, at.date(), unmet) for name, at, _, unmet in self.lived.demand
            if unmet and self.holds(at) and self.group(name, at.replace(hour=0, minute=0, second=0) + timedelta(days=1))
        ]  # fmt: skip
        mine = [id(each) for each in self.bought]
        return {
            "average-package-minutes": ratio(sum(sizes), len(sizes)),
            "average-package-minutes-net": ratio(sum(retained), len(retained)),
            "median-package-minutes": Figure(median(sizes) if sizes else None, len(sizes)),
            "unmet-minutes": Figure(sum(each[2] for each in unmet), len({each[:2] for each in unmet})),
            "use-by-age": Figure(sum(each.used for each in self._moves() if id(each.bought) in mine)),
            "liability-minutes": Figure(sum(self._owed(each) for each in self._purchases())),
            "liability-moves-minutes": Figure(self._moved(lambda _: 1)),
        }

    def _moves(self) -> list[Move]:
        return [each for each in self.lived.moves if self.group(each.bought.workspace_id, each.bought.at)]

    def _owed(self, bought: Bought) -> int:
        """Return what is left of a purchase at the end of the period."""
        until = min(self.end, self.as_of)
        if bought.at >= self.end:
            return 0
        gone = (each for each in self.lived.moves if each.bought is bought and each.at < until)
        return bought.minutes - sum(each.used + each.back for each in gone)

    def _moved(self, price: Callable[[Bought], float], *, sold: bool = True) -> float:
        came = sum(each.minutes * price(each) for each in self.bought) if sold else 0
        went = (each for each in self._moves() if self.holds(each.at))
        return round(came - sum((each.used + each.back) * price(each.bought) for each in went), 4)

    def money(self, currency: str) -> dict[str, Figure]:
        """Return the metrics in cents of one currency."""
        bought = [each for each in self.bought if each.currency == currency]
        net = {each.name: each.cents - each.back(self.as_of) for each in bought}
        payers = {each.workspace_id for each in bought if net[each.name]}
        gross = sum(each.cents for each in bought)
        refunds, lost = list(self._refunds(currency)), list(self._lost(currency))
        fees = [each.fee_cents for each in bought if each.fee_cents is not None] + list(self._fees(currency))

        def price(each: Bought) -> float:
            return each.cents / each.minutes if each.currency == currency else 0

        return {
            "revenue-gross": Figure(gross, len(bought)),
            "revenue-net": Figure(gross - sum(refunds) - sum(lost), len(bought) + len(refunds) + len(lost)),
            "refunds": Figure(sum(refunds), len(refunds)),
            "disputes-lost": Figure(sum(lost), len(lost)),
            "fees": Figure(sum(fees), len(fees)),
            "average-package-revenue": ratio(gross, len(bought)),
            "average-package-revenue-net": ratio(sum(net.values()), sum(map(bool, net.values()))),
            "price-per-minute": ratio(gross, sum(each.minutes for each in bought), len(bought)),
            "arppu": ratio(sum(net.values()), len(payers)),
            "revenue-per-hitter": self._per_hitter(currency),
            "liability-money": Figure(round(sum(self._owed(each) * price(each) for each in self._purchases()), 4)),
            "liability-moves-money": Figure(self._moved(price)),
            "recognised-money": Figure(round(-self._moved(price, sold=False) - sum(refunds) - sum(lost), 4)),
        }  # fmt: skip

    def _refunds(self, currency: str) -> Iterator[int]:
        for each in self._purchases():
            if each.currency == currency:
                yield from (cents for at, cents in each.refunds if self.holds(at))

    def _lost(self, currency: str) -> Iterator[int]:
        for each in self._purchases():
            if each.currency == currency:
                yield from (one.cents for one in each.quarrels if one.lost and self.holds(one.closed_at))

    def _fees(self, currency: str) -> Iterator[int]:
        for each in self._purchases():
            if each.currency == currency:
                yield from (one.fee_cents for one in each.quarrels if self.holds(one.opened_at))

    def _per_hitter(self, currency: str) -> Figure:
        hits = self._hits(first=True)
        net = 0
        for name, at, _ in hits:
            sold = self._sold(name, at, self.as_of + WINDOW)
            net += sum(each.cents - each.back(self.as_of) for each in sold if each.currency == currency)
        return ratio(net, len(hits))


def _month(at: datetime) -> datetime:
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def months(start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Return the whole months of a span."""
    edges = [start]
    while edges[-1] < end:
        edges.append(_month(edges[-1] + timedelta(days=31)))
    return list(pairwise(edges))
