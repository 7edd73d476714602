"""The metric charts: one question each. A colour has one meaning (`colours`), and is never the only sign of it."""

import html
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard.kit.colours import LINES, QUIET, Token, colour, faint, theme
from dashboard.text import decimal, money, percent, short_money
from ledger.metrics import METRICS, Measure
from ledger.money import units_of

HEIGHT = 300
QUIET_BAR = {"displayModeBar": False}
Marks = Sequence[tuple[datetime, str]]
"""What happened in the period: when, and what."""
Figure = go.Figure
DAYS = {"tickformat": "%b %-d\n%Y", "hoverformat": "%b %-d, %Y"}
"""Days on an axis."""
YEAR_AND_A_MONTH = 13  # more labels than that overlap
PARTIAL = 0.45  # opacity of a bar of which only some days count
FEW_TICKS = 12
LENGTH_DAYS = {"day": 1, "week": 7, "month": 31}
UNITS = {"minutes": "minutes", "days": "days", "seconds": "seconds"}


def show(
    figure: go.Figure,
    *,
    key: str,
    alt: str,
    height: int = HEIGHT,
    on_choose: Callable[[str], None] | None = None,
) -> None:
    """Draw a figure; `alt` says in a sentence what it shows. `on_choose` gets the label of a bar or point clicked."""
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 24, "b": 10},
        legend={
            "orientation": "h",
            "y": -0.34 if figure.layout.xaxis.title.text else -0.18,
            "yanchor": "top",
        },
        hovermode="x unified",
        showlegend=sum(bool(one.name) and one.showlegend is not False for one in figure.data) > 1,
        dragmode=False,
    )
    figure.update_xaxes(gridcolor=LINES[theme()], zeroline=False)
    figure.update_yaxes(gridcolor=LINES[theme()], zerolinecolor=QUIET[theme()], zerolinewidth=1)
    if on_choose is None:
        st.plotly_chart(figure, key=key, alt=alt, config=QUIET_BAR)
        return
    with st.container(key=f"chosen_by_click_{key}"):
        st.plotly_chart(
            figure,
            key=key,
            alt=alt,
            config=QUIET_BAR,
            selection_mode="points",
            on_select=lambda: _chosen(key, on_choose),
        )


def _chosen(key: str, on_choose: Callable[[str], None]) -> None:
    """Pass on the label of the bar or point that was clicked."""
    clicked = st.session_state[key].selection.points
    if clicked:
        on_choose(str(clicked[0].get("label") or clicked[0].get("x")))


def rate(result: Measure, *, grain: str, goal: float | None = None, marks: Marks = ()) -> go.Figure:
    """Return a share by cohort with its interval.

    A cohort with open cases is dashed; one that is mostly open is not drawn, and the end of the axis is shaded.
    """
    known = [part for part in result.parts if part.value is not None and _mostly_complete(part)]
    ripe = [part for part in known if not part.pending]
    young = [part for part in known if part.pending]
    open_ = [part for part in result.parts if part.pending and part not in known]
    figure = go.Figure()
    ribbon(figure, [p.part for p in known], [p.low for p in known], [p.high for p in known], "95% interval")
    _line(figure, ripe, "complete")
    if young:
        _line(figure, [*ripe[-1:], *young], "some still open", dash="dot")
    if open_:
        _still_open(figure, open_, grain)
    figure.update_xaxes(**DAYS)
    figure.update_yaxes(ticksuffix="%", rangemode="tozero")
    ticks(figure, [part.part for part in result.parts], grain)
    _goal(figure, goal, None if goal is None else percent(goal))
    return _marked(figure, marks)


def _line(figure: go.Figure, parts: Sequence[Measure], name: str, dash: str = "solid") -> None:
    figure.add_scatter(
        x=[part.part for part in parts],
        y=[part.value for part in parts],
        mode="lines+markers",
        line={"color": colour("plan"), "width": 2, "dash": dash},
        marker={"symbol": "circle" if dash == "solid" else "circle-open", "size": 6},
        customdata=[[part.numerator, part.denominator, part.pending] for part in parts],
        hovertemplate="%{y:.1f}% (%{customdata[0]:.0f} of %{customdata[1]}, %{customdata[2]} open)<extra></extra>",
        name=name,
    )


def _mostly_complete(part: Measure) -> bool:
    """Return whether at least half of a cohort is old enough to count; fewer would show a false drop."""
    return (part.denominator or 0) >= part.pending


