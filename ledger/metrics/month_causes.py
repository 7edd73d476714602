"""What a month's numbers rest on, counted: when a closed number moves, the counts that moved are its cause.

Only facts that a metric's own SQL reads are its facts. They come from the daily sums; what came back of purchases is
asked from the purchases of the month. Uses are never read.
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
    """A count: of what, as which cause it is told, which metrics read it, and which daily sum holds it."""

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
    ),  # where the daily sums learned of it later than the count
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
    unknown where nothing that was counted differs.
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
        """The first moment, in UTC: windows are counted from it in hours, whatever the clocks do."""
        return datetime.combine(self.first, time(), ZoneInfo(self.timezone)).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last, time(), ZoneInfo(self.timezone)).astimezone(UTC)

    def matured(self, metric: Metric) -> bool:
        """Whether all of the month counts."""
        return self.end + timedelta(days=metric.matures or 0) <= self.as_of

    def total(self, sums: str, currency: str, part: str | None = None) -> Total:
        """A daily sum over the month: of one currency (and of rows that have none), or of all when it is empty."""
        found = [
            total
            for (name, of), totals in self.sums.items()
            for total in totals
            if name == sums and (not currency or of in ("", currency)) and part in (None, total.part)
        ]
        return Total(
            part, sum((t.value for t in found), Decimal(0)), sum(t.weight for t in found), sum(t.n for t in found), 0
        )  # fmt: skip


def count_facts(db: Connection, metric: Metric, month: MonthSums, currency: str) -> dict[str, int]:
    """The facts of a metric: of the month itself; purchases also of the days in which its last rows matured."""
    found: dict[str, int] = {}
    for fact in FACTS:
        if fact.sums and re.search(fact.read_as, metric.sql):
            if fact.sums == "revenue-gross":
                total = _until_matured(db, fact.sums, metric, month, currency)
            else:
                total = month.total(fact.sums, currency, fact.part)
            count = int(getattr(total, fact.field))
            found[fact.name] = -count if fact.part else count  # what left a lot is negative in its moves
    if re.search(CAME_BACK, metric.sql):
        found |= _came_back(db, metric, month, currency)
    return found


def _until_matured(db: Connection, sums: str, metric: Metric, month: MonthSums, currency: str) -> Total:
    if not metric.matures:
        return month.total(sums, currency)
    chosen = Selection(month.start, month.end, month.as_of, month.source, currency=currency or None)
    last = month.last + timedelta(days=metric.matures)
    (total,) = rolled_totals(db, METRICS[sums], chosen, month.first, last)[:1] or [NOTHING]
    return total


def _came_back(db: Connection, metric: Metric, month: MonthSums, currency: str) -> dict[str, int]:
    """How often money came back of the purchases that count, and how much of it the daily sums know."""
    binds = {
        "source": month.source,
        "start": month.start,
        "end": month.end + timedelta(days=metric.matures or 0),
        "as_of": month.as_of,
        "currency": currency or None,
    }
    row = db.execute(query("closed_month_returns"), binds).one()
    paid, kept = (
        _until_matured(db, sums, metric, month, currency)
        for sums in ("revenue-gross", "average-package-revenue-net")
    )
    return {
        "refunds_of_purchases": row.refunds,
        "disputes_of_purchases": row.disputes,
        "returned_cents": int(paid.value - kept.value),
    }


def causes_between(
    before: Mapping[str, int],
    facts: Mapping[str, int],
    *,
    versions: tuple[int, int],
    timezones: tuple[str, str],
) -> list[Cause]:
    """Why a number differs from an earlier reading: one for each kind of cause, or `unknown`.

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
    found: dict[str, Cause] = {}
    for fact in FACTS:
        told = fact.cause in found or (fact.cause == "money back" and {"refund", "dispute"} & set(found))
        pair = before.get(fact.name, 0), facts.get(fact.name, 0)
        if not told and pair[0] != pair[1]:
            found[fact.cause] = Cause(fact.cause, fact.name, *pair)
    return list(found.values()) or [Cause("unknown")]
