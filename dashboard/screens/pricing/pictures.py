"""The charts of the pricing lab: dots with intervals, a tornado, a strip of changed bills, a backtest."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.text import local, minus
from ledger.pricing.backtest import Backtest
from ledger.pricing.forecast import Band
from ledger.pricing.sensitivity import Swing

BLUE, ORANGE, RED, GREY = "#0072B2", "#E69F00", "#D55E00", "#767676"


def _plain(figure: go.Figure, height: int) -> go.Figure:
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": 1.15},
        hovermode="closest",
    )
    return figure


def changes(bands: Sequence[tuple[str, Band, Band]]) -> go.Figure:
    """Change of every output in percent of its baseline, with the range of 90 in 100 draws.

    `bands`: label, baseline and change.
    """
    figure = go.Figure()
    for label, base, change in reversed([b for b in bands if b[1].middle]):
        middle, low, high = (100 * value / base.middle for value in (change.middle, change.low, change.high))
        figure.add_scatter(
            x=[middle], y=[label], mode="markers", marker={"color": BLUE, "size": 11}, showlegend=False,
            error_x={"type": "data", "symmetric": False, "array": [high - middle], "arrayminus": [middle - low]},
            hovertemplate=f"%{{x:+.1f}} % [{low:+.1f}, {high:+.1f}]<extra></extra>",
        )  # fmt: skip
    figure.add_vline(x=0, line={"color": GREY, "dash": "dot"})
    figure.update_xaxes(ticksuffix=" %", zeroline=False, title="change against the baseline")
    return _plain(figure, 60 + 42 * max(len(bands), 2))


SWINGS: Mapping[str, str] = {
    "elasticity": "Elasticity of conversion",
    "conversion": "Conversion",
    "usage": "Use",
    "mix": "Sizes that are bought",
}


def tornado(swings: Mapping[str, Swing], middle: float, currency: str) -> go.Figure:
    """Change of revenue with one assumption at its low and its high end, widest first, in major units."""
    figure = go.Figure()
    order = sorted(swings.items(), key=lambda item: abs(item[1].high - item[1].low))
    for end, colour, pattern in (("low", ORANGE, "/"), ("high", BLUE, "")):
        figure.add_bar(
            x=[(getattr(swing, end) - middle) / 100 for _name, swing in order],
            base=middle / 100,
            y=[f"{SWINGS[name]}<br>{minus(swing.words)}" for name, swing in order],
            orientation="h",
            marker={"color": colour, "pattern": {"shape": pattern}},
            name="low end" if end == "low" else "high end",
            customdata=[getattr(swing, end) / 100 for _name, swing in order],
            hovertemplate="%{customdata:+,.2f}<extra></extra>",
        )
    figure.update_layout(barmode="overlay")
    figure.add_vline(x=0, line={"color": GREY, "dash": "dot"})
    figure.update_xaxes(title=f"change of revenue ({currency.upper()})")
    return _plain(figure, 90 + 55 * max(len(order), 1))


def bills(changed: NDArray[np.float64], currency: str) -> go.Figure:
    """How many workspaces pay how much more or less over the replayed time, in major units."""
    figure = go.Figure()
    figure.add_histogram(
        x=changed / 100, nbinsx=40, marker={"color": BLUE}, hovertemplate="%{x}: %{y}<extra></extra>"
    )
    figure.add_vline(x=0, line={"color": GREY, "dash": "dot"})
    figure.update_xaxes(title=f"less or more to pay ({currency.upper()})")
    figure.update_yaxes(title="workspaces")
    return _plain(figure, 260)


def backtest(tested: Backtest, currency: str) -> go.Figure:
    """What was predicted each month with its 80 % band, what happened, and 'same as last month'; major units."""
    months = [local(t.month) for t in tested.months]
    figure = go.Figure()
    figure.add_scatter(
        x=[*months, *reversed(months)],
        y=[*(t.forecast.high / 100 for t in tested.months), *(t.forecast.low / 100 for t in reversed(tested.months))],
        fill="toself", mode="lines", fillcolor="rgba(0,114,178,0.15)", line={"width": 0}, hoverinfo="skip",
        name="80 % band",
    )  # fmt: skip
    for name, values, colour, dash in (
        ("forecast", [t.forecast.middle / 100 for t in tested.months], BLUE, "solid"),
        ("same as last month", [t.last_month / 100 for t in tested.months], ORANGE, "dash"),
    ):
        figure.add_scatter(
            x=months, y=values, mode="lines+markers", name=name, line={"color": colour, "dash": dash}
        )
    figure.add_scatter(
        x=months, y=[t.actual / 100 for t in tested.months], mode="markers", name="what happened",
        marker={"color": RED, "symbol": "diamond", "size": 10},
    )  # fmt: skip
    figure.update_xaxes(tickformat="%b %Y")
    figure.update_yaxes(rangemode="tozero", title=f"{currency.upper()} a month")
    return _plain(figure, 320)
