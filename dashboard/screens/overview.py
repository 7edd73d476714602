"""The Overview: is the feature working? Four tiles over one chart, what supports them, and the sentence on it all."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from dashboard import url
from dashboard.kit import charts, template, tiles
from dashboard.kit.changes import MetricChange
from dashboard.kit.figures import Figures
from dashboard.kit.labels import label
from dashboard.kit.periods import Period, comparison
from dashboard.panels import about, annotations
from dashboard.screens import retention
from dashboard.text import decimal, percent, plain
from ledger.metrics import METRICS, Measure, measure, read_ahead

HEADLINES = ("conversion", "average-package-minutes", "revenue-net", "retention-effect")
REVENUE_PARTS = {"Paid": "revenue-gross", "Refunded": "refunds", "Disputes lost": "disputes-lost"}
SUPPORTING = ("conversion-net", "average-package-revenue", "refunds", "unmet-minutes", "liability-minutes")


def answer(
    conversion: Measure, change: MetricChange | None, revenue: Measure, earned: MetricChange | None
) -> str:
    """Return whether the feature works, in one sentence: revenue and conversion, each with its certainty."""
    if not revenue.n and not conversion.n:
        if conversion.pending:
            pending = decimal(conversion.pending)
            return f"**Too early to say**: {pending} workspaces hit the limit, and all may still buy."
        return "**Nothing to report yet**: nobody hit the limit or bought in this period."
    parts = [_revenue(revenue, earned), _conversion(conversion, change)]
    return "; ".join(part for part in parts if part) + "."


def _revenue(result: Measure, change: MetricChange | None) -> str:
    amount = plain(tiles.shown(result))
    if change is None or change.percent is None:
        return f"Net revenue is **{amount}**"
    if not change.sure:
        return f"Net revenue is **{amount}**, no clear change ({change.shown})"
    verb = "up" if change.by > 0 else "down"
    return f"Net revenue is **{verb} {change.shown.lstrip('+−')}** to {amount}"


def _conversion(result: Measure, change: MetricChange | None) -> str:
    if result.value is None:
        waiting = (
            f"{decimal(result.pending)} workspaces may still buy"
            if result.pending
            else "nobody hit the limit"
        )
        return f"conversion is not known yet ({waiting})"
    if result.few:
        return f"**{tiles.shown(result)}** workspaces that hit the limit bought, too few for a rate"
    rate = f"**{percent(result.value)}** ({tiles.span(result)})"
    if change is None:
        return f"conversion is {rate}"
    if not change.sure:
        return f"conversion is unchanged at {rate}"
    return f"conversion is **{'up' if change.by > 0 else 'down'} {change.shown.lstrip('+−')}** to {rate}"


def show(figures: Figures) -> list[Measure]:
    """Draw the answer, the headline tiles with the chart they choose, and the supporting tiles; return the measures."""
    figures.read_ahead(
        (*HEADLINES[:3], *SUPPORTING, "revenue-net"),
        {"slug": "retention-effect", "period": retention.twelve_months(figures.filters)},
        *({"slug": slug, "by": figures.filters.grain} for slug in REVENUE_PARTS.values()),
    )
    template.answer(
        answer(
            figures.of("conversion"),
            figures.change("conversion"),
            figures.of("revenue-net"),
            figures.change("revenue-net"),
        )
    )
    chosen = url.one_of("chart", HEADLINES[:3], label="Chart")
    with template.tile_row(4):
        result = [
            tiles.tile(figures, slug, about=about.open_panel, on_select=choose, chosen=slug == chosen)
            for slug in HEADLINES[:3]
        ]
        estimate = retention.of_twelve_months(figures)
        result.append(
            tiles.tile(
                figures,
                "retention-effect",
                about=about.open_panel,
                given=(estimate, *retention.face(estimate)),
            )
        )
    main_chart(figures, chosen)
    with template.tile_row(5):
        result += [tiles.tile(figures, slug, about=about.open_panel) for slug in SUPPORTING]
    return result


def choose(slug: str) -> None:
    """Show another metric in the chart."""
    url.replace_parameters(chart="" if slug == HEADLINES[0] else slug)


def main_chart(figures: Figures, slug: str) -> None:
    """Draw the chosen metric over the period, with its goal and the notes of the period."""
    filters = figures.filters
    template.section(f"{label(slug)} by {filters.grain}")
    result = figures.trend(slug)
    if not result.parts:
        st.info("No limit hits in this period." if slug == "conversion" else "No purchases in this period.")
        return
    if slug == "revenue-net":
        revenue(figures, key="main_chart")
        return
    goal, happened = annotations.guides(figures.db, slug, filters)
    draw = charts.rate if METRICS[slug].estimate == "ratio" else charts.series
    charts.show(
        draw(result, grain=filters.grain, goal=goal, marks=happened),
        key="main_chart",
        alt=f"{label(slug)} by {filters.grain}",
    )


def revenue(figures: Figures, *, key: str) -> None:
    """Draw money paid above zero, given back below, and net; a part that is not over yet is lighter."""
    filters, grain = figures.filters, figures.filters.grain
    net = figures.trend("revenue-net")
    if not net.parts:
        st.info("No purchases in this period.")
        return
    result = {name: figures.of(slug, by=grain, currency=net.currency) for name, slug in REVENUE_PARTS.items()}
    parts: Mapping[str, list[tuple[str, float]]] = {
        name: [(part, cents if name == "Paid" else -cents) for part, cents in points(one)]
        for name, one in result.items()
    }
    goal, happened = annotations.guides(figures.db, "revenue-net", filters)
    charts.show(
        charts.amounts(
            parts,
            points(net),
            net.currency or "usd",
            grain=grain,
            cut=filters.period.cut_parts(grain),
            goal=goal,
            marks=happened,
        ),
        key=key,
        alt=f"Revenue by {grain}: paid, refunded and net",
    )


def points(result: Measure) -> list[tuple[str, float]]:
    """Return label and value of each part."""
    return [(part.part or "", part.value or 0.0) for part in result.parts]


def queries(db: Connection, *, source: str, today: date, as_of: datetime) -> list[Measure]:
    """Return everything that the Overview asks for, with its default filters: for measuring how long that takes."""
    period = Period(today - timedelta(days=89), today + timedelta(days=1), today, "UTC")
    pair = comparison(period, "previous") or (period, period)
    wanted: list[tuple[str, Period, str | None]] = [
        (slug, period, None) for slug in (*HEADLINES, *SUPPORTING)
    ]
    wanted += [
        (slug, which, None)
        for slug in (*HEADLINES, *SUPPORTING)
        if slug != "retention-effect"
        for which in pair
    ]
    wanted += [(slug, period, "week") for slug in (*HEADLINES, *SUPPORTING) if slug != "retention-effect"]
    arguments: list[tuple[str, dict[str, Any]]] = [
        (
            slug,
            {
                "start": which.start,
                "end": which.end,
                "as_of": as_of,
                "source": source,
                "by": by,
                "interval": which is period,
            },
        )
        for slug, which, by in wanted
    ]
    read_ahead(db, arguments)
    return [measure(db, slug, **chosen) for slug, chosen in arguments]
