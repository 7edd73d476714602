"""The Definitions page: the list of metrics on the left; one definition, in words and SQL, on the right."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import url
from dashboard.kit import tables, template
from dashboard.kit.labels import label
from dashboard.screens import conversion, liability, overview, packages, purchases
from dashboard.text import counted, day, plain
from ledger.metrics import METRICS, Metric, Version

PAGES: Mapping[str, Sequence[str]] = {
    "Overview": (*overview.HEADLINES, *overview.SUPPORTING),
    "Conversion": (*conversion.SLUGS, *conversion.MORE),
    "Packages": (*packages.SLUGS, *packages.MONEY, *packages.SIZE, *packages.BUYERS),
    "Purchases": purchases.ARRIVAL,
    "Liability": (*liability.SLUGS, *liability.MOVES, "use-by-age"),
}
"""The metrics in the order of the pages; a metric on several pages is listed under the first."""


def grouped(metrics: Sequence[Metric]) -> dict[str, list[Metric]]:
    """Return these metrics under the page that shows each first, in its order."""
    left = {metric.slug: metric for metric in metrics}
    pages = {page: [left.pop(slug) for slug in slugs if slug in left] for page, slugs in PAGES.items()}
    pages["Other"] = list(left.values())
    return {page: listed for page, listed in pages.items() if listed}


def matching() -> list[Metric]:
    """Return the metrics whose name, slug or formula contains the text; a complete slug matches all."""
    word = url.text("Find", key="find", icon=":material/search:", placeholder="A word of its name").lower()
    if word in METRICS:
        return list(METRICS.values())
    return [
        metric
        for metric in METRICS.values()
        if word in f"{metric.slug} {label(metric.slug)} {metric.name} {metric.formula}".lower()
    ]


def listed(metrics: Sequence[Metric]) -> Metric | None:
    """Draw the list and return the metric to show: the one in the URL, or the first."""
    slug = url.parameter("find").lower()
    chosen = METRICS.get(slug) or next((first for first, *_ in grouped(metrics).values()), None)
    with st.container(key="definitions_list"):
        for page, of_page in grouped(metrics).items():
            st.caption(page)
            for metric in of_page:
                st.button(
                    plain(label(metric.slug)),
                    key=f"define_{metric.slug}",
                    type="secondary" if metric is chosen else "tertiary",
                    on_click=url.replace_parameters,
                    kwargs={"find": metric.slug},
                    width="stretch",
                )
    if chosen is None:
        st.info("No metric matches. Try another word.", icon=":material/search_off:")
    return chosen


def show(metric: Metric, versions: Sequence[Version] = ()) -> None:
    """Draw one metric: definition, estimate, example, versions, and the SQL of its rows."""
    template.section(f"{plain(label(metric.slug))}")
    st.markdown(f"**{plain(metric.name)}.** {plain(metric.formula[:1].upper() + metric.formula[1:])}")
    matures = (
        "At once" if metric.matures is None else counted(metric.matures, "{n} day later", "{n} days later")
    )
    facts = {
        "Fact": ["Unit", "Estimate", "Selected by", "Counts", "Name in the API"],
        "Value": [metric.unit, metric.estimate, metric.period, matures, f"`{metric.slug}`"],
    }
    tables.show_words(facts, key="definition", file_name="definitions.csv", file=every())
    st.markdown(f"**Worked example**: {plain(metric.example)}")
    _history(versions)
    st.code(metric.sql, language="sql", wrap_lines=True)


def every() -> pd.DataFrame:
    """Return all definitions, a line each."""
    fields = ("slug", "name", "unit", "estimate", "period", "matures", "version", "formula", "example", "sql")
    return tables.from_rows(list(METRICS.values()), fields)


def _history(versions: Sequence[Version]) -> None:
    """Draw each version of the definition with its start, newest first, and the text of earlier ones."""
    for number, one in enumerate(reversed(versions)):
        said = f": {plain(one.formula)}" if number else ""
        st.caption(f":material/history: Version {one.version} since {day(one.since)}{said}")
