"""Retention: the ladder of designs, what each says, and why the usual comparison is not on it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from dashboard.kit import charts
from dashboard.kit.filters import Filters
from dashboard.screens.hold_outs import effect
from ledger.metrics import METRICS
from ledger.metrics.fits import fit_at_once, stored_fit


def found(db: Connection, filters: Filters) -> Mapping[str, Any] | None:
    """The stored ladder of this period; None while the worker has not climbed it."""
    metric, chosen = METRICS["retention-effect"], filters.selection
    return stored_fit(db, metric, chosen) or fit_at_once(db, metric, chosen)


def ladder(result: Mapping[str, Any]) -> None:
    """Each rung with its effect and interval, or the reason why it does not stand."""
    st.subheader("The ladder: the highest rung that stands is the answer", anchor=False)
    rungs = result["rungs"]
    st.table(
        {
            "Rung": [f"{i} · {rung['rung']}" for i, rung in enumerate(rungs, start=1)],
            "Effect": [effect(rung) for rung in rungs],
            "n": [f"{rung['n']:,}" for rung in rungs],
            "Why not": [rung["reason"] or "" for rung in rungs],
        },
        border="horizontal",
    )
    st.caption(
        "Hold-out, difference-in-differences and landmark: percentage points of 90-day retention. "
        "Cox model: percent fewer departures."
    )
    balance = next((rung.get("balance") for rung in rungs if rung.get("balance")), None)
    if balance:
        with st.expander("Balance of the matched pairs"):
            st.table(
                {
                    "Before the hit": [line[0] for line in balance],
                    "Difference in SD, all": [f"{line[1]:.2f}" for line in balance],
                    "Difference in SD, matched": [f"{line[2]:.2f}" for line in balance],
                },
                border="horizontal",
            )


def curves(result: Mapping[str, Any]) -> None:
    """Who is still there after the first limit hit; the event study where a launch is marked."""
    left, right = st.columns(2)
    with left:
        st.subheader("Still there after the first limit hit", anchor=False)
        if result["staying"]:
            charts.show(
                charts.steps(result["staying"], title="still there"),
                key="staying",
                alt="Share still there",
            )
        else:
            st.info("No limit hits in this period.")
    with right:
        st.subheader("Before and after the launch", anchor=False)
        if result["event_study"]:
            charts.show(
                charts.dots(result["event_study"], label="hitters' lead, points"),
                key="event_study",
                alt="Lead of hitters over near-hitters by 30 days around the launch",
            )
        else:
            st.info("No launch is marked: add an annotation of kind launch.")


def why_not(result: Mapping[str, Any]) -> None:
    """The naive comparison, with what is wrong about it."""
    naive = result["naive"]
    with st.expander("Why not simply compare buyers with others?"):
        st.markdown(
            "Who stays longer has more time to buy, so buyers look loyal even when buying does nothing: "
            "in a simulated world **without any effect** this comparison shows 85 % against 40 %. "
            "And engaged workspaces both buy and stay."
        )
        if naive["buyers"] is not None and naive["others"] is not None:
            st.caption(
                (
                    "Naive 90-day retention here, biased upwards: "
                    "buyers {b:.1f} % of {nb:,}, others {o:.1f} % of {no:,}."
                ).format(b=naive["buyers"], nb=naive["n_buyers"], o=naive["others"], no=naive["n_others"])
            )
