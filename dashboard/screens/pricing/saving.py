"""Save the scenario on the screen as a version or a copy, and open saved ones by link."""

from dataclasses import dataclass

import streamlit as st

from dashboard import installation
from dashboard.access import operator_or_nobody
from dashboard.actions.scenarios import save_scenario
from dashboard.kit import forms
from dashboard.screens.pricing import controls, facts, results
from dashboard.screens.pricing.runs import begun
from dashboard.text import plain, problem
from dashboard.url import dashboard_address, parameter
from ledger.errors import LedgerError
from ledger.pricing import (
    Question,
    Scenario,
    Snapshot,
    UnknownScenario,
    WrongScenarioText,
    compare,
    get_scenario,
)

LEAST_DRAWS = 50  # fewer draws would save bands that are noise


@dataclass(frozen=True)
class Saving:
    """The result of saving a question; `scenario_id` is None when it was refused, `field`: the field it is about."""

    question: Question
    sentence: str
    scenario_id: str | None = None
    field: str = ""


def open_linked() -> None:
    """Put the scenario of `?scenario=` into the controls, once."""
    wanted = parameter("scenario")
    if not wanted or st.session_state.get("pr_linked") == wanted:
        return
    st.session_state["pr_linked"] = wanted
    try:
        with installation.reading() as connection:
            scenario = get_scenario(connection, wanted)
    except UnknownScenario as refused:
        st.warning(problem(refused))
        return
    st.session_state["pr_opened"] = scenario
    controls.load(scenario.question)


def form(taken: Snapshot, question: Question) -> None:
    """Draw name, note, and the buttons that save. A refusal leaves everything on the screen."""
    opened: Scenario | None = st.session_state.get("pr_opened")
    name = _name(taken, question)
    with st.popover("Save this scenario", icon=":material/save:"):
        if opened:
            st.caption(f"Opened: {plain(opened.name)} v{opened.version}")
        st.text_input("Name", key="pr_name", max_chars=100, placeholder=name)
        _fault("pr_name", question)
        st.text_area("Note", key="pr_note", max_chars=2000)
        _fault("pr_note", question)
        with st.container(horizontal=True):
            words = f"Save as version {opened.version + 1}" if opened else "Save"
            st.button(words, key="pr_save", type="primary", on_click=_save, args=[taken, question, False])
            if opened:
                st.button("Save as a copy", key="pr_copy", on_click=_save, args=[taken, question, True])
    _report(question)


def _fault(field: str, question: Question) -> None:
    """Draw what was wrong with a field, as long as the question stays: the page renews itself while it computes."""
    saving: Saving | None = st.session_state.get("pr_saved")
    if saving and (saving.field, saving.question) == (field, question):
        forms.draw_fault(field, saving.sentence)


def _name(taken: Snapshot, question: Question) -> str:
    """Return the default name: that of the opened scenario, or of the example question."""
    opened: Scenario | None = st.session_state.get("pr_opened")
    if opened:
        return opened.name
    return next((words for words, ready in controls.ready_made(taken).items() if ready == question), "")


def _save(taken: Snapshot, question: Question, duplicate: bool) -> None:
    """Handle the click on one of the buttons that save."""
    opened: Scenario | None = st.session_state.get("pr_opened")
    name = st.session_state.get("pr_name") or _name(taken, question)
    try:
        saved = save_scenario(
            operator_or_nobody(),
            name=name,
            note=st.session_state.get("pr_note") or "",
            question=question,
            taken=taken,
            results=_results(taken, question),
            seed=facts.SEED,
            parent=opened,
            duplicate=duplicate,
            key=forms.key_of("pr_scenario"),
        )
    except WrongScenarioText as refused:
        st.session_state["pr_saved"] = Saving(question, plain(refused.detail), field=f"pr_{refused.what}")
        return
    except LedgerError as refused:
        st.session_state["pr_saved"] = Saving(question, problem(refused))
        return
    forms.finished("pr_scenario")
    st.session_state["pr_name"] = st.session_state["pr_note"] = ""
    st.session_state["pr_opened"], st.session_state["pr_linked"] = saved, str(saved.scenario_id)
    # An older link left in the address would be opened again, over what was just saved.
    st.query_params["scenario"] = str(saved.scenario_id)
    sentence = "Saved as {name} v{n}. Anyone with access to metrics can open it at:"
    st.session_state["pr_saved"] = Saving(
        question, sentence.format(name=plain(saved.name), n=saved.version), str(saved.scenario_id)
    )


def _results(taken: Snapshot, question: Question) -> dict[str, object]:
    """Return the results of the background run, or of draws made now when it has too few."""
    run = begun(taken, question)
    if run and run.comparison and run.done >= LEAST_DRAWS:
        return results.of(run.comparison)
    part = facts.part_of(taken, question).sampled()
    return results.of(compare(part, question, draws=LEAST_DRAWS, seed=facts.SEED))


def _report(question: Question) -> None:
    """Show the result of saving, as long as the controls show the saved question."""
    saving: Saving | None = st.session_state.get("pr_saved")
    if saving is None or saving.question != question or saving.field:
        return
    if saving.scenario_id is None:
        st.error(saving.sentence)
        return
    st.success(saving.sentence)
    st.code(f"{dashboard_address()}/scenario?scenario={saving.scenario_id}", language=None, wrap_lines=True)
    st.page_link(
        "../pages/scenario.py",
        label="Open it",
        query_params={"scenario": saving.scenario_id},
        icon=":material/compare:",
    )
