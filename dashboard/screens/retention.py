"""Retention: how buying relates to staying, by the strongest available method, and why simpler ones mislead."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from dashboard.kit import charts, pictures, tables, template, tiles
from dashboard.kit.figures import Figures
from dashboard.kit.filters import Filters
from dashboard.kit.periods import Period
from dashboard.text import decimal, percent, percent_range, signed
from ledger.metrics import METRICS, Measure, fit_at_once, stored_fit

EXPERIMENTS = ("hold-out", "launch comparison")
COX = "Cox model"
NAMES: Mapping[str, str] = {
    "hold-out": "Hold-out experiment",
    "launch comparison": "Before and after the launch",
    "Cox model": "Adjusted comparison over time (Cox model)",
    "matched pairs": "Matched pairs",
}
A_YEAR = timedelta(days=365)
NOT_PROOF = "An association, not proof. Run a hold-out to know."


def answer(
    basis: str | None, value: float | None, low: float | None, high: float | None, lacking: str = ""
) -> str:
    """Return how buying relates to staying, in one sentence; only an experiment may claim an effect."""
    if basis is None or value is None or low is None or high is None:
        because = f": {lacking}" if lacking else ""
        return f"**Not enough data yet** to compare buyers with others{because}."
    clear = low > 0 or high < 0
    if basis == COX:
        way = "less" if value > 0 else "more"
        said = f"Buyers cancel **{percent(abs(value), 0)} {way} often** ({_sorted_range(low, high, flip=value < 0)})"
        return (
            f"{said}. {NOT_PROOF}"
            if clear
            else f"No clear difference: {said[0].lower()}{said[1:]}. {NOT_PROOF}"
        )
    band = f"({signed(low, 1)} to {signed(high, 1)} pp)"
    if basis in EXPERIMENTS:
        verb = "raises" if value > 0 else "lowers"
        if not clear:
            return f"**No clear effect**: the offer changes 90-day retention by {signed(value, 1)} pp {band}."
        return f"The offer **{verb} 90-day retention by {decimal(abs(value), 1)} pp** {band}."
    said = f"buyers' 90-day retention is **{decimal(abs(value), 1)} pp {'higher' if value > 0 else 'lower'}** {band}"
    return (
        f"{said[0].upper()}{said[1:]}. {NOT_PROOF}" if clear else f"No clear difference: {said}. {NOT_PROOF}"
    )


def _sorted_range(low: float, high: float, *, flip: bool) -> str:
    if low < 0 < high:
        return f"{signed(-high if flip else low)} to {signed(-low if flip else high)}%"
    return _whole_range(*((-high, -low) if flip else (low, high)))


def _whole_range(low: float, high: float) -> str:
    return f"{decimal(low)}–{percent(high, 0)}"


def face(measured: Measure) -> tuple[str, str]:
    """Return the number of the tile with its unit, and the line below with its certainty."""
    if measured.value is None or measured.low is None or measured.high is None:
        return "–", tiles.CALCULATING if measured.awaits_estimate else "Not enough data"
    if measured.basis == COX:
        way = "fewer" if measured.value > 0 else "more"
        band = _sorted_range(measured.low, measured.high, flip=measured.value < 0)
        return (
            f"{percent(abs(measured.value), 0)} {way}",
            f"cancellations by buyers, {band}. An association, not proof",
        )
    kind = "measured" if measured.basis in EXPERIMENTS else "an association, not proof"
    band = percent_range(measured.low, measured.high)
    return f"{signed(measured.value, 1)} pp", f"of 90-day retention, {band}, {kind}"


def of_twelve_months(figures: Figures) -> Measure:
    """Return the estimate over twelve months, whatever the page's period: a shorter one cannot answer."""
    return figures.of("retention-effect", period=twelve_months(figures.filters))


def twelve_months(filters: Filters) -> Period:
    """Return the twelve months that end with the page's period."""
    period = filters.period
    last = min(period.last, period.today + timedelta(days=1))
    return Period(last - A_YEAR, last, period.today, period.timezone)


def estimates(db: Connection, filters: Filters) -> Mapping[str, Any] | None:
    """Return the stored estimate of this period with all its methods; None while the worker has not made it."""
    metric, chosen = METRICS["retention-effect"], filters.selection
    return stored_fit(db, metric, chosen) or fit_at_once(db, metric, chosen)


def sentence(figures: Figures) -> str:
    """Return the answer over the twelve months that end with the period."""
    estimate = of_twelve_months(figures)
    return answer(estimate.basis, estimate.value, estimate.low, estimate.high, estimate.reason or "")


