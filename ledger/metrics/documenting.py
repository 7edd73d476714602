"""`docs/metrics.md`, made from the metrics themselves: `python -m ledger.metrics.documenting > docs/metrics.md`."""

from __future__ import annotations

import sys

from ledger.metrics.registry import METRICS, Metric

INTRODUCTION = """# Metrics

Every number of the dashboard and of `/api/metrics`, as its file in `ledger/sql/metrics` defines it. This page is made
from those files; a test fails when it is not fresh.

**Conventions.** The unit of counting is the workspace. A period is half-open, in days of the report time zone.
*As of* is the time up to which everything is known. A share counts only what is old enough (*matures*); the rest is
*pending* and shown apart. Shares carry Wilson intervals, means are resampled by workspace (BCa), all 95 %. Amounts of
two currencies are never added. Sources (live, Stripe test mode, sandbox, demo) are never mixed.

**Worked example.** `tests/mini_ledger.py` tells the story of ten workspaces in spring 2026, small enough for pencil
and paper, through the ledger's own functions. Each example below is that story as of 30 April 2026, over February to
April, and is run by the tests.

**Retention.** Buyers against others is no rung of the ladder: who stays longer has more time to buy. In simulated
worlds without any effect that comparison shows 85 % against 40 %; the tests run such worlds for every rung.
"""


def document() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *(section(metric) for metric in METRICS.values())])


def section(metric: Metric) -> str:
    """One metric."""
    matures = f"{metric.matures} days after" if metric.matures is not None else "at once"
    lines = {
        "Unit": metric.unit,
        "Estimate": metric.estimate,
        "Period": metric.period,
        "Counts": matures,
        "Version": str(metric.version),
        "Worked example": metric.example,
    }
    facts = "\n".join(f"- {name}: {value}" for name, value in lines.items())
    return (
        f"## {metric.slug}\n\n**{metric.name}**: {metric.formula}.\n\n{facts}\n\n```sql\n{metric.sql}\n```\n"
    )


if __name__ == "__main__":
    sys.stdout.write(document())
