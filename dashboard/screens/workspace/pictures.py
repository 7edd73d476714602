"""Pictures of one workspace: waterfall, balance over time, use by day."""

from collections.abc import Sequence
from itertools import accumulate

import plotly.graph_objects as go

from dashboard.kit import charts
from dashboard.kit.colours import QUIET, Token, colour, theme
from dashboard.text import decimal, lot_name, signed
from ledger.minutes import Entry, LotStory, UsageDay

CONFIG = {"displayModeBar": False}
_MARGIN = {"l": 8, "r": 8, "t": 8, "b": 8}
FAINT = {"fgcolor": "rgba(255,255,255,0.35)", "size": 7, "solidity": 0.25}
WATERFALL_LOTS = 8


def waterfall(stories: Sequence[LotStory]) -> go.Figure:
    """Return credits up, use and what was taken back down, and what remains: lot by lot, the oldest merged into one."""
    steps = _steps(stories)
    total = sum(story.remaining for story in stories)
    figure = go.Figure(
        go.Waterfall(
            x=[name for name, _number in steps] + ["remaining"],
            y=[number for _name, number in steps] + [total],
            measure=["relative"] * len(steps) + ["total"],
            text=[signed(number) for _name, number in steps] + [decimal(total)],
            textposition="outside",
            cliponaxis=False,
            increasing={"marker": {"color": colour("up")}},
            decreasing={"marker": {"color": colour("used")}},
            totals={"marker": {"color": colour("plan")}},
            connector={"line": {"width": 1, "color": QUIET[theme()]}},
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
    """Return credits, then what went out, then what came back."""
    names: list[str] = []
    values: list[int] = []
    earlier, shown = stories[:-WATERFALL_LOTS], stories[-WATERFALL_LOTS:]
    if earlier:
        names.append(f"{len(earlier)} earlier lots")
        values.append(sum(story.minutes for story in earlier))
    for story in shown:
        names.append(charts.letters(lot_name(story)))
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
    """Return both pools after each booking, stacked, as steps; a pool that never held any is not drawn.

    `entries`: newest first, as the statement returns them. A late use stands
    where it was booked: at the latest time that was known by then.
    """
    ordered = list(reversed(entries))
    times = list(accumulate((entry.at for entry in ordered), max))
    figure = go.Figure()
    pools: Sequence[tuple[str, Token, list[int]]] = (
        ("plan minutes", "plan", [entry.plan_minutes for entry in ordered]),
        ("extra minutes", "extra", [entry.extra_minutes for entry in ordered]),
    )
    for name, token, values in pools:
        if not any(values):
            continue
        figure.add_scatter(
            x=times,
            y=values,
            name=name,
            stackgroup="balance",
            line={"shape": "hv", "width": 1.5, "color": colour(token)},
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
    pools: Sequence[tuple[str, Token, str, list[int]]] = (
        ("plan minutes", "plan", "", [day.plan_minutes for day in days]),
        ("extra minutes", "extra", "/", [day.extra_minutes for day in days]),
        ("unmet", "unmet", "x", [day.unmet_minutes for day in days]),
    )
    for name, token, shape, values in pools:
        if not any(values):
            continue
        figure.add_bar(
            x=[day.day for day in days],
            y=values,
            name=name,
            marker={"color": colour(token), "pattern": {"shape": shape, "fillmode": "overlay", **FAINT}},
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
