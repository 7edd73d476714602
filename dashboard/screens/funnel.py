"""The funnel of the Conversion page: where workspaces that hit the limit drop off."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import url
from dashboard.kit import charts, pictures, tables, template
from dashboard.kit.figures import Figures
from dashboard.text import percent
from ledger.metrics import TOO_FEW, AlertLevel, Funnel, alert_levels, conversion_funnel

HEIGHT = 230


def show(figures: Figures) -> None:
    """Draw the funnel of the period, and how to report a missing step."""
    result = conversion_funnel(figures.db, figures.filters.selection)
    if not result.hit:
        return
    template.section("From the limit to a purchase")
    steps = named(result)
    charts.show(
        pictures.funnel(steps),
        key="funnel",
        alt=sentence(steps),
        height=HEIGHT,
        on_choose=lambda _step: open_rows(),
    )
    if not result.offered:
        st.caption(
            "Offers are not reported yet: call [POST /api/extra-minutes/offer-seen](/api/docs) when the offer opens."
        )


def open_rows() -> None:
    """Open the workspaces behind the funnel, those that bought and those that did not."""
    url.replace_parameters(rows="conversion", about="", about_tab="", rows_page="")


def show_levels(figures: Figures) -> None:
    """Draw who bought after each alert level of the period."""
    levels = alert_levels(figures.db, figures.filters.selection)
    if not levels:
        return
    template.section("From each alert to a purchase")
    st.caption(
        "Alerts at least 14 days old, how many led to a purchase within 14 days, and how many to a purchase before "
        "the next level."
    )
    tables.show(
        level_frame(levels),
        key="alert_levels",
        file_name="alert-levels.csv",
        columns={
            "level": tables.text("Minutes used"),
            "reached": tables.whole("Alerts"),
            "bought": tables.whole("Bought within 14 days"),
            "share": tables.text("Share", alignment="right"),
            "bought_before_next": tables.whole("Bought before the next level"),
        },
    )


def level_frame(levels: Sequence[AlertLevel]) -> pd.DataFrame:
    """Return a line for each level; few alerts are counts, not shares."""
    return pd.DataFrame(
        [
            {
                "level": percent(each.percent_used, 0),
                "reached": each.reached,
                "bought": each.bought,
                "share": percent(100 * each.bought / each.reached) if each.reached >= TOO_FEW else "",
                "bought_before_next": each.bought_before_next,
            }
            for each in levels
        ]
    )


def named(result: Funnel) -> list[tuple[str, int | None]]:
    """Return the steps by name; None for alerts and offers that were never reported."""
    return [
        ("Limit hit", result.hit),
        ("Alert delivered", result.alerted or None),
        ("Offer seen", result.offered or None),
        ("Purchase begun", result.begun),
        ("Paid within 14 days", result.paid),
    ]


def sentence(steps: Sequence[tuple[str, int | None]]) -> str:
    """Return the funnel as text for screen readers."""
    whole = steps[0][1] or 1
    return ", ".join(
        f"{name}: {'not reported' if n is None else percent(100 * n / whole)}" for name, n in steps
    )
