"""The filter row of the metric pages. Its state is in the URL, so that a shared link shows the same page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st
from sqlalchemy import Connection

from dashboard import installation
from dashboard.clock import as_of, now
from dashboard.kit import first_use, narrowing, periods
from dashboard.kit.choices import changed, choice, currency_menu, widget_key
from dashboard.kit.periods import Period
from dashboard.text import ago, days, moment, plain
from dashboard.url import drop_unknown, parameter, replace_parameters, show_as
from ledger.desk import search
from ledger.metrics import METRICS, Selection, State, list_currencies, list_paid_currencies, rollup_state

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
    "own": "Custom range",
}
COMPARISON_NAMES = {
    "previous": "vs. previous period",
    "year": "vs. previous year",
    "none": "No comparison",
}
SOURCE_NAMES = {
    "live": "Live",
    "stripe_test": "Stripe test mode",
    "sandbox": "Sandbox",
    "demo": "Demo",
}
KEYS = ("period", "from", "to", "compare", "plan", "segment", "source", "currency", "at")
"""URL parameters of the filter row, besides attributes; links between the metric pages carry them."""
DAILY_UP_TO, WEEKLY_UP_TO = 31, 190  # days


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
    attributes: tuple[tuple[str, str], ...] = ()
    currency: str | None = None
    """Of every amount, where the source was paid in several; None where it was paid in one."""

    def of(self, period: Period) -> dict[str, Any]:
        """Return the arguments of `measure` and `rows` for another period with the same filters."""
        return {
            "start": period.start,
            "end": period.end,
            "as_of": self.as_of,
            "source": self.source,
            "plan": self.plan,
            "billing_cycle": self.billing_cycle,
            "attributes": self.attributes,
        }

    def of_metric(self, slug: str, period: Period | None = None) -> dict[str, Any]:
        """Return the arguments of `measure` for one metric, an amount in the currency of the page."""
        chosen = self.of(period or self.period)
        return {**chosen, "currency": self.currency} if METRICS[slug].unit == "cents" else chosen

    def rows_of(self, slug: str) -> dict[str, Any]:
        """Return the arguments of `rows` for one metric, as of the time to which the numbers go."""
        return {
            **self.of_metric(slug),
            "as_of": self.state.reach(self.as_of),
            "timezone": self.state.timezone,
        }

    @property
    def narrowed(self) -> bool:
        """Whether only some of the workspaces count."""
        return bool(self.plan or self.billing_cycle or self.attributes)

    @property
    def grain(self) -> str:
        """Return the step of charts over the period: day, week or month."""
        length = (self.period.last - self.period.first).days
        return "day" if length <= DAILY_UP_TO else "week" if length <= WEEKLY_UP_TO else "month"

    @property
    def selection(self) -> Selection:
        """Return the filters in the ledger's own words, as of the time to which the numbers go."""
        return Selection(**self.known, timezone=self.state.timezone)

    @property
    def chosen(self) -> dict[str, Any]:
        """Return the arguments of `measure` and `rows` for the period itself."""
        return self.of(self.period)

    @property
    def known(self) -> dict[str, Any]:
        """Return `chosen` as of the time to which the numbers go, so that rows and numbers are of one moment."""
        return {**self.chosen, "as_of": self.state.reach(self.as_of)}


def bar(db: Connection, *, period: str = "90d", amounts: bool = True) -> Filters:
    """Draw the filter row and return what is chosen. Stops the page when the period cannot be shown.

    `period`: that of a first visit. `amounts`: whether the page shows money in one currency.
    """
    state = rollup_state(db)
    sources = sorted(search.sources(db))
    with st.container(horizontal=True, vertical_alignment="center", key="filter_bar", gap="small"):
        name = choice("Period", PERIOD_NAMES, key="period", default=period, width=150)
        own = _own_period(state.timezone) if name == "own" else None
        how = choice("Compare", COMPARISON_NAMES, key="compare", default="previous", width=180)
        menus = [narrowing.of_plan(db), narrowing.of_cycle(), *narrowing.of_attributes(db)]
        chosen = narrowing.narrow(menus)
        source = default_source(sources)
        if len({*sources, source}) > 1:
            source = choice("Source", _names(sources), key="source", default=source, width=150)
        at = now()
        currency = _currency(db, source, state, at) if amounts else None
        if any(parameter(key) for key in _keys() if key != "at"):
            st.button("Reset", key="filter_reset", type="tertiary", on_click=_reset)
        span = periods.named(name, now=at, timezone=state.timezone, own=own)
        filters = Filters(
            span,
            periods.comparison(span, how),
            source,
            chosen.get("plan"),
            chosen.get("segment"),
            at,
            state,
            narrowing.attributes(chosen),
            currency,
        )
        _freshness(filters)
    _check(filters.period)
    if not sources:
        first_use.checklist(db)
        if not (parameter("about") or parameter("rows")):  # an address that names a number still opens it
            st.stop()
    return filters


