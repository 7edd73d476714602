"""Saved scenarios: the list, up to four side by side, and a rerun on today's data."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import installation, navigation
from dashboard.access import Operator, operator_or_nobody
from dashboard.kit import tables, template
from dashboard.screens.pricing import facts, report, results
from dashboard.text import counted, day, percent, plain, problem
from ledger.pricing import (
    MOST_COMPARED,
    Comparison,
    PricingRefused,
    Scenario,
    Snapshot,
    code_version,
    compare,
    get_scenario,
    list_scenarios,
)

DRAWS = 200
EVEN = 0.5
QUARTER = 222  # pixels: four stand beside each other on a desk, one on a phone


def saved() -> list[Scenario]:
    """Return every scenario in its latest version."""
    with installation.reading() as connection:
        return list_scenarios(connection)


def answer(scenarios: Sequence[Scenario]) -> str:
    """Return which scenario most probably increases revenue."""
    if not scenarios:
        return "**No saved scenarios yet**. Try a price on the Pricing page and save it."
    best = max(scenarios, key=_chance)
    count = counted(len(scenarios), "{n} scenario", "{n} scenarios")
    if _chance(best) <= EVEN:
        return f"**{count}**; none is likely to increase revenue."
    return f"**{count}**. Most likely to increase revenue: **{plain(best.name)}** ({percent(100 * _chance(best))})."


def _chance(scenario: Scenario) -> float:
    return float(scenario.results.get("chance_up", 0))


def listed(scenarios: Sequence[Scenario]) -> None:
    """Draw the list of scenarios; choosing rows compares them."""
    frame = pd.DataFrame({
        "name": [s.name for s in scenarios],
        "version": [s.version for s in scenarios],
        "currency": [s.question.tariff.currency.upper() for s in scenarios],
        "revenue": [percent(100 * _chance(s)) for s in scenarios],
        "author": [s.author for s in scenarios],
        "at": [s.at for s in scenarios],
        "link": [f"/scenario?scenario={s.scenario_id}" for s in scenarios],
    })  # fmt: skip
    chosen = tables.show(
        frame,
        key="sc_list",
        file_name="scenarios.csv",
        columns={
            "name": tables.text("Scenario"),
            "version": tables.whole("Version"),
            "currency": tables.text("Currency"),
            "revenue": tables.text("Chance revenue increases", alignment="right"),
            "author": tables.text("Author"),
            "at": tables.when("Saved"),
            "link": st.column_config.LinkColumn("Link", display_text="open"),
        },
        empty="No saved scenarios yet. Save one on the Pricing page.",
        on_select="rerun",
        selection_mode="multi-row",
    )
    if chosen is None and operator_or_nobody().may("use_pricing"):
        st.page_link(navigation.address("pricing"), label="Open Pricing", icon=":material/sell:")
    rows = chosen.selection.rows[:MOST_COMPARED] if chosen is not None else []
    if rows:
        ids = ",".join(str(scenarios[row].scenario_id) for row in rows)
        st.page_link(
            "../pages/scenario.py",
            label=f"Side by side ({len(rows)})",
            query_params={"scenario": ids},
            icon=":material/compare:",
        )


def linked() -> list[Scenario]:
    """Return the scenarios of `?scenario=a,b`, at most four; warn about unknown ones."""
    wanted = [part for part in st.query_params.get("scenario", "").split(",") if part.strip()]
    scenarios: list[Scenario] = []
    with installation.reading() as connection:
        for part in wanted[:MOST_COMPARED]:
            try:
                scenarios.append(get_scenario(connection, part.strip()))
            except PricingRefused as refused:
                st.warning(problem(refused))
    if len(wanted) > MOST_COMPARED:
        st.caption(f"At most {MOST_COMPARED} are shown side by side.")
    return scenarios


def compared(scenarios: list[Scenario]) -> None:
    """Draw outputs and parameters side by side, as a table, CSV and PDF."""
    _as_named(results.side_by_side(scenarios), key="sc_outputs", width_each=QUARTER)
    st.caption(
        "Value (change vs. the replayed baseline; 90% range), as computed when it was saved."
        " Shares change in percentage points."
    )
    _as_named(results.parameters(scenarios), key="sc_parameters")
    with st.container(horizontal=True):
        tables.download_button("CSV", lambda: report.csv(scenarios), "scenarios.csv", key="sc_csv")
        st.download_button(
            "PDF", lambda: report.pdf(scenarios), "scenarios.pdf", "application/pdf", key="sc_pdf",
            icon=":material/picture_as_pdf:", on_click="ignore",
        )  # fmt: skip


def _as_named(frame: pd.DataFrame, *, key: str, width_each: int | None = None) -> None:
    """Draw the whole table, under the names that people gave. `width_each`: pixels of a scenario's column."""
    first, *scenarios = frame.columns
    columns = {first: tables.text(first), **{name: tables.text(name, width=width_each) for name in scenarios}}
    tables.show(frame, key=key, file_name=None, columns=columns, height="content")


def rerun_on_today(scenarios: list[Scenario], staff: Operator) -> None:
    """Draw a button for each scenario that recomputes it and shows the drift; nothing is overwritten."""
    template.section("On today's data")
    for scenario in scenarios:
        left, middle, right = st.columns([4, 2, 2], vertical_alignment="center")
        left.markdown(f"**{plain(scenario.name)}** v{scenario.version}")
        key = f"sc_again_{scenario.scenario_id}"
        if middle.button("Run again", key=key, icon=":material/replay:"):
            st.session_state["sc_again"] = str(scenario.scenario_id)
        if staff.may("use_pricing"):
            right.page_link(
                "../pages/pricing.py",
                label="Open in the lab",
                query_params={
                    "scenario": str(scenario.scenario_id),
                    "currency": scenario.question.tariff.currency,
                },
                icon=":material/science:",
            )
        if st.session_state.get("sc_again") == str(scenario.scenario_id):
            _drift(scenario)


def _drift(scenario: Scenario) -> None:
    taken = facts.snapshot(scenario.question.tariff.currency)
    try:
        again = _again(taken, scenario)
    except PricingRefused as refused:
        st.error(problem(refused))
        return
    tables.show(results.drift(scenario, again), key=f"sc_drift_{scenario.scenario_id}", file_name="drift.csv")
    same_code = scenario.code_version == code_version()
    same_data = scenario.snapshot.get("fingerprint") == taken.fingerprint
    if not same_code and not same_data:
        _same_data(scenario)
    data = "same data" if same_data else f"data to {day(taken.data_to)}"
    st.caption(" · ".join([data, "same code" if same_code else "code has changed", facts.caption(taken)]))


def _same_data(scenario: Scenario) -> None:
    """Draw the drift due to the code alone: today's code on the data of the saved scenario."""
    then = facts.saved_on(scenario.snapshot.get("source", ""), scenario.snapshot.get("fingerprint", ""))
    if then is None:
        return
    st.caption("Today's code on the original data:")
    tables.show(
        results.drift(scenario, _again(then, scenario)),
        key=f"sc_code_{scenario.scenario_id}",
        file_name="drift-of-code.csv",
    )


@st.cache_resource(
    max_entries=32,
    show_spinner="Computing",
    hash_funcs={
        Snapshot: lambda taken: taken.fingerprint,
        Scenario: lambda scenario: str(scenario.scenario_id),
    },
)
def _again(taken: Snapshot, scenario: Scenario) -> Comparison:
    part = facts.part_of(taken, scenario.question).sampled()
    return compare(part, scenario.question, draws=DRAWS, seed=scenario.seed)
