"""The chart of a metric page: a tile chooses its metric, a click on a day, week or month narrows the page to it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import streamlit as st

from dashboard import url
from dashboard.kit import charts, periods, template, tiles
from dashboard.kit.colours import Token
from dashboard.kit.figures import Figures
from dashboard.kit.filters import Filters
from dashboard.kit.labels import label
from dashboard.kit.periods import Period
from dashboard.panels import about, annotations
from ledger.metrics import METRICS, Measure

REVENUE_PARTS = {"Paid": "revenue-gross", "Refunded": "refunds", "Disputes lost": "disputes-lost"}
EACH = {"day": "Daily", "week": "Weekly", "month": "Monthly"}
EMPTY = {"conversion": "No limit hits in this period."}
REPEATED = "conversion"
"""The metric that counts a workspace once, however often it hit the limit: each part of a chart counts it again."""


def chosen(slugs: Sequence[str]) -> str:
    """Return the metric that the address names for the chart; the first of the page without one."""
    return url.one_of("chart", slugs, label="Chart")


def tile(figures: Figures, slug: str, charted: Sequence[str]) -> Measure:
    """Draw a tile; selecting one of the `charted` metrics shows it in the chart."""
    if slug not in charted:
        return tiles.tile(figures, slug, about=about.open_panel)
    choose = partial(_choose, charted)
    return tiles.tile(figures, slug, about=about.open_panel, on_select=choose, chosen=slug == chosen(charted))


def _choose(slugs: Sequence[str], slug: str) -> None:
    """Show another metric of a page in its chart."""
    url.replace_parameters(chart="" if slug == slugs[0] else slug)


def show(figures: Figures, slug: str, *, period: Period | None = None, title: str = "") -> None:
    """Draw a metric over the page's period with its goal and notes; over another `period`, month by month."""
    span, grain = (period, "month") if period else (figures.filters.period, figures.filters.grain)
    _head(title or name_of_parts(slug, grain), slug, counted_again(grain) if slug == REPEATED else None)
    result = figures.of(slug, period=span, by=grain)
    if not result.parts:
        st.info(EMPTY.get(slug, "No purchases in this period."))
        return
    filters = replace(figures.filters, period=span)
    goal, happened = annotations.guides(figures.db, slug, filters)
    if slug == "revenue-net" and not period:
        _revenue(figures, result, goal, happened)
    else:
        _series(result, filters, grain, goal, happened)


def _series(
    result: Measure, filters: Filters, grain: str, goal: float | None, happened: charts.Marks
) -> None:
    """Draw a share with its interval, a sum as bars, or a mean as a line."""
    slug, cut = result.slug, filters.period.cut_parts(grain)
    figure = (
        charts.rate(result, grain=grain, goal=goal, marks=happened)
        if METRICS[slug].estimate == "ratio"
        else charts.series(result, grain=grain, tone=_tone(slug), cut=cut, goal=goal, marks=happened)
    )
    _clickable(figure, filters, grain, alt=name_of_parts(slug, grain))


def name_of_parts(slug: str, grain: str) -> str:
    """Return the name of a metric by part of the period; one that counts a workspace again has a name of its own."""
    name = label(slug)
    return f"{EACH[grain]} {name.lower()}" if slug == REPEATED else f"{name} by {grain}"


def counted_again(grain: str) -> str:
    """Return why the parts of a chart lie below the number of the whole period."""
    return f"A workspace counts again in each {grain} it hits the limit, so a {grain} can lie below the tile."


def _head(title: str, slug: str, remark: str | None) -> None:
    """Draw the heading, its help, and the way to a note on this chart."""
    with st.container(horizontal=True, vertical_alignment="center", key="chart_head"):
        template.section(title, help=remark)
        st.space("stretch")
        st.button(
            "Note",
            key="chart_note",
            icon=":material/flag:",
            type="tertiary",
            help="Mark a launch or a price change on this chart.",
            on_click=about.open_panel,
            args=[slug, "notes"],
        )


def _tone(slug: str) -> Token:
    return "extra" if METRICS[slug].unit == "cents" and METRICS[slug].estimate == "sum" else "plan"


def _revenue(figures: Figures, net: Measure, goal: float | None, happened: charts.Marks) -> None:
    """Draw money paid above zero, given back below, and net; a part that is not over yet is lighter."""
    filters, grain = figures.filters, figures.filters.grain
    by_part = {
        name: figures.of(slug, by=grain, currency=net.currency) for name, slug in REVENUE_PARTS.items()
    }
    parts: Mapping[str, list[tuple[str, float]]] = {
        name: [(part, cents if name == "Paid" else -cents) for part, cents in points(one)]
        for name, one in by_part.items()
    }
    currency, cut = net.currency or "usd", filters.period.cut_parts(grain)
    figure = charts.amounts(parts, points(net), currency, grain=grain, cut=cut, goal=goal, marks=happened)
    _clickable(figure, filters, grain, alt=f"Revenue by {grain}: paid, refunded and net")


def points(result: Measure) -> list[tuple[str, float]]:
    """Return label and value of each part."""
    return [(part.part or "", part.value or 0.0) for part in result.parts]


def _clickable(figure: charts.Figure, filters: Filters, grain: str, *, alt: str) -> None:
    """Draw a chart by day, week or month; a click on one of them narrows the page to it."""
    span = f"{filters.period.first}_{filters.period.last}"
    charts.show(
        figure,
        key=f"main_chart_{span}",
        alt=alt,
        on_choose=lambda x: narrow(filters.period, grain, x),
    )


def narrow(period: Period, grain: str, clicked: str) -> None:
    """Narrow the page to the day, week or month that begins on the clicked day, and not beyond the period."""
    first, last = periods.days_of_part(date.fromisoformat(clicked[:10]), grain)
    first, last = max(first, period.first), min(last, period.last - periods.A_DAY, period.today)
    url.replace_parameters(period="own", **{"from": str(first), "to": str(last)})