def default_source(sources: list[str]) -> str:
    """Return the mode's own source; in a demo database that of the demo."""
    mode = installation.settings().mode
    return "demo" if "demo" in sources and "live" not in sources else mode


def currencies_to_choose(db: Connection, source: str, state: State, at: datetime) -> list[str]:
    """Return the currencies of a source's payments, the one of most payments first; none without a choice."""
    if len(list_currencies(db)) == 1:
        return []
    paid = list_paid_currencies(db, source, state, as_of=at)
    return paid if len(paid) > 1 else []


def _currency(db: Connection, source: str, state: State, at: datetime) -> str | None:
    """Return the currency of the page's amounts; draw the choice among several."""
    known = currencies_to_choose(db, source, state, at)
    if not known:
        if parameter("currency"):
            drop_unknown("currency", "Currency")
        return None
    return currency_menu(known, shows="the page shows those of one.")


def _names(sources: list[str]) -> Mapping[str, str]:
    shown = sorted({*sources, default_source(sources)})
    return {source: SOURCE_NAMES.get(source, source) for source in shown}


def _own_period(timezone: str) -> tuple[date, date]:
    today = now().astimezone(ZoneInfo(timezone)).date()
    days = []
    for key, label, default in (("from", "From", today - timedelta(days=89)), ("to", "To", today)):
        chosen = _day(parameter(key)) or default
        show_as(widget_key(key), chosen)
        st.date_input(
            label,
            chosen,
            min_value=FIRST_DAY,
            max_value=LAST_DAY,
            key=widget_key(key),
            on_change=changed,
            args=[key, widget_key(key)],
            width=130,
            label_visibility="collapsed",
        )
        days.append(chosen)
    return days[0], days[1]


def _day(text: str) -> date | None:
    try:
        return min(LAST_DAY, max(FIRST_DAY, date.fromisoformat(text)))
    except ValueError:
        return None


def _reset() -> None:
    """Go back to the filters of a first visit."""
    replace_parameters(**{key: "" for key in _keys() if key != "at"})


def carried() -> dict[str, str]:
    """Return the filters of this address, for links to the other metric pages."""
    return {key: parameter(key) for key in _keys() if parameter(key)}


def _keys() -> list[str]:
    return [*KEYS, *narrowing.attributes_in_address()]


def _freshness(filters: Filters) -> None:
    """Draw how fresh the numbers are; hovering shows exactly what the page counts."""
    known, period = filters.state.data_to, filters.period
    parts = [
        "" if period.empty else days(period.first, period.last - timedelta(days=1)),
        f"days of {plain(filters.state.timezone)}",
        f"data to {moment(known)}" if known else "no daily sums yet",
        f"source: {SOURCE_NAMES.get(filters.source, filters.source)}",
        "today is excluded from the comparison" if period.partial and filters.against else "",
    ]
    if not known:
        shown = "Not computed yet"
    else:  # the header already says of which moment a past reading is
        shown = ":material/schedule:" if as_of() else f"Updated {ago(known, filters.as_of)}"
    st.caption(shown, help=" · ".join(part for part in parts if part), width="content")


def _check(period: Period) -> None:
    """Stop the page on a period that cannot be counted, and say why."""
    if period.empty:
        st.warning("The period ends before it starts. Choose a later end.", icon=":material/event_busy:")
        st.stop()
    if period.future:
        st.warning("This period hasn't started yet.", icon=":material/event_busy:")
        st.stop()
