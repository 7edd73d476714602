"""The metric tile: a label, a number, its change by what is good and what is chance, a sparkline, one muted line.

A tile is 140 px high. Selecting it calls `on_select`; its corner opens "About this number".
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from dashboard.kit.changes import Change, Direction
from dashboard.kit.colours import colour
from dashboard.kit.figures import Figures
from dashboard.kit.labels import cases, label
from dashboard.text import counted, decimal, minutes, money, percent, percent_range, plain, short_money
from ledger.metrics import METRICS, Measure
from ledger.metrics.closed_months import Reading
from ledger.metrics.measures import TOO_FEW

A_UNIT = 100  # cents: below, the price of a minute is more than its cents
UNITS = {"days": "days", "seconds": "s"}
COLOURS: dict[Direction, Literal["green", "red", "gray"]] = {"good": "green", "bad": "red", "unclear": "gray"}
WIDTH, HEIGHT, POINTS_AT_LEAST = 96, 28, 3


def shown(found: Measure, *, exact: bool = False) -> str:
    """Return the number as people read it: few cases as counts, currencies side by side, nothing as a dash."""
    if found.value is None:
        apart = [shown(part, exact=exact) for part in found.parts if part.value is not None]
        return " · ".join(apart) or "–"
    if found.few and METRICS[found.slug].estimate == "ratio":
        return f"{found.numerator or 0:.0f} of {found.denominator}"
    return number(found.value, found.unit, found.currency, exact=exact)


def number(value: float, unit: str, currency: str | None = None, *, exact: bool = False) -> str:
    """Return a value in its unit; `exact` money has its cents."""
    if unit == "cents" and abs(value) < A_UNIT and value % 1:
        return money(value, currency or "usd", more_digits=2)
    if unit == "cents":
        return (money if exact else short_money)(round(value), currency or "usd")
    if unit == "percent":
        return percent(value)
    return minutes(value) if unit == "minutes" else f"{decimal(value, 1)} {UNITS[unit]}"


def span(found: Measure) -> str:
    """Return the 95% interval of a number in its unit, `27.6–38.8%`; nothing where there is none."""
    if found.low is None and found.high is None:
        return ""
    if found.unit == "percent":
        return percent_range(found.low, found.high)
    low, high = (
        "…" if bound is None else number(bound, found.unit, found.currency)
        for bound in (found.low, found.high)
    )
    return f"{low.removesuffix(' min')}–{high}"


def muted(found: Measure) -> str:
    """Return the line under a number: its interval, what it rests on, and what is still open."""
    parts = [span(found)] if not found.few or METRICS[found.slug].estimate != "ratio" else []
    if found.n is not None and not (found.few and METRICS[found.slug].estimate == "ratio"):
        parts.append(counted(found.n, *cases(found.slug)))
    if found.pending:
        parts.append(f"{decimal(found.pending)} still open")
    if found.few and found.low is not None and METRICS[found.slug].estimate == "mean":
        parts.append("small sample: treat as rough")
    return " · ".join(part for part in parts if part)


def kept(reading: Reading) -> str:
    """Return a closed number as people read it, like `shown`."""
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
    found = given[0] if given else figures.of(slug)
    value, below = given[1:] if given else (shown(found), muted(found) or why_none(found))
    change = None if given else figures.change(slug)
    line = () if given else figures.line(slug)
    with st.container(border=True, key=f"tile_{slug}", gap=None, height="stretch"):
        figure(label(slug), value, below, change=change, line=line, chosen=chosen)
        if on_select:
            st.button(f"Show {label(slug)} in the chart", key=f"show_{slug}", on_click=on_select, args=[slug])
        st.button(
            f"About {label(slug)}",
            key=f"about_{slug}",
            icon=":material/info:",
            type="tertiary",
            on_click=about,
            args=[slug],
        )
    return found


def figure(
    name: str,
    value: str,
    below: str,
    *,
    change: Change | None = None,
    line: Sequence[float] = (),
    chosen: bool = False,
) -> None:
    """Draw the face of a tile: what a page of its own measures uses it without a metric."""
    st.metric(
        plain(name),
        value.replace("$", r"\$") if value.count("$") > 1 else value,
        delta=_delta(change),
        delta_color=COLOURS[change.direction] if change else "off",
        delta_arrow=arrow(change),
    )
    mark = '<span class="chosen"></span>' if chosen else ""
    st.html(f'<div class="muted" title="{_meaning(change)}">{sparkline(line)}{_escaped(below)}{mark}</div>')


def written(change: Change | None) -> str:
    """Return a change for a table: an arrow for a clear one, `≈` for one that may be chance; never a leading sign."""
    if change is None:
        return ""
    return (
        f"{'▲' if change.by > 0 else '▼'} {change.shown.lstrip('+−')}" if change.sure else f"≈ {change.shown}"
    )


def _delta(change: Change | None) -> str | None:
    """Return the change for its pill; what may be chance is said to be so, after a sign for "about the same"."""
    if change is None:
        return None
    return change.shown.lstrip("+−") if change.sure else f"≈ {change.shown}"


def _meaning(change: Change | None) -> str:
    """Return what the pill compares, for whoever hovers below it."""
    if change is None:
        return ""
    verdict = "More than chance" if change.sure else "No clear change: it may be chance"
    return f"{verdict}. Against {change.days}."


def why_none(found: Measure) -> str:
    """Return why there is no number."""
    return (found.reason or "").capitalize()


def arrow(change: Change | None) -> Literal["up", "down", "off"]:
    """Return where a change points; nowhere when it may be chance, or is nothing at the digits shown."""
    if change is None or not change.sure or not any(digit in change.shown for digit in "123456789"):
        return "off"
    return "down" if change.by < 0 else "up"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
