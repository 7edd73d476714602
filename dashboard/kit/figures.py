"""The numbers of one page: measured once for everything that shows them, with their change and their trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from dashboard.kit.changes import MetricChange, change_of
from dashboard.kit.filters import Filters
from dashboard.kit.periods import Period
from ledger.metrics import CLOSING, METRICS, Measure, few_payments, measure

NOT_COMPARED = (
    "days-of-cover",  # of the present only
    "recognised-money",  # open-ended: what was sold earlier has had longer to be used
)
FOLLOWED = (  # money comes and goes back later: both periods are read after equally long
    "revenue-per-hitter",
    "refund-rate",
    "conversion-net",
    "average-package-minutes-net",
    "average-package-revenue-net",
)


@dataclass
class Figures:
    """Every number that one run of a page asks for; the same question is wanted of the database once."""

    db: Connection
    filters: Filters
    known: dict[Any, Measure] = field(default_factory=dict)

    def of(self, slug: str, *, period: Period | None = None, **more: Any) -> Measure:
        """Return a metric over the period of the page, or over another one."""
        return self._measured(slug, self.filters.of(period or self.filters.period), **more)

    def change(self, slug: str) -> MetricChange | None:
        """Return the move against the earlier period, complete days on both sides; None where there is none."""
        if self.filters.against is None or slug in NOT_COMPARED or METRICS[slug].estimate not in CLOSING:
            return None
        mine, before = self.filters.against
        then = self.filters.of(before)
        if slug in FOLLOWED:
            if not few_payments(self.db, self.filters.selection.within(before.start, before.end)):
                return None  # what was known then is counted from the rows, not from the daily sums
            then["as_of"] = self.filters.known["as_of"] - (mine.start - before.start)
        ours = self._measured(slug, self.filters.of(mine), interval=METRICS[slug].estimate == "mean")
        earlier = self._measured(slug, then, interval=False)
        return change_of(ours, earlier, before)

    def trend(self, slug: str) -> Measure:
        """Return a metric with its parts by day, week or month, as long as the period asks for."""
        return self.of(slug, by=self.filters.grain)

    def line(self, slug: str) -> Sequence[float]:
        """Return the values of the trend whose cases are all old enough to count; none where a trend means nothing."""
        metric = METRICS[slug]
        if metric.accumulates or metric.estimate not in CLOSING:
            return ()
        parts = self.trend(slug).parts
        return [part.value for part in parts if part.value is not None and not part.pending]

    def _measured(self, slug: str, chosen: dict[str, Any], **more: Any) -> Measure:
        wanted = (slug, *sorted((name, str(value)) for name, value in {**chosen, **more}.items()))
        if wanted not in self.known:
            self.known[wanted] = measure(self.db, slug, **chosen, **more)
        return self.known[wanted]
