"""The Definitions page: what each number means, in words and in SQL, with its worked example."""

from collections.abc import Sequence

import streamlit as st

from dashboard.text import _, day, plain
from dashboard.url import parameter
from ledger.metric_versions import Version
from ledger.metrics import METRICS, Metric


def chosen() -> list[Metric]:
    """The metrics that match what was typed; all of them without a word."""
    word = st.text_input(
        _("Find"), parameter("find"), key="find", bind="query-params", icon=":material/search:"
    )
    return [
        metric
        for metric in METRICS.values()
        if (word or "").lower() in f"{metric.slug} {metric.name} {metric.formula}".lower()
    ]


def show(metric: Metric, versions: Sequence[Version] = ()) -> None:
    """One metric: formula, how it is estimated, its example, since when it holds, and the rows behind it as SQL."""
    with st.expander(f"{_(metric.name)} · `{metric.slug}` · v{metric.version}"):
        st.markdown(plain(_(metric.formula)))
        matures = _("{n} days after").format(n=metric.matures) if metric.matures is not None else _("at once")
        st.table(
            {
                _("Unit"): [metric.unit],
                _("Estimate"): [metric.estimate],
                _("Selected by"): [metric.period],
                _("Counts"): [matures],
                _("Worked example"): [metric.example],
            },
            border="horizontal",
        )
        _history(versions)
        st.code(metric.sql, language="sql")


def _history(versions: Sequence[Version]) -> None:
    """Since when each definition holds, the newest first; what earlier ones said."""
    for number, one in enumerate(reversed(versions)):
        told = _("v{version} since {day}").format(version=one.version, day=day(one.since))
        st.caption(f":material/history: {told}" + (f": {plain(one.formula)}" if number else ""))
