"""The Definitions page: what each number means, in words and in SQL, with its worked example."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import url
from dashboard.screens import conversion, liability, overview, packages
from dashboard.text import counted, day, plain
from ledger.metrics import METRICS, Metric
from ledger.metrics.versions import Version

PAGES: Mapping[str, Sequence[str]] = {
    "Overview": (*overview.HEADLINES, *overview.SUPPORTING),
    "Conversion": (*conversion.SLUGS, *conversion.MORE),
    "Packages": (*packages.SIZE, *packages.MONEY, *packages.BUYERS),
    "Purchases": packages.ARRIVAL,
    "Liability": (*liability.SLUGS, *liability.MOVES, "use-by-age"),
}
"""The metrics in the order in which the pages show them; one of several pages stands with the first."""


def grouped(metrics: Sequence[Metric]) -> dict[str, list[Metric]]:
    """These metrics under the page that shows each first, in its order."""
    left = {metric.slug: metric for metric in metrics}
    pages = {page: [left.pop(slug) for slug in slugs if slug in left] for page, slugs in PAGES.items()}
    return {page: found for page, found in pages.items() if found}


def chosen() -> tuple[Metric | None, list[Metric]]:
    """The metric whose very name in the address, its slug, was asked for; and the others that match what was typed."""
    word = url.text("Find", key="find", icon=":material/search:").lower()
    asked = METRICS.get(word)
    return asked, [
        metric
        for metric in METRICS.values()
        if metric is not asked and word in f"{metric.slug} {metric.name} {metric.formula}".lower()
    ]


def show(metric: Metric, versions: Sequence[Version] = (), *, opened: bool = False) -> None:
    """One metric: formula, how it is estimated, its example, since when it holds, and the rows behind it as SQL."""
    with st.expander(f"{metric.name} · `{metric.slug}` · v{metric.version}", expanded=opened):
        st.markdown(plain(metric.formula))
        matures = (
            "at once"
            if metric.matures is None
            else counted(metric.matures, "{n} day after", "{n} days after")
        )
        st.table(
            {
                "Unit": [metric.unit],
                "Estimate": [metric.estimate],
                "Selected by": [metric.period],
                "Counts": [matures],
                "Worked example": [metric.example],
            },
            border="horizontal",
        )
        _history(versions)
        st.code(metric.sql, language="sql")


def _history(versions: Sequence[Version]) -> None:
    """Since when each definition holds, the newest first; what earlier ones said."""
    for number, one in enumerate(reversed(versions)):
        told = f"v{one.version} since {day(one.since)}"
        st.caption(f":material/history: {told}" + (f": {plain(one.formula)}" if number else ""))
