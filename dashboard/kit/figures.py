"""The numbers of one page, each measured once, with change and trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from dashboard.kit.changes import MetricChange, change_of
from dashboard.kit.filters import Filters
from dashboard.kit.periods import Period
from ledger.metrics import CLOSING, METRICS, Measure, few_payments, measure, read_ahead

NOT_COMPARED = ("recognised-money",)  # open-ended: what was sold earlier has had longer to be used
FOLLOWED = (  # money comes and goes back later: both periods are read after equally long
    "revenue-per-hitter",
    "refund-rate",
    "conversion-net",
    "average-package-minutes-net",
    "average-package-revenue-net",
)


@dataclass
class Figures:
    """Every number of one page run; each is read from the database once."""

    db: Connection
    filters: Filters
    known: dict[Any, Measure] = field(default_factory=dict)

    def read_ahead(self, slugs: Sequence[str], *more: Mapping[str, Any], funnel: bool = False) -> None:
        """Read in one batch what `of`, `change` and `line` of these metrics need, and `of` with each of `more`.

        `funnel`: also the steps to a purchase and the alert levels.
        A page lists what it draws here, so that it costs a few statements. Anything else is read on its own.
        """
        wanted: list[tuple[str, dict[str, Any]]] = []
        for slug in slugs:
            wanted.append((slug, self.filters.of_metric(slug)))
            wanted += [(slug, side) for side in self._compared(slug)]
            if _has_line(slug):
                wanted.append((slug, {**self.filters.of_metric(slug), "by": self.filters.grain}))
        for one in more:
            named = dict(one)
            slug, period = named.pop("slug"), named.pop("period", self.filters.period)
            wanted.append((slug, {**self.filters.of_metric(slug, period), **named}))
        read_ahead(self.db, wanted, funnel=self.filters.selection if funnel else None)

    def of(self, slug: str, *, period: Period | None = None, **more: Any) -> Measure:
        """Return a metric over the period of the page, or over another one."""
        return self._measured(slug, self.filters.of_metric(slug, period), **more)

    def change(self, slug: str) -> MetricChange | None:
        """Return the change from the earlier period, complete days on both sides; None without a comparison."""
        sides = self._compared(slug)
        if not sides or self.filters.against is None:
            return None
        ours, earlier = (self._measured(slug, one) for one in sides)
        return change_of(ours, earlier, self.filters.against[1])

    def _compared(self, slug: str) -> list[dict[str, Any]]:
        """Return the arguments of both sides of a comparison; empty without one."""
        if self.filters.against is None or slug in NOT_COMPARED or METRICS[slug].estimate not in CLOSING:
            return []
        mine, before = self.filters.against
        then = {**self.filters.of_metric(slug, before), "interval": False}
        if slug in FOLLOWED:
            if not few_payments(self.db, self.filters.selection.within(before.start, before.end)):
                return []  # what was known then is counted from the rows, not from the daily sums
            then["as_of"] = self.filters.known["as_of"] - (mine.start - before.start)
        return [{**self.filters.of_metric(slug, mine), "interval": METRICS[slug].estimate == "mean"}, then]

    def trend(self, slug: str) -> Measure:
        """Return a metric with its parts by day, week or month, as long as the period asks for."""
        return self.of(slug, by=self.filters.grain)

    def line(self, slug: str) -> Sequence[float]:
        """Return the values of the trend whose cases are all old enough to count; none if the metric has no trend."""
        if not _has_line(slug):
            return ()
        parts = self.trend(slug).parts
        return [part.value for part in parts if part.value is not None and not part.pending]

    def _measured(self, slug: str, chosen: dict[str, Any], **more: Any) -> Measure:
        wanted = (slug, *sorted((name, str(value)) for name, value in {**chosen, **more}.items()))
        if wanted not in self.known:
            self.known[wanted] = measure(self.db, slug, **{**chosen, **more})
        return self.known[wanted]


def _has_line(slug: str) -> bool:
    return not METRICS[slug].accumulates and METRICS[slug].estimate in CLOSING
