"""The metric charts: one question each. Colours that everybody can tell apart, and never colour alone."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard.text import money, signed
from ledger.metrics import Measure

BLUE, ORANGE, GREEN, VERMILLION, PURPLE = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7"
PALETTE = (BLUE, ORANGE, GREEN, VERMILLION, PURPLE)
GREY = "#767676"
SHAPES = ("", "/", ".", "x", "-")
FAINT = {"fgcolor": "rgba(255,255,255,0.35)", "size": 7, "solidity": 0.25}
"""A pattern over a bar that leaves its colour and the count on it to be read."""
HEIGHT = 340
DAYS = {"tickformat": "%-d %b\n%Y", "hoverformat": "%-d %b %Y"}
"""Days on an axis, written as in every sentence."""
YEAR_AND_A_MONTH = 13  # more labels than that overlap


def show(figure: go.Figure, *, key: str, alt: str) -> None:
    """Draw a figure; `alt` says in a sentence what it shows."""
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        legend={"orientation": "h", "y": -0.2, "yanchor": "top"},
        hovermode="x unified",
    )
    st.plotly_chart(figure, key=key, alt=alt, config={"displaylogo": False})


def rate(
    found: Measure, *, goal: float | None = None, marks: Sequence[tuple[datetime, str]] = ()
) -> go.Figure:
    """A share by cohort with its Wilson ribbon; cohorts that are still open are hollow, the goal is a line."""
    ripe = [part for part in found.parts if part.value is not None]
    young = [part for part in found.parts if part.pending]
    days = [part.part for part in ripe]
    figure = go.Figure()
    _ribbon(figure, days, [part.low for part in ripe], [part.high for part in ripe], "95 % interval")
    figure.add_scatter(
        x=days,
        y=[part.value for part in ripe],
        mode="lines+markers",
        line={"color": BLUE, "width": 2},
        customdata=[[part.numerator, part.denominator] for part in ripe],
        hovertemplate="%{y:.1f} % (%{customdata[0]:.0f} / %{customdata[1]})<extra></extra>",
        name="old enough to count",
    )
    figure.add_scatter(
        x=[part.part for part in young],
        y=[part.value or 0 for part in young],
        mode="markers+text",
        text=["" if part.value is not None else f"{part.pending:,}" for part in young],
        textposition="top center",
        cliponaxis=False,
        marker={"symbol": "circle-open", "size": 11, "color": GREY, "line": {"width": 2}},
        customdata=[[part.pending] for part in young],
        hovertemplate="{n} still pending".format(n="%{customdata[0]}") + "<extra></extra>",
        name="still pending",
    )
    figure.update_xaxes(**DAYS)
    figure.update_yaxes(ticksuffix=" %", rangemode="tozero")
    _goal(figure, goal)
    return _marked(figure, marks)


def amounts(
    by_part: Mapping[str, Sequence[tuple[str, float]]],
    net: Sequence[tuple[str, float]],
    currency: str,
    *,
    cut: Collection[str],
    goal: float | None = None,
    marks: Sequence[tuple[datetime, str]] = (),
) -> go.Figure:
    """Money in above zero, money back below, net as a dot. `cut`: months of which only some days count, hatched."""
    figure = go.Figure()
    for colour, shape, (name, points) in zip(PALETTE, SHAPES, by_part.items(), strict=False):
        whole = [point for point in points if point[0] not in cut]
        part = [point for point in points if point[0] in cut]
        figure.add_bar(**_bars(whole), name=name, marker={"color": colour, "pattern": {"shape": shape}})
        if part:
            figure.add_bar(
                **_bars(part),
                name=f"{name}, only part of the month",
                marker={"color": colour, "pattern": {"shape": "x"}},
                showlegend=colour == PALETTE[0],
            )
    figure.add_scatter(
        x=[month for month, _cents in net],
        y=[cents / 100 for _month, cents in net],
        mode="markers+text",
        text=[money(round(cents), currency) for _month, cents in net]
        if len(net) <= YEAR_AND_A_MONTH
        else None,
        textposition="top center",
        cliponaxis=False,
        marker={"color": GREY, "symbol": "diamond", "size": 10, "line": {"color": "#FFFFFF", "width": 1}},
        name="net",
    )
    _by_month(figure, len(net), "relative")
    figure.update_yaxes(title=currency.upper())
    _goal(figure, None if goal is None else goal / 100)
    return _marked(figure, marks)


def _bars(points: Sequence[tuple[str, float]]) -> dict[str, Any]:
    """Months and money of bars."""
    return {"x": [month for month, _cents in points], "y": [cents / 100 for _month, cents in points]}


def mix(by_package: Mapping[str, Sequence[tuple[str, float]]]) -> go.Figure:
    """Which sizes are bought: shares by month that add up to 100 %, with the counts."""
    months = sorted({month for points in by_package.values() for month, _n in points})
    whole = {m: sum(n for points in by_package.values() for month, n in points if month == m) for m in months}
    figure = go.Figure()
    for colour, shape, (name, points) in zip(PALETTE, SHAPES, by_package.items(), strict=False):
        count = dict(points)
        figure.add_bar(
            x=months,
            y=[100 * count.get(m, 0) / whole[m] if whole[m] else 0 for m in months],
            text=[f"{count.get(m, 0):.0f}" if count.get(m) else "" for m in months],
            textangle=0,
            insidetextanchor="middle",
            name=name,
            marker={"color": colour, "pattern": {"shape": shape, "fillmode": "overlay", **FAINT}},
        )
    _by_month(figure, len(months), "stack")
    figure.update_yaxes(ticksuffix=" %", range=[0, 100])
    return figure


def steps(curve: Mapping[str, Any], *, window: float | None = None, title: str = "") -> go.Figure:
    """A curve with its band: who has done it, or is still there, by each day. Ends where nobody was watched."""
    seen = [i for i, day in enumerate(curve["days"]) if day <= curve["seen_days"]]
    days = [curve["days"][i] for i in seen]
    figure = go.Figure()
    low, high = ([curve[side][i] for i in seen] for side in ("low", "high"))
    if any(bound is not None for bound in low):
        _ribbon(figure, days, low, high, "95 % band")
    figure.add_scatter(
        x=days,
        y=[curve["value"][i] for i in seen],
        mode="lines",
        line={"color": BLUE, "shape": "hv"},
        name=title or "share",
    )
    if window is not None:
        figure.add_vline(x=window, line={"color": VERMILLION, "dash": "dash"}, annotation_text="window")
    figure.update_xaxes(title="days")
    figure.update_yaxes(ticksuffix=" %", rangemode="tozero")
    return figure


def waterfall(steps_: Sequence[tuple[str, float]], unit: str) -> go.Figure:
    """From what was owed at the start to what is owed at the end."""
    names, values = [name for name, _v in steps_], [value for _name, value in steps_]
    figure = go.Figure(
        go.Waterfall(
            x=names,
            y=values,
            measure=["absolute", *["relative"] * (len(values) - 2), "total"],
            text=[signed(round(value)) for value in values],
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            increasing={"marker": {"color": BLUE}},
            decreasing={"marker": {"color": ORANGE}},
            totals={"marker": {"color": GREY}},
        )
    )
    figure.update_yaxes(title=unit)
    return figure


def dots(lines: Sequence[Mapping[str, Any]], *, label: str) -> go.Figure:
    """Effects with their intervals around zero."""
    figure = go.Figure()
    figure.add_scatter(
        x=[line["period"] for line in lines],
        y=[line["value"] for line in lines],
        mode="markers",
        marker={"color": BLUE, "size": 9},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [line["high"] - line["value"] for line in lines],
            "arrayminus": [line["value"] - line["low"] for line in lines],
        },
        name=label,
    )
    figure.add_hline(y=0, line={"color": GREY, "dash": "dot"})
    return figure


def _ribbon(figure: go.Figure, x: Sequence[Any], low: Sequence[Any], high: Sequence[Any], name: str) -> None:
    """The range between two lines."""
    figure.add_scatter(
        x=[*x, *reversed(x)],
        y=[*high, *reversed(low)],
        mode="lines",
        fill="toself",
        fillcolor="rgba(0,114,178,0.15)",
        line={"width": 0},
        hoverinfo="skip",
        name=name,
    )


def _by_month(figure: go.Figure, months: int, barmode: str) -> None:
    """A label for each month while they fit; left alone, Plotly cuts a single month into milliseconds."""
    figure.update_layout(barmode=barmode)
    figure.update_xaxes(tickformat="%b %Y", dtick="M1" if months <= YEAR_AND_A_MONTH else None)


def _goal(figure: go.Figure, goal: float | None) -> None:
    if goal is not None:
        figure.add_hline(y=goal, line={"color": GREEN, "dash": "dash"}, annotation_text="goal")


def _marked(figure: go.Figure, marks: Sequence[tuple[datetime, str]]) -> go.Figure:
    """What a reader must know, as lines from top to bottom."""
    for at, text in marks:
        figure.add_vline(x=at.timestamp() * 1000, line={"color": PURPLE, "dash": "dot"}, annotation_text=text)
    if figure.data:
        figure.update_xaxes(type="date")
    return figure
