"""Charts other than time series: the mix of sizes, curves by age, waterfalls, effects with intervals."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard.kit.charts import letters, ribbon, ticks
from dashboard.kit.colours import QUIET, STEPS, colour, theme
from dashboard.text import decimal, percent, signed

ON_A_BAR = {"light": "#ffffff", "dark": "#10161d"}
SHAPES = ("", "/", ".", "x", "-")
FAINT = {"fgcolor": "rgba(255,255,255,0.18)", "size": 8, "solidity": 0.12}
"""A pattern over a bar that keeps its colour and count readable."""


def mix(by_package: Mapping[str, Sequence[tuple[str, float]]]) -> go.Figure:
    """Return the mix of sizes: monthly shares that add up to 100%, with counts, in shades of one hue."""
    months = sorted({month for points in by_package.values() for month, _n in points})
    whole = {m: sum(n for points in by_package.values() for month, n in points if month == m) for m in months}
    figure = go.Figure()
    for number, (name, points) in enumerate(by_package.items()):
        count = dict(points)
        figure.add_bar(
            x=months,
            y=[100 * count.get(m, 0) / whole[m] if whole[m] else 0 for m in months],
            text=[f"{count.get(m, 0):.0f}" if count.get(m) else "" for m in months],
            textangle=0,
            insidetextanchor="middle",
            name=letters(name),
            marker={
                "color": STEPS[theme()][number % len(STEPS[theme()])],
                "pattern": {"shape": SHAPES[number % len(SHAPES)], "fillmode": "overlay", **FAINT},
            },
        )
    figure.update_layout(barmode="stack")
    ticks(figure, months, "month")
    figure.update_yaxes(ticksuffix="%", range=[0, 100])
    return figure


def funnel(reached: Sequence[tuple[str, int | None]]) -> go.Figure:
    """Return how many of the first step reached each later step; None: the step is not reported."""
    whole = reached[0][1] or 0
    names = [name for name, _n in reached]
    figure = go.Figure(
        go.Bar(
            x=[n or 0 for _name, n in reached],
            y=names,
            orientation="h",
            text=[_reached(n, whole) for _name, n in reached],
            textposition=["auto" if n and 2 * n > whole else "outside" for _name, n in reached],
            insidetextfont={"color": ON_A_BAR[theme()]},
            cliponaxis=False,
            marker={"color": colour("plan")},
            hovertemplate="%{y}: %{text}<extra></extra>",
            showlegend=False,
        )
    )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(visible=False, range=[0, max(whole, 1) * 1.02])
    return figure


def _reached(n: int | None, whole: int) -> str:
    if n is None:
        return "not reported"
    return f"{decimal(n)} · {percent(100 * n / whole)}" if whole else decimal(n)


def steps(curve: Mapping[str, Any], *, window: float | None = None, title: str = "") -> go.Figure:
    """Return a cumulative curve with its band. It ends when nobody is observed any more."""
    seen = [i for i, day in enumerate(curve["days"]) if day <= curve["seen_days"]]
    days = [curve["days"][i] for i in seen]
    figure = go.Figure()
    low, high = ([curve[side][i] for i in seen] for side in ("low", "high"))
    if any(bound is not None for bound in low):
        ribbon(figure, days, low, high, "95% band")
    figure.add_scatter(
        x=days,
        y=[curve["value"][i] for i in seen],
        mode="lines",
        line={"color": colour("plan"), "shape": "hv"},
        name=title or "share",
    )
    if window is not None:
        figure.add_vline(x=window, line={"color": colour("unmet"), "dash": "dash"}, annotation_text="window")
    figure.update_xaxes(title="days")
    figure.update_yaxes(ticksuffix="%", rangemode="tozero")
    return figure


def waterfall(steps_: Sequence[tuple[str, float]], unit: str) -> go.Figure:
    """Return the waterfall from the opening to the closing balance; steps of zero are left out."""
    first, *moves, last = steps_
    drawn = [first, *[step for step in moves if step[1]], last]
    figure = go.Figure(
        go.Waterfall(
            x=[name for name, _value in drawn],
            y=[value for _name, value in drawn],
            measure=["absolute", *["relative"] * (len(drawn) - 2), "total"],
            text=[
                decimal(round(first[1])),
                *(signed(round(value)) for _name, value in drawn[1:-1]),
                decimal(round(last[1])),
            ],
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            increasing={"marker": {"color": colour("extra")}},
            decreasing={"marker": {"color": colour("used")}},
            totals={"marker": {"color": colour("plan")}},
            showlegend=False,
        )
    )
    figure.update_yaxes(title=unit)
    return figure


def dots(lines: Sequence[Mapping[str, Any]], *, label: str) -> go.Figure:
    """Return effects with their intervals around zero."""
    figure = go.Figure()
    figure.add_scatter(
        x=[line["period"] for line in lines],
        y=[line["value"] for line in lines],
        mode="markers",
        marker={"color": colour("plan"), "size": 9},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [line["high"] - line["value"] for line in lines],
            "arrayminus": [line["value"] - line["low"] for line in lines],
        },
        name=label,
    )
    figure.add_hline(y=0, line={"color": QUIET[theme()], "dash": "dot"})
    return figure
