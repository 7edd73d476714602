"""The funnel of the Conversion page: where workspaces that hit the limit are lost."""

from collections.abc import Sequence

import streamlit as st

from dashboard import url
from dashboard.kit import charts, pictures, template
from dashboard.kit.figures import Figures
from dashboard.text import percent
from ledger.metrics import Funnel, conversion_funnel

HEIGHT = 230


def show(figures: Figures) -> None:
    """Draw the funnel of the period, and what to do about a step that nobody reports."""
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


def named(result: Funnel) -> list[tuple[str, int | None]]:
    """Return the steps by name; None for alerts and offers of which none at all is known."""
    return [
        ("Limit hit", result.hit),
        ("Alert delivered", result.alerted or None),
        ("Offer seen", result.offered or None),
        ("Purchase begun", result.begun),
        ("Paid within 14 days", result.paid),
    ]


def sentence(steps: Sequence[tuple[str, int | None]]) -> str:
    """Return the funnel in words, for those who do not see it."""
    whole = steps[0][1] or 1
    return ", ".join(
        f"{name}: {'not reported' if n is None else percent(100 * n / whole)}" for name, n in steps
    )