def _still_open(figure: go.Figure, parts: Sequence[Measure], grain: str) -> None:
    """Shade the end of the axis, where too few cases are old enough to count."""
    first = date.fromisoformat(str(parts[0].part))
    last = date.fromisoformat(str(parts[-1].part)) + timedelta(days=LENGTH_DAYS[grain])
    first -= timedelta(days=LENGTH_DAYS[grain] // 2)
    figure.add_vrect(
        x0=str(first),
        x1=str(last),
        fillcolor=faint("used", 0.15),
        line_width=0,
        layer="below",
        annotation={
            "text": f"{decimal(sum(part.pending for part in parts))} still open",
            "font": {"size": 11},
        },
        annotation_position="top right",
    )


def series(
    result: Measure,
    *,
    grain: str,
    tone: Token = "plan",
    cut: Collection[str] = (),
    goal: float | None = None,
    marks: Marks = (),
) -> go.Figure:
    """Return a metric by day, week or month: sums as bars, of which one not over yet is lighter; means as a line."""
    parts = [part for part in result.parts if part.value is not None]
    currency = next((part.currency for part in parts if part.currency), None)
    labels, values = [part.part for part in parts], [_scaled(part.value, currency) for part in parts]
    figure = go.Figure()
    if METRICS[result.slug].estimate == "sum":
        opacity = [PARTIAL if label in cut else 1 for label in labels]
        figure.add_bar(
            x=labels, y=values, marker={"color": colour(tone), "opacity": opacity}, showlegend=False
        )
    else:
        figure.add_scatter(
            x=labels,
            y=values,
            mode="lines+markers",
            line={"color": colour(tone), "width": 2},
            showlegend=False,
        )
    figure.update_xaxes(**DAYS)
    figure.update_yaxes(rangemode="tozero", title=currency.upper() if currency else UNITS.get(result.unit))
    ticks(figure, labels, grain)
    _goal(figure, _scaled(goal, currency), None if goal is None else decimal(_scaled(goal, currency) or 0))
    return _marked(figure, marks)


def _scaled(value: float | None, currency: str | None) -> float | None:
    """Return a value on the axis: money in whole units of its currency."""
    return value if value is None or currency is None else float(units_of(value, currency))


def amounts(
    by_part: Mapping[str, Sequence[tuple[str, float]]],
    net: Sequence[tuple[str, float]],
    currency: str,
    *,
    grain: str = "month",
    cut: Collection[str] = (),
    goal: float | None = None,
    marks: Marks = (),
) -> go.Figure:
    """Return money in above zero, money back below, net as a labelled line. `cut`: parts not over yet, lighter.

    A series that is zero everywhere is not drawn.
    """
    figure = go.Figure()
    tokens: Sequence[Token] = ("extra", "refunded", "down")
    for token, (name, points) in zip(tokens, by_part.items(), strict=False):
        if not any(cents for _label, cents in points):
            continue
        figure.add_bar(
            x=[label for label, _cents in points],
            y=[float(units_of(cents, currency)) for _label, cents in points],
            marker={
                "color": colour(token),
                "opacity": [PARTIAL if label in cut else 1 for label, _c in points],
            },
            name=name,
            text=None,
            hovertemplate="%{y:,.2f}",
        )
    _net(figure, net, currency)
    figure.update_layout(barmode="relative")
    ticks(figure, [label for label, _cents in net], grain)
    figure.update_yaxes(title=currency.upper())
    scaled = None if goal is None else float(units_of(goal, currency))
    _goal(figure, scaled, None if goal is None else short_money(goal, currency))
    return _marked(figure, marks)


def _net(figure: go.Figure, net: Sequence[tuple[str, float]], currency: str) -> None:
    """Draw the net amount, labelled while the labels fit."""
    labelled = len(net) <= YEAR_AND_A_MONTH
    figure.add_scatter(
        x=[label for label, _cents in net],
        y=[float(units_of(cents, currency)) for _label, cents in net],
        mode="markers+text" if labelled else "markers",
        text=[short_money(round(cents), currency) for _label, cents in net] if labelled else None,
        customdata=[money(round(cents), currency) for _label, cents in net],
        hovertemplate="%{customdata}",
        textposition="top center",
        cliponaxis=False,
        marker={"color": QUIET[theme()], "symbol": "diamond", "size": 8},
        name="Net",
    )


def ribbon(figure: go.Figure, x: Sequence[Any], low: Sequence[Any], high: Sequence[Any], name: str) -> None:
    """Draw the range between two lines."""
    figure.add_scatter(
        x=[*x, *reversed(x)],
        y=[*high, *reversed(low)],
        mode="lines",
        fill="toself",
        fillcolor=faint("plan"),
        line={"width": 0},
        hoverinfo="skip",
        name=name,
    )


def ticks(figure: go.Figure, labels: Sequence[Any], grain: str) -> None:
    """Label each part while they fit: left alone, Plotly cuts a single month into milliseconds."""
    if grain == "month":
        figure.update_xaxes(tickformat="%b\n%Y", dtick="M1" if len(labels) <= YEAR_AND_A_MONTH else None)
    elif len(labels) <= FEW_TICKS:
        figure.update_xaxes(tickmode="array", tickvals=list(labels), **DAYS)
    else:
        figure.update_xaxes(nticks=FEW_TICKS, **DAYS)


def _goal(figure: go.Figure, goal: float | None, shown: str | None) -> None:
    if goal is not None:
        figure.add_hline(
            y=goal, line={"color": colour("up"), "dash": "dash"}, annotation_text=f"Goal {shown}"
        )


def _marked(figure: go.Figure, marks: Marks) -> go.Figure:
    """Draw annotations as vertical lines; text is escaped because Plotly parses tags."""
    for at, text in marks:
        figure.add_vline(
            x=at.timestamp() * 1000,
            line={"color": QUIET[theme()], "dash": "dot"},
            annotation={"text": letters(text), "font": {"size": 11}},
        )
    if figure.data:
        figure.update_xaxes(type="date")
    return figure


def letters(text: str) -> str:
    """Return text escaped for Plotly, which parses tags and entities but no Markdown."""
    return html.escape(text, quote=False)
