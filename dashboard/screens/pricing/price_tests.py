"""Price test planning: limit hits, days, and arms; and the results of past arms."""

from collections.abc import Sequence
from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboard import installation
from dashboard.access import Operator, operator_or_nobody
from dashboard.actions.rehearsals import save_design
from dashboard.kit import exports, forms, tables
from dashboard.kit.choices import value_between
from dashboard.screens.pricing import arms as readback
from dashboard.text import decimal, minus, problem
from ledger.experiments import Design, design_test, elasticity_error
from ledger.payments import STANDARD
from ledger.pricing import PricingRefused, Question, Snapshot, TestDesign, list_designs

RECENT = timedelta(days=90)


def show(taken: Snapshot, question: Question, staff: Operator) -> None:
    """Draw the planner, the assignment, saved designs, and past arms."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        change = value_between("Price change in the test arm (%)", -40, 40, 15, key="change", step=5)
        power = value_between("Power (%)", 50, 95, 80, key="power", step=5)
        name = forms.text_field("Test name", key="pt_name", max_chars=64, placeholder="packages-up-15")
    try:
        design = _design(taken, question, 1 + change / 100, power / 100)
    except PricingRefused as refused:
        right.warning(problem(refused))
        return
    arms = (STANDARD, f"prices-{'up' if change > 0 else 'down'}-{abs(change)}")
    with right:
        _numbers(taken, question, design, 1 + change / 100)
        _assignment(taken, name or "test", arms)
        if staff.may("use_pricing"):
            st.button("Save design", key="pt_keep", on_click=_save_design, args=[arms, design, change])
        forms.report()
    with installation.reading() as connection:
        designs = list_designs(connection)
    readback.show(taken, int(designs[0].design.get("hits_per_arm", 0)) if designs else design.hits_per_arm)
    _saved(designs)


def _design(taken: Snapshot, question: Question, factor: float, power: float) -> Design:
    since = taken.data_to - RECENT
    recent = sum(month.hits for month in taken.months if month.month >= since)
    first = min((m.month for m in taken.months if m.month >= since), default=taken.data_to)
    days = max((taken.data_to - first).total_seconds() / 86400, 1.0)
    return design_test(
        taken.choices, factor, elasticity_=question.belief.mean, hits_per_day=recent / days, power=power
    )


def _numbers(taken: Snapshot, question: Question, design: Design, factor: float) -> None:
    hits, days, error = st.columns(3)
    hits.metric(
        "Limit hits in each arm",
        decimal(design.hits_per_arm),
        help="Needed to detect the effect with this power.",
        border=True,
    )
    days.metric(
        "Days at today's rate",
        decimal(design.days) if design.days else "never: no limit hits",
        help="At the rate of the last 90 days, for all arms together.",
        border=True,
    )
    learned = elasticity_error(
        taken.choices, (1.0, factor), elasticity_=question.belief.mean, hits_per_arm=design.hits_per_arm
    )
    error.metric(
        "Elasticity measured to ±",
        f"{learned:.2f}",
        help="Standard error of the elasticity that this test would measure.",
        border=True,
    )
    st.caption(
        (
            "Conversion {now:.1f}% vs. {then:.1f}% if the elasticity is {e}; two-sided test at 5%."
            " Repeat hits by one workspace are correlated: {alike:.1f} of them count as one independent hit."
        ).format(
            now=100 * design.conversion,
            then=100 * design.expected,
            e=minus(f"{question.belief.mean:.2f}"),
            alike=design.alike,
        )
    )


def _assignment(taken: Snapshot, test: str, arms: tuple[str, ...]) -> None:
    """Draw the download of arms: a hash of test and workspace, as the HTTP interface returns it."""
    exports.download_test_arms(test, arms, taken.history.workspace_ids, key="pt_csv")
    st.caption(
        "A workspace's id determines its arm. While the test runs, "
        "`GET /api/extra-minutes/packages?workspace_id=` returns the offer of the arm; "
        "control workspaces of a hold-out (Retention page) see no offer."
    )


def _save_design(arms: tuple[str, ...], design: Design, change: int) -> None:
    """Handle the click on "Save design": save the design on the screen under the name in the field."""
    operator, name = operator_or_nobody(), st.session_state["pt_name"]
    planned = {
        "change_percent": change,
        "hits_per_arm": design.hits_per_arm,
        "days": design.days,
        "conversion": design.conversion,
        "expected": design.expected,
        "power": design.power,
    }
    forms.carry_out(
        "pt_design",
        lambda: save_design(operator, name, arms, planned, note="", key=forms.key_of("pt_design")),
        clear=("pt_name",),
        fields={"wrong_price_test": "pt_name"},
    )


def _saved(designs: Sequence[TestDesign]) -> None:
    frame = pd.DataFrame({
        "test": [d.test for d in designs],
        "arms": [", ".join(d.arms) for d in designs],
        "hits": [d.design.get("hits_per_arm", 0) for d in designs],
        "days": [d.design.get("days") for d in designs],
        "author": [d.author for d in designs],
        "at": [d.at for d in designs],
    })  # fmt: skip
    tables.show(
        frame,
        key="pt_saved",
        file_name="price-test-designs.csv",
        columns={
            "test": tables.text("Test"),
            "arms": tables.text("Arms"),
            "hits": tables.whole("Limit hits in each arm"),
            "days": tables.whole("Days"),
            "author": tables.text("Author"),
            "at": tables.when("Saved"),
        },
        empty="No designs saved yet.",
    )