def headline(result: Mapping[str, Any] | None) -> None:
    """Draw the answer."""
    if result is None:
        template.answer("**Calculating…** This page updates by itself.")
        return
    lacking = next((design["reason"] for design in reversed(result["levels"]) if design["reason"]), "")
    template.answer(answer(result["basis"], result["value"], result["low"], result["high"], lacking))


def methods(result: Mapping[str, Any]) -> None:
    """Draw each method with its estimate, or why it is not available; the strongest available one gives the answer."""
    template.section("How we estimated this")
    st.caption("Strongest available method first. Only an experiment may be called an effect.")
    designs: Sequence[Mapping[str, Any]] = result["levels"]
    tables.show_words(
        {
            "Method": [NAMES.get(design["level"], design["level"]) for design in designs],
            "Shows": ["Effect" if design["level"] in EXPERIMENTS else "Association" for design in designs],
            "Estimate": [estimate(design) for design in designs],
            "Workspaces": [decimal(design["n"]) for design in designs],
            "Not available because": [(design["reason"] or "").capitalize() for design in designs],
        },
        key="methods",
        file_name="retention-methods.csv",
    )
    _doubts(designs)
    balance = next((design.get("balance") for design in designs if design.get("balance")), None)
    if balance:
        with st.expander("Balance of the matched pairs"):
            tables.show_words(
                {
                    "Before the limit hit": [line[0] for line in balance],
                    "Difference in SD, all": [f"{line[1]:.2f}" for line in balance],
                    "Difference in SD, matched": [f"{line[2]:.2f}" for line in balance],
                },
                key="balance",
                file_name="matched-pairs.csv",
            )


def _doubts(designs: Sequence[Mapping[str, Any]]) -> None:
    """Draw the sensitivity to an unknown cause, and to counting buyers only some days later."""
    associated = next((design for design in designs if design.get("why_not_an_effect")), None)
    if associated is None:
        return
    st.caption(associated["why_not_an_effect"])
    lines = associated.get("sensitivity") or []
    if lines:
        st.caption(
            "Customers who plan to leave stop buying first, so buyers count as buyers only some days later:"
        )
        tables.show_words(
            {
                "Days after the purchase": [decimal(line["lag_days"]) for line in lines],
                "Change in cancellations": [_change_in_cancellations(line) for line in lines],
            },
            key="sensitivity",
            file_name="retention-sensitivity.csv",
        )


def estimate(design: Mapping[str, Any]) -> str:
    """Return an estimate with its interval and its unit."""
    if design["value"] is None:
        return "–"
    if design["level"] == COX:
        return _change_in_cancellations(design, " cancellations")
    band = f"({signed(design['low'], 1)} to {signed(design['high'], 1)})"
    return f"{signed(design['value'], 1)} pp of 90-day retention {band}"


def _change_in_cancellations(design: Mapping[str, Any], unit: str = "") -> str:
    """Return the change with its interval. The model says how many percent fewer: fewer has a minus here."""
    value, high, low = (signed(-design[name]) for name in ("value", "low", "high"))
    return f"{value}%{unit} ({low} to {high}%)"


def curves(result: Mapping[str, Any]) -> None:
    """Draw the share still a customer after the first limit hit, and the event study if a launch is marked."""
    left, right = st.columns(2)
    with left:
        template.section("Still a customer after the first limit hit")
        if result["staying"]:
            charts.show(
                pictures.steps(result["staying"], title="still a customer"),
                key="staying",
                alt="Share still a customer by days since the first limit hit",
            )
        else:
            st.info("No limit hits in this period.")
    with right:
        template.section("Before and after the launch")
        if result["event_study"]:
            charts.show(
                pictures.dots(result["event_study"], label="lead of those who hit the limit, pp"),
                key="event_study",
                alt="Lead of those who hit the limit over those who nearly did, by 30 days around the launch",
            )
        else:
            st.info("No launch marked yet. Add a note of kind Launch under About this number.")


def why_not(result: Mapping[str, Any]) -> None:
    """Draw the naive comparison and why it misleads."""
    naive = result["naive"]
    with st.expander("Why not simply compare buyers with others?"):
        st.markdown(
            "Workspaces that stay longer have more time to buy, so buyers look loyal even when buying changes nothing: "
            "in a simulation **without any effect**, this comparison shows 85% against 40%. "
            "Engaged workspaces also both buy and stay."
        )
        if naive["buyers"] is not None and naive["others"] is not None:
            st.caption(
                f"Naive 90-day retention here, biased upwards: buyers {percent(naive['buyers'])} of "
                f"{decimal(naive['n_buyers'])}, others {percent(naive['others'])} of {decimal(naive['n_others'])}."
            )
