"""`docs/metrics.md`, made from the metrics themselves: `python -m ledger.metrics.documenting > docs/metrics.md`."""

from __future__ import annotations

import sys

from ledger.metrics.registry import METRICS, Metric

INTRODUCTION = """# Metrics

Every number of the dashboard and of `/api/metrics`, as its file in `ledger/sql/metrics` defines it. This page is made
from those files; a test fails when it is not fresh.

**Conventions.** The unit of counting is the workspace. `rows('<slug>')` are the rows of that metric. Plan, billing
cycle and every attribute of workspaces are added to the rows of all metrics: plan and cycle as of the row's moment (of
the purchase for what became of it), attributes as they are now. Copies for rehearsals (`sim:`) are in no metric.

A period is half-open, in days of the report time zone. *As of* is the time up to which everything is known. A share
counts only what is old enough (*matures*); the rest is *pending* and shown apart. Shares carry Wilson intervals;
where one workspace may count several times, of as many independent cases as would vary as much. Means are resampled
by workspace (BCa), from five that are not all alike. All are meant as 95%, which a mean over few workspaces misses:
in a thousand worlds of known mean each such interval held the truth in 81% with 5 workspaces, 87% with 7, 88% with
9, 91% with 12 and with 20, 94% with 40 (`python -m tests.bench.coverage`, the same at every run); below ten
purchases the pages say so. Amounts of two currencies are never added: where a source was paid in several, a page shows
those of one, chosen in its filter row (`?currency=`), first the one of most payments. Sources (live, Stripe test mode,
sandbox, demo) are never mixed.

**Closed months.** A month closes for a metric when it is over in the report time zone and its last row has matured.
The worker then stores the number with its interval, n, definition version and as-of time; such a row is never changed.
A later reading that differs (late uses, purchases booked late, refunds and disputes, another definition, another time
zone) is a further row with its cause, found by counting what the metric's own SQL reads; where no count differs the
cause is *unknown*. Pages show both numbers, and `/api/metrics` gives `closed` for exactly one month. Closed are the
numbers of all plans. Open-ended sums ("since then") and what is owed at a time do not close; the moves of a month do.
A definition that changes draws a line on the charts by itself; Definitions shows since when each version holds.

**Worked example.** `tests/mini_ledger.py` books ten workspaces in spring 2026, small enough for pencil
and paper, through the ledger's own functions. Each example below is their result as of 30 April 2026, over February to
April, and is run by the tests.

**Retention.** Only a hold-out or a launch comparison is an effect. A Cox model and matched pairs are an adjusted
association: they come with an E-value (how strong an unknown cause would have to be) and with buyers counted 14 and
30 days late, because those who mean to leave stop buying first. Buyers against others is no evidence at all: in
simulated worlds without any effect that comparison shows 85% against 40%. `python -m tests.bench.worlds` prints for
thirteen such worlds how often each level holds the truth, and how often it would announce a success that is none. In
120 worlds of each kind, 1,200 workspaces in a hold-out and twice as many around a launch, the interval of a hold-out
held the truth in 113 (no effect), 113 (it helps) and 110 (it harms); that of a launch in 115 of 117, 107 of 112, and
66 of 70 where hitters drift away by themselves (the other 50 were refused as drifting); none announced a false
success more than 3 times. Shares of who stays count only limit hits that are 90 days old: before that only the
leavers are known.
"""


def document() -> str:
    """Return the whole page."""
    return "\n".join([INTRODUCTION, *(section(metric) for metric in METRICS.values())])


def section(metric: Metric) -> str:
    """Return the section of one metric."""
    matures = f"{metric.matures} days after" if metric.matures is not None else "at once"
    lines = {
        "Unit": metric.unit,
        "Estimate": metric.estimate,
        "Counted": metric.of + (", each once in a period" if metric.once else ""),
        "Period": metric.period,
        "Counts": matures,
        "Closed months": "stored" if metric.closes else "not stored",
        "Version": str(metric.version),
        "Worked example": metric.example,
    }
    facts = "\n".join(f"- {name}: {value}" for name, value in lines.items())
    return (
        f"## {metric.slug}\n\n**{metric.name}**: {metric.formula}.\n\n{facts}\n\n```sql\n{metric.body}\n```\n"
    )


if __name__ == "__main__":
    sys.stdout.write(document())
