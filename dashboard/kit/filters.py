"""The filter bar of the metric pages. Its whole state is in the address, so that a link shows what its sender saw."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st
from sqlalchemy import Connection

from dashboard import installation
from dashboard.clock import now
from dashboard.kit import periods
from dashboard.kit.periods import Period
from dashboard.text import moment, plain
from dashboard.url import begin_anew, no_workspace_yet, parameter, show_as
from ledger.desk import search
from ledger.metrics.rows import Selection
from ledger.metrics.sums import State, rollup_state

WIDTH = 170  # five in the row of a laptop, two in that of a phone
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)
PERIOD_NAMES = {
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    "90d": "Last 90 days",
    "180d": "Last 180 days",
    "365d": "Last 365 days",
    "730d": "Last 730 days",
    "month": "This month",
    "last-month": "Last month",
    "own": "Own period",
}
COMPARISON_NAMES = {
    "previous": "With the days before",
    "year": "With a year before",
    "none": "No comparison",
}
SOURCE_NAMES = {
    "live": "Live",
    "stripe_test": "Stripe test mode",
    "sandbox": "Sandbox",
    "demo": "Demo",
}
SEGMENT_NAMES = {"monthly": "Paid monthly", "annual": "Paid annually", "none": "Without a plan"}


@dataclass(frozen=True)
class Filters:
    """What the page shows: a period, what to compare it with, whose rows, and as of when."""

    period: Period
    against: tuple[Period, Period] | None
    source: str
    plan: str | None
    billing_cycle: str | None
    as_of: datetime
    state: State

    def of(self, period: Period) -> dict[str, Any]:
        """The arguments of `measure` and `rows` for another period with the same filters."""
        return {
            "start": period.start,
            "end": period.end,
            "as_of": self.as_of,
            "source": self.source,
            "plan": self.plan,
            "billing_cycle": self.billing_cycle,
        }

    @property
    def selection(self) -> Selection:
        """The filters in the ledger's own words, as of the time to which the numbers go."""
        return Selection(**self.known, timezone=self.state.timezone)

    @property
    def chosen(self) -> dict[str, Any]:
        """The arguments of `measure` and `rows` for the period itself."""
        return self.of(self.period)

    @property
    def known(self) -> dict[str, Any]:
        """`chosen` as of the time to which the numbers go, so that rows and numbers are of one moment."""
        return {**self.chosen, "as_of": self.state.reach(self.as_of)}


def bar(db: Connection, *, period: str = "90d") -> Filters:
    """Draw the filter bar, and say what is chosen. Stops the page when the period cannot be shown.

    `period`: that of a first visit.
    """
    state = rollup_state(db)
    sources = sorted(search.sources(db))
    with st.container(horizontal=True, vertical_alignment="bottom", key="filter_bar"):
        name = _choice("Period", PERIOD_NAMES, key="period", default=period)
        own = _own_period(state.timezone) if name == "own" else None
        how = _choice("Compare", COMPARISON_NAMES, key="compare", default="previous")
        plan = _choice(
            "Plan",
            {"": "All plans", **{plan: plan.capitalize() for plan in search.plans(db)}},
            key="plan",
            default="",
        )
        cycle = _choice("Segment", {"": "All", **SEGMENT_NAMES}, key="segment", default="")
        source = _choice("Source", _names(sources), key="source", default=default_source(sources))
    at = now()
    days = periods.named(name, now=at, timezone=state.timezone, own=own)
    filters = Filters(
        days,
        periods.comparison(days, how),
        source,
        plan or None,
        cycle or None,
        at,
        state,
    )
    _say(filters)
    if not sources:
        no_workspace_yet()
    return filters


def default_source(sources: list[str]) -> str:
    """The mode's own rows; in a demo database those of the demo."""
    mode = installation.settings().mode
    return "demo" if "demo" in sources and "live" not in sources else mode


def _names(sources: list[str]) -> Mapping[str, str]:
    shown = sorted({*sources, default_source(sources)})
    return {source: SOURCE_NAMES.get(source, source) for source in shown}


def _choice(label: str, names: Mapping[str, str], *, key: str, default: str) -> str:
    options = list(names)
    asked = _remembered(key)
    chosen = asked if asked in options else default if default in options else options[0]
    show_as(_widget(key), chosen)
    st.selectbox(
        label,
        options,
        options.index(chosen),
        format_func=lambda option: names[option],
        key=_widget(key),
        on_change=_changed,
        args=[key],
        width=WIDTH,
    )
    return chosen


def _own_period(timezone: str) -> tuple[date, date]:
    today = now().astimezone(ZoneInfo(timezone)).date()
    found = []
    for key, label, default in (("from", "From", today - timedelta(days=89)), ("to", "To", today)):
        chosen = _day(_remembered(key)) or default
        show_as(_widget(key), chosen)
        st.date_input(
            label,
            chosen,
            min_value=FIRST_DAY,
            max_value=LAST_DAY,
            key=_widget(key),
            on_change=_changed,
            args=[key],
            width=140,
        )
        found.append(chosen)
    return found[0], found[1]


def _day(text: str) -> date | None:
    try:
        return min(LAST_DAY, max(FIRST_DAY, date.fromisoformat(text)))
    except ValueError:
        return None


def _widget(key: str) -> str:
    return f"filter_{key}"


def _remembered(key: str) -> str:
    """The choice in the address; a page reached by a click has none there, but keeps that of the page before."""
    kept: dict[str, str] = st.session_state.setdefault("filters", {})
    if key in st.query_params:
        kept[key] = parameter(key)
    elif key in kept:
        st.query_params[key] = kept[key]
    return kept.get(key, "")


def _changed(key: str) -> None:
    """Write a choice into the address."""
    chosen = st.session_state[_widget(key)]
    st.session_state.setdefault("filters", {})[key] = str(chosen)
    st.query_params[key] = str(chosen)
    begin_anew()


def _say(filters: Filters) -> None:
    """What the eye cannot see: time zone, how far the data go, whether the period is over. Stops on a wrong one."""
    period = filters.period
    if period.empty:
        st.warning("The period ends before it starts: choose a later end.", icon=":material/event_busy:")
        st.stop()
    if period.future:
        st.warning("The period has not begun: there is nothing to count yet.", icon=":material/event_busy:")
        st.stop()
    known = filters.state.data_to
    parts = [
        f"{period.first:%d %b %Y} – {period.last - timedelta(days=1):%d %b %Y}",
        f"days of {plain(filters.state.timezone)}",
        f"data to {moment(known)}" if known else "not rolled up yet",
        f"source: {SOURCE_NAMES.get(filters.source, filters.source)}",
    ]
    if period.partial and filters.against:
        parts.append("the period is not over: compared are complete days only")
    st.caption(" · ".join(parts))
