"""Certainty of the answer, its drivers, and who gains or loses; refined while the page is open."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.access import Operator
from dashboard.kit import awaited, tables, template
from dashboard.screens.pricing import facts, pictures
from dashboard.screens.pricing.answer import OUTPUTS, TILE_WIDTH, change, short
from dashboard.screens.pricing.runs import Run, begun
from dashboard.text import counted, decimal, minus, money, plain
from ledger.money import units_of
from ledger.pricing import (
    Change,
    Comparison,
    PricingRefused,
    Question,
    Snapshot,
    biggest_changes,
    changed_bills,
    revenue_after_leaving,
)

EVERY = 2.0  # seconds


def refine(taken: Snapshot, question: Question) -> Run | None:
    """Return the run that refines this question: the current one, or a new one; an older question is stopped."""
    if run := begun(taken, question):
        return run
    if older := st.session_state.get("pr_run"):
        older.stop()
    try:
        part = facts.part_of(taken, question).sampled()
    except PricingRefused:
        return None
    run = Run(part, question).start()
    st.session_state["pr_run"], st.session_state["pr_run_on"] = run, taken.fingerprint
    return run


@st.fragment(run_every=EVERY)
def show(taken: Snapshot, staff: Operator) -> None:
    """Draw the comparison of the current question as far as its run has come."""
    question: Question | None = st.session_state.get("pr_question")
    run = refine(taken, question) if question else None
    if run is None:
        return
    if run.finished.is_set() and st.session_state.get("pr_shown") is not run:
        st.session_state["pr_shown"] = run
        awaited.update_page()  # the cards above have been one draw until now
    _progress(run)
    if run.problem:
        st.error(plain(run.problem))
    if run.comparison is None or run.question.tariff == taken.tariff:
        return
    _bands(run, taken.currency)
    _hangs_on(run, taken.currency)
    _gains_and_losses(run.comparison, taken.currency, staff)


def _progress(run: Run) -> None:
    left, right = st.columns([5, 1], vertical_alignment="center")
    if run.is_running:
        left.progress(run.done / run.draws, text=f"{run.done} of {run.draws} draws")
        right.button("Cancel", key="pr_cancel", on_click=run.stop, icon=":material/cancel:")
    else:
        left.caption(
            "{ended} {draws} over {workspaces}{sample}.".format(
                ended="Stopped after" if run.canceled.is_set() else "From",
                draws=counted(run.done, "{n} draw", "{n} draws"),
                workspaces=counted(run.lab.history.size, "{n} workspace", "{n} workspaces"),
                sample=f", each representing {run.lab.scale:.1f}" if run.lab.scale > 1 else "",
            )
        )


def _bands(run: Run, currency: str) -> None:
    comparison = run.comparison
    if comparison is None:
        return
    _headline(run, comparison, currency)
    if run.question.churn_uplift:
        left = revenue_after_leaving(comparison, run.question.churn_uplift) - revenue_after_leaving(
            comparison, 0
        )
        st.caption(
            f"With {100 * run.question.churn_uplift:.0f}% churn per 10% higher bill, "
            f"revenue is another {plain(money(round(abs(left) * run.lab.scale), currency))} lower."
        )
    rows = [(label, *comparison.band(name)[::2]) for name, label, *_rest in OUTPUTS]
    st.plotly_chart(
        pictures.changes(rows), key="pr_changes", config={"displaylogo": False},
        alt="Change of each output vs. the baseline, with its 90% range",
    )  # fmt: skip


def _headline(run: Run, comparison: Comparison, currency: str) -> None:
    revenue = comparison.band("revenue")[2]
    waiting = "…" if run.is_running else "none"
    low, high = (change(end, "cents", currency) for end in (revenue.low, revenue.high))
    even, churn = run.even_elasticity, run.even_churn
    cards = (
        ("Chance revenue increases", f"{100 * comparison.chance_up:.0f}%", "Share of draws."),
        (
            "Change in revenue",
            ("+" if revenue.middle >= 0 else "") + short(revenue.middle, "cents", currency),
            f"90% of draws: {low} to {high}",
        ),
        (
            "Break-even elasticity",
            waiting if even is None else minus(f"{even:.2f}"),
            "The elasticity at which revenue stays the same. None: revenue rises, or falls, at every elasticity.",
        ),
        (
            "Break-even churn",
            waiting if churn is None else f"{100 * churn:.1f}%",
            "Churn per 10% higher bill that cancels the gain. None: there is no gain.",
        ),
    )
    with st.container(horizontal=True):
        for label, value, meaning in cards:
            st.metric(label, value, help=meaning, border=True, width=TILE_WIDTH)


def _hangs_on(run: Run, currency: str) -> None:
    template.section("What drives the result")
    if not run.swings or run.comparison is None:
        st.caption(
            "Available when all draws are done." if run.is_running else "Not computed: the run was stopped."
        )
        return
    st.plotly_chart(
        pictures.tornado(run.swings, currency), key="pr_tornado", config={"displaylogo": False},
        alt="Change of revenue with one assumption at a time at its low and high end",
    )  # fmt: skip
    st.caption("One assumption moved at a time.")


def _gains_and_losses(comparison: Comparison, currency: str, staff: Operator) -> None:
    template.section("Who pays more and who pays less")
    changed = changed_bills(comparison)
    if not changed.size:
        st.caption("Nobody's bill changes.")
        return
    st.plotly_chart(
        pictures.bills(changed, currency), key="pr_bills", config={"displaylogo": False},
        alt="How many workspaces pay how much more or less",
    )  # fmt: skip
    st.caption(
        f"{decimal(int((changed < 0).sum()))} pay less, {decimal(int((changed > 0).sum()))} pay more, "
        f"{decimal(len(comparison.workspace_ids) - changed.size)} the same (mean of the draws, whole "
        "history)"
    )
    falls, rises = biggest_changes(comparison)
    for column, title, rows, key in zip(
        st.columns(2), ("Pay less", "Pay more"), (falls, rises), ("falls", "rises"), strict=True
    ):
        with column:
            st.markdown(f"**{title}**")
            _changes(rows, currency, staff, key)


def _changes(rows: Sequence[Change], currency: str, staff: Operator, key: str) -> None:
    linked = staff.may("view_workspaces")
    frame = pd.DataFrame({
        "workspace": [f"/workspace?id={r.workspace_id}" if linked else r.workspace_id for r in rows],
        "base": [float(units_of(r.base_cents, currency)) for r in rows],
        "scenario": [float(units_of(r.scenario_cents, currency)) for r in rows],
        "change": [float(units_of(r.change_cents, currency)) for r in rows],
    })  # fmt: skip
    name = "Workspace"
    columns = {
        "workspace": st.column_config.LinkColumn(name, display_text=r"id=(.*)")
        if linked
        else tables.text(name),
        "base": tables.amounts(f"Now ({currency.upper()})", currency),
        "scenario": tables.amounts("Then", currency),
        "change": tables.amounts("Change", currency),
    }
    tables.show(frame, key=f"pr_{key}", columns=columns, empty="None.", file_name=f"{key}.csv")
