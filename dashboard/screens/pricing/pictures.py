"""The charts of the pricing lab: dots with intervals, a tornado, a strip of changed bills, a backtest."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.kit.colours import QUIET, Token, colour, faint, theme
from dashboard.text import local, minus
from ledger.money import digits_of, units_of
from ledger.pricing import Backtest, Band, Swing


def _plain(figure: go.Figure, height: int) -> go.Figure:
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": 1.15},
        hovermode="closest",
    )
    return figure


def changes(bands: Sequence[tuple[str, Band, Band]]) -> go.Figure:
    """Return the change of every output in percent of its baseline, with its 90% range.

    `bands`: label, baseline and change.
    """
    figure = go.Figure()
    for label, base, change in reversed([b for b in bands if b[1].middle]):
        middle, low, high = (100 * value / base.middle for value in (change.middle, change.low, change.high))
        figure.add_scatter(
            x=[middle], y=[label], mode="markers", marker={"color": colour("plan"), "size": 11}, showlegend=False,
            error_x={"type": "data", "symmetric": False, "array": [high - middle], "arrayminus": [middle - low]},
            hovertemplate=f"%{{x:+.1f}}% [{low:+.1f}, {high:+.1f}]<extra></extra>",
        )  # fmt: skip
    figure.add_vline(x=0, line={"color": QUIET[theme()], "dash": "dot"})
    figure.update_xaxes(ticksuffix="%", zeroline=False, title="change vs. baseline")
    return _plain(figure, 60 + 42 * max(len(bands), 2))


SWINGS: Mapping[str, str] = {
    "elasticity": "Elasticity of conversion",
    "conversion": "Conversion",
    "usage": "Use",
    "mix": "Package sizes",
}


def tornado(swings: Mapping[str, Swing], currency: str) -> go.Figure:
    """Return the change in revenue with one assumption at its low and its high end, widest first, around zero."""
    figure = go.Figure()
    order = sorted(swings.items(), key=lambda item: abs(item[1].high - item[1].low))
    names = [f"{SWINGS[name]}<br>{minus(swing.words)}" for name, swing in order]
    ends = {
        end: [float(units_of(getattr(swing, end), currency)) for _name, swing in order]
        for end in ("low", "high")
    }
    for name, low, high in zip(names, ends["low"], ends["high"], strict=True):
        figure.add_scatter(
            x=[low, high], y=[name, name], mode="lines", line={"color": faint("plan", 0.6), "width": 14},
            showlegend=False, hoverinfo="skip",
        )  # fmt: skip
    marks: tuple[tuple[str, Token, str], ...] = (("low", "unmet", "circle-open"), ("high", "plan", "circle"))
    for end, token, symbol in marks:
        figure.add_scatter(
            x=ends[end], y=names, mode="markers", name=f"{end} end",
            marker={"color": colour(token), "symbol": symbol, "size": 11, "line": {"width": 2}},
            hovertemplate="%{x:+,.2f}<extra></extra>",
        )  # fmt: skip
    furthest = 1.1 * max((abs(value) for values in ends.values() for value in values), default=1) or 1
    figure.add_vline(x=0, line={"color": QUIET[theme()], "width": 2})
    figure.update_xaxes(
        title=f"change in revenue ({currency.upper()})", range=[-furthest, furthest], zeroline=False
    )
    return _plain(figure, 90 + 55 * max(len(order), 1))


def bills(changed: NDArray[np.float64], currency: str) -> go.Figure:
    """Return how many workspaces pay how much more or less over the replayed time, in whole units."""
    figure = go.Figure()
    figure.add_histogram(
        x=changed / 10 ** digits_of(currency),
        nbinsx=40,
        marker={"color": colour("plan")},
        hovertemplate="%{x}: %{y}<extra></extra>",
    )
    figure.add_vline(x=0, line={"color": QUIET[theme()], "dash": "dot"})
    figure.update_xaxes(title=f"change in bill ({currency.upper()})")
    figure.update_yaxes(title="workspaces")
    return _plain(figure, 260)


def backtest(tested: Backtest, currency: str) -> go.Figure:
    """Return each month's prediction with its 80% band, actual, and 'same as last month', in whole units."""
    months = [local(t.month) for t in tested.months]

    def units(values: Iterable[float]) -> list[float]:
        return [float(units_of(value, currency)) for value in values]

    figure = go.Figure()
    figure.add_scatter(
        x=[*months, *reversed(months)],
        y=[
            *units(t.forecast.high for t in tested.months),
            *units(t.forecast.low for t in reversed(tested.months)),
        ],
        fill="toself",
        mode="lines",
        fillcolor=faint("plan"),
        line={"width": 0},
        hoverinfo="skip",
        name="80% band",
    )
    for name, values, ink, dash in (
        ("forecast", units(t.forecast.middle for t in tested.months), colour("plan"), "solid"),
        ("same as last month", units(t.last_month for t in tested.months), colour("used"), "dash"),
    ):
        figure.add_scatter(
            x=months, y=values, mode="lines+markers", name=name, line={"color": ink, "dash": dash}
        )
    figure.add_scatter(
        x=months,
        y=units(t.actual for t in tested.months),
        mode="markers",
        name="actual",
        marker={"color": colour("unmet"), "symbol": "diamond", "size": 10},
    )
    figure.update_xaxes(tickformat="%b\n%Y")
    figure.update_yaxes(rangemode="tozero", title=f"{currency.upper()} a month")
    return _plain(figure, 320)
