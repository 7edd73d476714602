"""The facts behind a month's numbers, counted: when a closed number changes, the counts that changed are its cause.

The facts of a metric are those that its own SQL reads. They come from the daily sums; refunds and disputes of
purchases come from the purchases of the month. Uses are never read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ledger.database import query
from ledger.metrics.registry import METRICS, Metric
from ledger.metrics.rows import Selection, Total, rolled_totals


class Fact(NamedTuple):
    """A count: its name, the cause that it stands for, the pattern of metrics that read it, and its daily sum."""

    name: str
    cause: str
    read_as: str
    sums: str
    field: str = "n"
    part: str | None = None


CAME_BACK = r"\breturned_cents\b"
FACTS = (
    Fact("limit_hits", "late use", r"\b(first_hits|hit_facts|usage_alerts)\b", "conversion-per-hit"),
    Fact(
        "first_limit_hits",
        "late use",
        r"\bfirst_hits\b|AS first_hit|\(earlier.at, earlier.epoch\)",
        "conversion-first-hit",
    ),
    Fact("first_warnings", "late use", r"'used_80'", "alert-to-purchase"),
    Fact("unmet_uses", "late use", r"\bunmet_days\b", "unmet-minutes", "weight"),
    Fact("minutes_used", "late use", r"\blot_days\b", "liability-moves-minutes", "value", "used"),
    Fact("purchases", "late purchase", r"\bpaid_purchases\b", "revenue-gross"),
    Fact("paid_cents", "late purchase", r"\bpaid_purchases\b", "revenue-gross", "value"),
    Fact("first_payments", "late purchase", r"\bFROM paid_purchases earlier\b", "repeat-rate"),
    Fact("refunds", "refund", r"\brefunds r\b|\blot_days\b", "refunds"),
    Fact("refunded_cents", "refund", r"\brefunds r\b|\blot_days\b", "refunds", "value"),
    Fact("refunds_of_purchases", "refund", CAME_BACK, ""),
    Fact("disputes_lost", "dispute", r"\bdisputes d\b|\blot_days\b", "disputes-lost"),
    Fact("disputed_cents", "dispute", r"\bdisputes d\b|\blot_days\b", "disputes-lost", "value"),
    Fact("disputes_of_purchases", "dispute", CAME_BACK, ""),
    Fact(
        "returned_cents", "money back", CAME_BACK, ""
    ),  # for a return that the daily sums included later than the count
    Fact(
        "minutes_taken_back", "taken back", r"\blot_days\b", "liability-moves-minutes", "value", "taken back"
    ),
    Fact("fees", "fee", r"\bfee_cents IS NOT NULL\b", "fees"),
    Fact("upgrades", "plan change", r"\bFROM subscriptions\b", "upgrade-after-hit", "value"),
)


NOTHING = Total(None, Decimal(0), 0, 0, 0)


@dataclass(frozen=True)
class Cause:
    """Why a closed number moved: `fact` went from `before` to `now`.

    `cause`: late use, late purchase, refund, dispute, money back, taken back, fee, plan change, definition, time zone;
    unknown when no count differs.
    """

    cause: str
    fact: str | None = None
    before: Any = None
    now: Any = None


@dataclass(frozen=True)
class MonthSums:
    """A month of one source in the report time zone, with all its daily sums: days [first, last), known to `as_of`."""

    source: str
    first: date
    last: date
    timezone: str
    as_of: datetime
    sums: Mapping[tuple[str, str], Sequence[Total]]

    @property
    def start(self) -> datetime:
        """The first moment of the month in UTC; windows count hours from it, whatever daylight saving does."""
        return datetime.combine(self.first, time(), ZoneInfo(self.timezone)).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first moment after the month."""
        return datetime.combine(self.last, time(), ZoneInfo(self.timezone)).astimezone(UTC)

    def matured(self, metric: Metric) -> bool:
        """Whether every row of the month is old enough to count."""
        return self.end + timedelta(days=metric.matures or 0) <= self.as_of

    def total(self, sums: str, currency: str, part: str | None = None) -> Total:
        """Return a daily sum over the month: of one currency (and rows without one), or of all when it is empty."""
        matching = [
            total
            for (name, of), totals in self.sums.items()
            for total in totals
            if name == sums and (not currency or of in ("", currency)) and part in (None, total.part)
        ]
        return Total(
            part,
            sum((t.value for t in matching), Decimal(0)),
            sum(t.weight for t in matching),
            sum(t.n for t in matching),
            0,
        )


def count_facts(db: Connection, metric: Metric, month: MonthSums, currency: str) -> dict[str, int]:
    """Return the facts of a metric for the month; purchases include the days in which its last rows matured."""
    counts: dict[str, int] = {}
    for fact in FACTS:
        if fact.sums and re.search(fact.read_as, metric.sql):
            if fact.sums == "revenue-gross":
                total = _until_matured(db, fact.sums, metric, month, currency)
            else:
                total = month.total(fact.sums, currency, fact.part)
            count = int(getattr(total, fact.field))
            counts[fact.name] = -count if fact.part else count  # what left a lot is negative in its moves
    if re.search(CAME_BACK, metric.sql):
        counts |= _came_back(db, metric, month, currency)
    return counts


def _until_matured(db: Connection, sums: str, metric: Metric, month: MonthSums, currency: str) -> Total:
    if not metric.matures:
        return month.total(sums, currency)
    chosen = Selection(month.start, month.end, month.as_of, month.source, currency=currency or None)
    last = month.last + timedelta(days=metric.matures)
    (total,) = rolled_totals(db, METRICS[sums], chosen, month.first, last)[:1] or [NOTHING]
    return total


def _came_back(db: Connection, metric: Metric, month: MonthSums, currency: str) -> dict[str, int]:
    """Return refunds and disputes of the purchases that count, and how much of them the daily sums include."""
    binds = {
        "source": month.source,
        "start": month.start,
        "end": month.end + timedelta(days=metric.matures or 0),
        "as_of": month.as_of,
        "currency": currency or None,
    }
    row = db.execute(query("closed_month_returns"), binds).one()
    paid, net = (
        _until_matured(db, sums, metric, month, currency)
        for sums in ("revenue-gross", "average-package-revenue-net")
    )
    return {
        "refunds_of_purchases": row.refunds,
        "disputes_of_purchases": row.disputes,
        "returned_cents": int(paid.value - net.value),
    }


def causes_between(
    before: Mapping[str, int],
    facts: Mapping[str, int],
    *,
    versions: tuple[int, int],
    timezones: tuple[str, str],
) -> list[Cause]:
    """Return why a number differs from an earlier reading: one cause of each kind, or `unknown`.

    `versions` of the definition and `timezones` of the days: of the earlier reading, and of this one. Where one of
    them changed, it is the cause: facts that were counted over other rows or other hours cannot be compared.
    """
    rules = [
        Cause(name, None, *pair)
        for name, pair in (("definition", versions), ("time zone", timezones))
        if pair[0] != pair[1]
    ]
    if rules:
        return rules
    causes: dict[str, Cause] = {}
    for fact in FACTS:
        explained = fact.cause in causes or (
            fact.cause == "money back" and {"refund", "dispute"} & set(causes)
        )
        pair = before.get(fact.name, 0), facts.get(fact.name, 0)
        if not explained and pair[0] != pair[1]:
            causes[fact.cause] = Cause(fact.cause, fact.name, *pair)
    return list(causes.values()) or [Cause("unknown")]
