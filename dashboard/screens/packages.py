"""The Packages page: earnings after refunds, disputes and fees, and the mix of sizes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pandas as pd
import streamlit as st

from dashboard.kit import breakdown, charts, pictures, tables, template, tiles
from dashboard.kit.changes import MetricChange
from dashboard.kit.figures import Figures
from dashboard.kit.labels import label, package_name
from dashboard.kit.periods import Period
from dashboard.panels import about, main_chart
from dashboard.text import money, percent, plain
from ledger.metrics import Measure
from ledger.payments import catalogue_names

SLUGS = ("revenue-net", "average-package-minutes", "average-package-revenue", "repeat-rate")
CHARTED = SLUGS[:3]
MONEY = ("revenue-gross", "refunds", "disputes-lost", "fees")
SIZE = ("average-package-minutes-net", "median-package-minutes", "price-per-minute")
BUYERS = ("average-package-revenue-net", "arppu", "refund-rate")
PROFIT_LINES = (
    ("Gross revenue", "revenue-gross", 1),
    ("Refunds", "refunds", -1),
    ("Lost disputes", "disputes-lost", -1),
    ("Processing fees", "fees", -1),
)
MONTHS = 12


def answer(net: Measure, change: MetricChange | None, by_package: Sequence[Measure]) -> str:
    """Return earnings and the best-selling size in one sentence. The parts hold package names."""
    if not net.n or not by_package:
        return "**No purchases** in this period."
    most = max(by_package, key=lambda part: part.n or 0)
    whole = sum(part.n or 0 for part in by_package)
    seller = f"{plain(most.part or '')} sells most ({percent(100 * (most.n or 0) / whole, 0)} of purchases)"
    amount = plain(tiles.shown(net))
    if change is None:
        return f"Packages earned **{amount}** after refunds; {seller}."
    if not change.sure:
        return f"Packages earned **{amount}** after refunds, no clear change ({change.shown}); {seller}."
    moved = f"{'up' if change.by > 0 else 'down'} {change.shown.lstrip('+−')}"
    return f"Packages earned **{amount}** after refunds, **{moved}**; {seller}."


def sentence(figures: Figures) -> str:
    """Return the answer of the page."""
    sizes = [
        replace(part, part=package_name(figures.db, part.part))
        for part in figures.of("average-package-minutes", by="package", interval=False).parts
    ]
    return answer(figures.of("revenue-net"), figures.change("revenue-net"), sizes)


def headline(figures: Figures) -> list[Measure]:
    """Draw the answer and the tiles; return the measures."""
    monthly = {"slug": "average-package-minutes", "by": "month", "interval": False}
    figures.read_ahead(
        (*SLUGS, *MONEY, *SIZE, *BUYERS),
        {"slug": "average-package-minutes", "by": "package", "interval": False},
        {"slug": "revenue-net", "period": _year(figures.filters.period), "by": "month"},
        *({**monthly, "package": package} for package in catalogue_names(figures.db).packages),
    )
    template.answer(sentence(figures))
    with template.tile_row(4):
        return [main_chart.tile(figures, slug, CHARTED) for slug in SLUGS]


def profit(figures: Figures) -> None:
    """Draw gross revenue less refunds, disputes and fees, for the period and the one before."""
    template.section("From gross to net")
    result = [(name, sign, figures.of(slug), figures.change(slug)) for name, slug, sign in PROFIT_LINES]
    currency = next((one.currency for _name, _sign, one, _change in result if one.currency), "usd")
    lines = [
        {
            "line": f"− {name}" if sign < 0 else name,
            "amount": money(round(one.value or 0), currency),
            "change": tiles.written(change),
        }
        for name, sign, one, change in result
    ]
    net = sum(sign * (one.value or 0) for _name, sign, one, _change in result)
    lines.append({"line": "= Net after fees", "amount": money(round(net), currency), "change": ""})
    tables.show(
        pd.DataFrame(lines),
        key="profit",
        file_name="gross-to-net.csv",
        columns={
            "line": tables.text("Line"),
            "amount": tables.text("Amount", alignment="right"),
            "change": tables.text("Change", alignment="right"),
        },
    )


def twelve_months(figures: Figures) -> None:
    """Draw the chosen metric over the last twelve months, whatever the period of the page."""
    slug = main_chart.chosen(CHARTED)
    main_chart.show(
        figures, slug, period=_year(figures.filters.period), title=f"{label(slug)}, last 12 months"
    )
    if slug == CHARTED[0]:
        st.caption("Packages are one-off purchases: nothing here is recurring revenue.")


def _year(period: Period) -> Period:
    """Return the twelve months that end with a period, and the month they begin in."""
    last = min(period.last, date.fromordinal(period.today.toordinal() + 1))
    return Period(date(last.year - 1, last.month, 1), last, period.today, period.timezone)


def mix(figures: Figures) -> None:
    """Draw the monthly mix of sizes, with counts."""
    template.section("Which sizes sell")
    whole = figures.of("average-package-minutes", by="package", interval=False)
    if not whole.parts:
        st.info("No purchases in this period.")
        return
    by_size = sorted(whole.parts, key=lambda part: part.value or 0)
    by_package = {}
    for part in by_size:
        monthly = figures.of("average-package-minutes", by="month", package=part.part, interval=False)
        by_package[package_name(figures.db, part.part)] = [
            (one.part or "", float(one.n or 0)) for one in monthly.parts
        ]
    sold = max(sum(part.n or 0 for part in by_size), 1)
    period = figures.filters.period
    charts.show(
        pictures.mix(by_package),
        key=f"mix_{period.first}_{period.last}",
        alt="Share of each package by month",
        on_choose=lambda month: main_chart.narrow(period, "month", month),
    )
    tables.show(
        pd.DataFrame({
            "package": [package_name(figures.db, part.part) for part in by_size],
            "purchases": [part.n for part in by_size],
            "share": [100 * (part.n or 0) / sold for part in by_size],
            "minutes": [part.numerator or 0 for part in by_size],
        }),
        key="mix_table",
        file_name="package-mix.csv",
        columns={
            "package": tables.text("Package"),
            "purchases": tables.whole("Purchases"),
            "share": tables.share("Share of purchases"),
            "minutes": tables.whole("Minutes sold"),
        },
    )  # fmt: skip


def more(figures: Figures) -> list[Measure]:
    """Draw the further numbers as a table, and return them with those of the profit lines."""
    template.section("Sizes and buyers")
    result = breakdown.metrics(figures, (*SIZE, *BUYERS), key="sizes_and_buyers", about=about.open_panel)
    return [*result, *(figures.of(slug) for slug in MONEY)]
