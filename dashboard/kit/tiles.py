"""The metric tile: a label, a number, its change (good, bad or chance), a sparkline, one muted line.

A tile is 140 px high. Selecting it calls `on_select`; its corner opens "About this number".
"""

import html
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from dashboard.kit.changes import Direction, MetricChange
from dashboard.kit.colours import colour
from dashboard.kit.figures import Figures
from dashboard.kit.labels import cases, label
from dashboard.text import (
    counted,
    decimal,
    minutes,
    money,
    open_range,
    percent,
    percent_range,
    plain,
    short_money,
)
from ledger.metrics import METRICS, TOO_FEW, ClosedMonthReading, Measure

A_UNIT = 100  # cents: below, the price of a minute is more than its cents
UNITS = {"days": "days", "seconds": "s"}
COLOURS: dict[Direction, Literal["green", "red", "gray"]] = {"good": "green", "bad": "red", "unclear": "gray"}
CALCULATING = "Calculating…"
WIDTH, HEIGHT, POINTS_AT_LEAST = 96, 28, 3


def shown(result: Measure, *, exact: bool = False) -> str:
    """Return the number as text: few cases as counts, several currencies side by side, no value as a dash."""
    if result.value is None:
        apart = [shown(part, exact=exact) for part in result.parts if part.value is not None]
        return " · ".join(apart) or "–"
    if result.few and METRICS[result.slug].estimate == "ratio":
        return f"{result.numerator or 0:.0f} of {result.denominator}"
    return number(result.value, result.unit, result.currency, exact=exact)


def number(value: float, unit: str, currency: str | None = None, *, exact: bool = False) -> str:
    """Return a value in its unit; `exact` money has its cents."""
    if unit == "cents" and abs(value) < A_UNIT and value % 1:
        return money(value, currency or "usd", more_digits=2)
    if unit == "cents":
        return (money if exact else short_money)(round(value), currency or "usd")
    if unit == "percent":
        return percent(value)
    return minutes(value) if unit == "minutes" else f"{decimal(value, 1)} {UNITS[unit]}"


def span(result: Measure) -> str:
    """Return the 95% interval of a number in its unit, `27.6–38.8%`; nothing where there is none."""
    if result.low is None and result.high is None:
        return ""
    if result.unit == "percent":
        return percent_range(result.low, result.high)
    low, high = (
        None if bound is None else number(bound, result.unit, result.currency)
        for bound in (result.low, result.high)
    )
    return open_range(low, high) if low is None or high is None else f"{low.removesuffix(' min')}–{high}"


def muted(result: Measure) -> str:
    """Return the line below a number: its interval, its cases, and how many are still open."""
    parts = [span(result)] if not result.few or METRICS[result.slug].estimate != "ratio" else []
    if result.n is not None and not (result.few and METRICS[result.slug].estimate == "ratio"):
        parts.append(counted(result.n, *cases(result.slug)))
    if result.pending:
        parts.append(f"{decimal(result.pending)} still open")
    if result.few and result.low is not None and METRICS[result.slug].estimate == "mean":
        parts.append("small sample: treat as rough")
    return " · ".join(part for part in parts if part)


def closed(reading: ClosedMonthReading) -> str:
    """Return the number of a closed month as text, like `shown`."""
    metric = METRICS[reading.metric]
    if reading.value is None:
        return "–"
    if metric.estimate == "ratio" and (reading.n or 0) < TOO_FEW:
        return f"{reading.value * (reading.n or 0) / 100:.0f} of {reading.n}"
    return number(reading.value, metric.unit, reading.currency or None, exact=True)


def sparkline(values: Sequence[float]) -> str:
    """Return the trend as a small picture; nothing for fewer than three points."""
    if len(values) < POINTS_AT_LEAST:
        return ""
    low, high = min(*values, 0), max(values)
    height = (high - low) or 1
    step = WIDTH / (len(values) - 1)
    points = " ".join(
        f"{i * step:.1f},{HEIGHT - 2 - (HEIGHT - 4) * (value - low) / height:.1f}"
        for i, value in enumerate(values)
    )
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"><polyline points="{points}" '
        f'fill="none" stroke="{colour("plan")}" stroke-width="1.75" stroke-linejoin="round"/></svg>'
    )
    source = b64encode(drawn.encode()).decode()
    return f'<img class="sparkline" alt="" width="{WIDTH}" height="{HEIGHT}" src="data:image/svg+xml;base64,{source}">'


def tile(
    figures: Figures,
    slug: str,
    *,
    about: Callable[[str], None],
    on_select: Callable[[str], None] | None = None,
    chosen: bool = False,
    given: tuple[Measure, str, str] | None = None,
) -> Measure:
    """Draw one metric of the page and return it. `given`: a measure of its own window, its number and line below."""
    result = given[0] if given else figures.of(slug)
    value, below = given[1:] if given else (shown(result), muted(result) or why_none(result))
    change = None if given else figures.change(slug)
    line = () if given else figures.line(slug)
    with st.container(border=True, key=f"tile_{slug}", gap=None, height="stretch"):
        figure(label(slug), value, below, change=change, line=line, chosen=chosen)
        if on_select:
            st.button(label(slug), key=f"show_{slug}", on_click=on_select, args=[slug])
        st.button(
            f"About {label(slug)}",
            key=f"about_{slug}",
            icon=":material/info:",
            type="tertiary",
            on_click=about,
            args=[slug],
        )
    return result


def figure(
    name: str,
    value: str,
    below: str,
    *,
    change: MetricChange | None = None,
    line: Sequence[float] = (),
    chosen: bool = False,
) -> None:
    """Draw a tile without a metric, for pages with their own numbers."""
    st.metric(
        plain(name),
        value.replace("$", r"\$") if value.count("$") > 1 else value,
        delta=_delta(change),
        delta_color=COLOURS[change.direction] if change else "off",
        delta_arrow=arrow(change),
    )
    mark = '<span class="chosen"></span>' if chosen else ""
    st.html(
        f'<div class="muted" title="{_meaning(change)}">{sparkline(line)}{html.escape(below, quote=False)}{mark}</div>'
    )


def written(change: MetricChange | None) -> str:
    """Return a change for a table: an arrow for a clear one, `≈` for one that may be chance; never a leading sign."""
    if change is None:
        return ""
    return (
        f"{'▲' if change.by > 0 else '▼'} {change.shown.lstrip('+−')}" if change.sure else f"≈ {change.shown}"
    )


def _delta(change: MetricChange | None) -> str | None:
    """Return the change for its pill; one that may be chance is marked as about the same."""
    if change is None:
        return None
    return change.shown.lstrip("+−") if change.sure else f"≈ {change.shown}"


def _meaning(change: MetricChange | None) -> str:
    """Return the tooltip of the pill: what it compares."""
    if change is None:
        return ""
    verdict = "More than chance" if change.sure else "No clear change: it may be chance"
    return f"{verdict}. Against {change.days}."


def why_none(result: Measure) -> str:
    """Return why there is no number; one that the worker makes is on its way."""
    return CALCULATING if result.awaits_estimate else (result.reason or "").capitalize()


def arrow(change: MetricChange | None) -> Literal["up", "down", "off"]:
    """Return the arrow of a change; none if it may be chance, or is zero at the digits shown."""
    if change is None or not change.sure or not any(digit in change.shown for digit in "123456789"):
        return "off"
    return "down" if change.by < 0 else "up"
