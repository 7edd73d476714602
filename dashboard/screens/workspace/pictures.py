"""Pictures of one workspace: gauge, waterfall, balance over time, use by day."""

from collections.abc import Sequence
from itertools import accumulate

import plotly.graph_objects as go

from dashboard.kit import charts
from dashboard.text import lot_name, minutes, signed
from ledger.minutes import Balance, Entry, LotStory, UsageDay

PLAN, EXTRA, GONE, ADDED, WARN = "#0072B2", "#E69F00", "#8C8C8C", "#009E73", "#D55E00"
CONFIG = {"displayModeBar": False}
_MARGIN = {"l": 8, "r": 8, "t": 8, "b": 8}
FAINT = {"fgcolor": "rgba(255,255,255,0.35)", "size": 7, "solidity": 0.25}
WATERFALL_LOTS = 8


def gauge(balance: Balance) -> go.Figure:
    """What is left of the gauge base: plan minutes in one colour, extra minutes in another, what is gone in grey."""
    gone = max(balance.gauge_base - balance.total_minutes, 0)
    parts = (
        ("plan minutes left", max(balance.plan_minutes, 0), PLAN),
        ("extra minutes left", max(balance.extra_minutes, 0), EXTRA),
        ("gone since the last credit", gone, GONE),
    )
    figure = go.Figure()
    for name, number, colour in parts:
        figure.add_bar(
            x=[number],
            y=[""],
            orientation="h",
            name=f"{name}: {minutes(number)}",
            marker={"color": colour, "opacity": 0.35 if colour == GONE else 1},
            hovertemplate=f"{name}: {minutes(number)}<extra></extra>",
        )
    figure.update_layout(
        barmode="stack",
        height=40,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        showlegend=False,
        xaxis={"visible": False, "fixedrange": True, "range": [0, max(balance.gauge_base, 1)]},
        yaxis={"visible": False, "fixedrange": True},
        bargap=0.1,
    )
    return figure


def waterfall(stories: Sequence[LotStory]) -> go.Figure:
    """Credits up, use and what was taken back down, and what remains: lot by lot, the oldest merged into one."""
    steps = _steps(stories)
    total = sum(story.remaining for story in stories)
    figure = go.Figure(
        go.Waterfall(
            x=[name for name, _number in steps] + ["remaining"],
            y=[number for _name, number in steps] + [total],
            measure=["relative"] * len(steps) + ["total"],
            text=[signed(number) for _name, number in steps] + [f"{total:,}"],
            textposition="outside",
            cliponaxis=False,
            increasing={"marker": {"color": ADDED}},
            decreasing={"marker": {"color": WARN}},
            totals={"marker": {"color": PLAN}},
            connector={"line": {"width": 1, "color": GONE}},
            hovertemplate="%{x}: %{text}<extra></extra>",
        )
    )
    figure.update_layout(
        height=340, margin={**_MARGIN, "t": 28}, showlegend=False, yaxis={"title": "minutes"}
    )
    figure.update_xaxes(
        tickangle=-25, automargin=True, ticklabelstandoff=16
    )  # numbers below zero stand there
    return figure


def _steps(stories: Sequence[LotStory]) -> list[tuple[str, int]]:
    """Credits, then what went out, then what came back."""
    names: list[str] = []
    values: list[int] = []
    earlier, shown = stories[:-WATERFALL_LOTS], stories[-WATERFALL_LOTS:]
    if earlier:
        names.append(f"{len(earlier)} earlier lots")
        values.append(sum(story.minutes for story in earlier))
    for story in shown:
        names.append(lot_name(story))
        values.append(story.minutes)
    down = {
        "used": sum(story.used for story in stories),
        "refunded": sum(story.refunded for story in stories),
        "disputed": sum(story.disputed for story in stories),
        "voided": sum(story.voided for story in stories),
    }
    restored = sum(story.restored for story in stories)
    steps = [*zip(names, values, strict=True), *((name, -number) for name, number in down.items() if number)]
    return [*steps, ("given back", restored)] if restored else steps


def balance_over_time(entries: Sequence[Entry]) -> go.Figure:
    """Both pools after each booking, stacked, as steps; `entries` newest first, as the statement gives them.

    A late use stands where it was booked: at the latest time that was known by then.
    """
    ordered = list(reversed(entries))
    times = list(accumulate((entry.at for entry in ordered), max))
    figure = go.Figure()
    for name, colour, values in (
        ("plan minutes", PLAN, [entry.plan_minutes for entry in ordered]),
        ("extra minutes", EXTRA, [entry.extra_minutes for entry in ordered]),
    ):
        figure.add_scatter(
            x=times,
            y=values,
            name=name,
            stackgroup="balance",
            line={"shape": "hv", "width": 1.5, "color": colour},
            hovertemplate="%{y:,} " + name + "<extra></extra>",
        )
    figure.update_layout(
        height=260,
        margin=_MARGIN,
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.12, "x": 0},
        xaxis=charts.DAYS,
        yaxis={"title": "minutes", "rangemode": "tozero"},
    )
    return figure


def use_by_day(days: Sequence[UsageDay]) -> go.Figure:
    """Draw the minutes used on each day by pool, and the requested minutes that were not available."""
    figure = go.Figure()
    for name, colour, shape, values in (
        ("plan minutes", PLAN, "", [day.plan_minutes for day in days]),
        ("extra minutes", EXTRA, "/", [day.extra_minutes for day in days]),
        ("unmet", WARN, "x", [day.unmet_minutes for day in days]),
    ):
        figure.add_bar(
            x=[day.day for day in days],
            y=values,
            name=name,
            marker={"color": colour, "pattern": {"shape": shape, "fillmode": "overlay", **FAINT}},
        )
    figure.update_layout(
        barmode="stack",
        height=300,
        margin=_MARGIN,
        legend={"orientation": "h", "y": 1.12, "x": 0},
        xaxis=charts.DAYS,
        yaxis={"title": "minutes a day"},
        hovermode="x unified",
    )
    return figure
