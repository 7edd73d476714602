"""The Import page: files, their mapping, the dry run, and past imports."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, url
from dashboard.access import operator_or_nobody
from dashboard.actions.imports import JOBS, import_folders, plan_of
from dashboard.clock import present
from dashboard.kit import awaited, forms, tables, template, tiles
from dashboard.kit.choices import choice
from dashboard.text import ago, counted, decimal, moment, money, plain, problem
from ledger.errors import ImportRefused
from ledger.transfer import (
    CHOICES,
    DATES,
    HEADLINES,
    LAYOUTS,
    SOURCES,
    UNANSWERED,
    WHY,
    ImportOutcome,
    ImportPlan,
    Job,
    PastImport,
    Proposal,
    list_imports,
)

COUNTS = ("file", "kind", "rows", "to_book", "booked_before", "repeated", "skipped", "refused", "minutes")
STEPS = {"read": "Reading", "book": "Booking", "measure": "Measuring", "verify": "Verifying"}
SHOWN_REFUSALS = 500
ENDED = ("finished_at", "undone_at", "undone_by")
OF_COLUMN = "no header says which column this is: choose it, or write a text that holds for all rows."


def overview(db: Connection) -> None:
    """Draw what was imported so far."""
    template.answer(answer(list_imports(db), present()))


def answer(imports: Sequence[PastImport], at: datetime) -> str:
    """Return what was imported so far, in one sentence."""
    booked = [each for each in imports if not each.undone_at]
    if not booked:
        return "**No imported history**: choose files below. A dry run shows what would be booked."
    rows = counted(sum(each.rows_booked for each in booked), "{n} row", "{n} rows")
    count = counted(len(booked), "{n} import", "{n} imports")
    return f"**{count} booked**, {rows}; the latest {ago(booked[0].started_at, at)}."


def choose_folder() -> Path | None:
    """Draw the upload and the choice of a folder; return the chosen one."""
    folders = {path.name: path for path in import_folders()}
    left, right = st.columns(2, gap="large")
    with left:
        st.file_uploader("Files", accept_multiple_files=True, key="import_files")
        st.button("Store files", key="import_keep", on_click=store_upload, args=(forms.key_of("keep"),))
    with right:
        names = {"": "Choose a folder", **{name: name for name in folders}}
        name = choice("Folder", names, key="folder", label_visibility="visible")
        st.caption("Folders under `imports` in the data folder of the server.")
    return folders.get(name)


def store_upload(key: str) -> None:
    """Handle the click on "Store files"."""
    files = [(file.name, file.getvalue()) for file in st.session_state["import_files"] or []]
    operator = operator_or_nobody()
    done = forms.carry_out("keep", lambda: actions.store_files(operator, files, key=key))
    if done:
        url.replace_parameters(folder=str(done.details["folder"]))


def mapping(folder: Path) -> None:
    """Draw the mapping of each file, its first rows, and the open questions."""
    try:
        plan = plan_of(folder)
    except ImportRefused as error:
        st.error(problem(error))
        return
    for proposal in plan.proposals:
        open_questions = len(proposal.questions)
        label = f"{plain(proposal.mapping.file)}: {proposal.mapping.kind}"
        with st.expander(
            label, expanded=bool(open_questions), icon=":material/help:" if open_questions else None
        ):
            _columns(proposal)
    _questions(folder, plan)
    with st.expander("Mapping as text", icon=":material/data_object:"):
        st.caption("For what has no question: `values` (theirs = ours), `only` (rows to read), `constants`.")
        text_key = f"mapping {hash(plan.mapping)}"
        st.text_area("Mapping", plan.mapping, height=280, key=text_key)
        st.button(
            "Save mapping", key="import_text", on_click=save, args=(folder, forms.key_of("answers"), text_key)
        )


def _columns(proposal: Proposal) -> None:
    columns = proposal.mapping.columns
    st.markdown(" · ".join(f"**{plain(ours)}** = {plain(theirs)}" for ours, theirs in columns.items()))
    frame = pd.DataFrame(
        [[str(cell) for cell in cells] for cells in proposal.first_rows], columns=list(proposal.table.headers)
    )
    tables.show(
        frame,
        key=f"first_{proposal.mapping.file}",
        file_name=None,
        columns={str(name): tables.text(str(name)) for name in frame},
    )


def _questions(folder: Path, plan: ImportPlan) -> None:
    waiting = [each for each in plan.proposals if each.mapping.unanswered]
    if not waiting:
        return
    st.warning("Some details are missing. Answer the questions below: nothing is guessed.")
    with st.form("import_questions", border=True):
        for proposal in waiting:
            for setting in proposal.mapping.unanswered:
                _question(proposal, setting)
        st.form_submit_button(
            "Save answers",
            key="import_answers",
            on_click=save,
            args=(folder, forms.key_of("answers")),
        )


def _question(proposal: Proposal, setting: str) -> None:
    file = proposal.mapping.file
    key = f"answer {file} {setting}"
    label = f"{plain(file)}: {setting}"
    of_column = setting.startswith("columns.")
    why = OF_COLUMN if of_column else WHY[setting]
    headers = list(proposal.table.headers)
    known = {
        "kind": [*LAYOUTS, "none"],
        "dates": list(DATES),
        **{name: list(each) for name, each in CHOICES.items()},
    }
    options = headers if of_column else known.get(setting)
    if options:
        st.selectbox(label, options, index=None, key=key, accept_new_options=of_column)
    else:
        st.text_input(label, key=key, placeholder="12:00" if setting == "time_of_day" else "Europe/Berlin")
    st.caption(why[:1].upper() + why[1:])


def save(folder: Path, key: str, text_key: str = "") -> None:
    """Handle the click on "Save answers", or on "Save mapping" of the text under a key."""
    state, operator = st.session_state, operator_or_nobody()
    answers = {
        each.mapping.file: {
            name: state.get(f"answer {each.mapping.file} {name}") or UNANSWERED
            for name in each.mapping.unanswered
        }
        for each in plan_of(folder).proposals
    }
    said = state[text_key] if text_key else answers
    forms.carry_out("answers", lambda: actions.answer_mapping(operator, folder, said, key=key))


def run(folder: Path) -> None:
    """Draw the buttons that dry-run and import a folder."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Source of the new workspaces", SOURCES, key="import_source")
        st.checkbox("Skip refused rows", key="import_skip")
        st.button("Dry run", key="import_try", on_click=start, args=(folder, True, forms.key_of("try")))
        st.button(
            "Import",
            key="import_book",
            type="primary",
            on_click=start,
            args=(folder, False, forms.key_of("book")),
        )


def start(folder: Path, dry_run: bool, key: str) -> None:
    """Handle the click on "Dry run" or "Import"."""
    operator = operator_or_nobody()
    source, skip = st.session_state["import_source"], st.session_state["import_skip"]
    forms.carry_out(
        "try" if dry_run else "book",
        lambda: actions.start_import(
            operator, folder, source=source, dry_run=dry_run, skip_refused=skip, key=key
        ),
    )


def progress() -> None:
    """Draw the progress of the running import, or the result of the last one."""
    job = JOBS.last
    if job is None:
        return
    template.section("Dry run" if job.is_dry_run else "Import")
    if job.is_running:
        _moving()
    elif job.error:
        st.error(plain(job.error))
    elif job.outcome:
        _outcome(job, job.outcome)


@st.fragment(run_every=1.0)
def _moving() -> None:
    job = JOBS.last
    if job is None or not job.is_running:
        awaited.update_page()
    share = min(job.done / job.total, 1.0) if job.total else 0.0
    st.progress(share, text=f"{STEPS.get(job.step, job.step)}: {decimal(job.done)} rows")


def _outcome(job: Job, outcome: ImportOutcome) -> None:
    staged = outcome.staged
    if outcome.findings:
        st.error(
            f"The integrity check found {len(outcome.findings)} discrepancies. Run it on the Health page."
        )
    elif outcome.import_id:
        st.success(f"{decimal(staged.to_book)} rows booked and verified.")
    elif job.is_dry_run:
        st.info(f"{decimal(staged.to_book)} rows would be booked. Nothing was booked.")
    elif staged.refusals:
        st.warning("Nothing was booked: some rows are refused. Correct or skip them.")
    else:
        st.info("Nothing new: all rows were already booked.")
    if staged.older_workspaces:
        older = counted(staged.older_workspaces, "{n} workspace exists", "{n} workspaces exist")
        st.warning(f"{older} already: rows on them can be undone until something newer is booked there.")
    tables.show(tables.from_rows(staged.counts, COUNTS), key="import_counts", file_name="import.csv")
    for total in staged.money:
        amount = money(total.amount_cents, total.currency or "usd")
        st.caption(f"Control sum: {decimal(total.rows)} {total.kind}s, {amount}")
    if staged.refusals:
        st.markdown(f"**{decimal(len(staged.refusals))} refused rows**")
        refused = tables.from_rows(staged.refusals[:SHOWN_REFUSALS], ("file", "line", "reason"))
        tables.show(refused, key="import_refusals", file_name="refused.csv")
    _headlines(outcome)


def _headlines(outcome: ImportOutcome) -> None:
    if outcome.metrics:
        st.markdown("**Headline metrics after the import**, over the period of the files")
        for place, measured in zip(st.columns(len(HEADLINES)), outcome.metrics, strict=True):
            place.metric(measured.slug.replace("-", " ").capitalize(), tiles.shown(measured))


def past(db: Connection) -> None:
    """Draw past imports, and the button that undoes one."""
    template.section("Past imports")
    imports = list_imports(db)
    names = ("started_at", "origin", "source", "rows_booked", "workspaces", "actor", *ENDED)
    times: dict[str, Any] = {
        name: tables.when(tables.heading(name)) for name in names if name.endswith("_at")
    }
    shown = {name: times.get(name) or tables.text(tables.heading(name)) for name in names}
    rows = tables.from_rows(imports, names).assign(origin=[_folder_of(each) for each in imports])
    tables.show(rows, key="past_imports", file_name="imports.csv", columns=shown, empty="No imports yet.")
    open_ones = {
        f"{moment(each.started_at)} {_folder_of(each)}": each for each in imports if not each.undone_at
    }
    if open_ones:
        with st.form("undo_form", border=True):
            st.selectbox("Undo", list(open_ones), index=None, key="undo_choice")
            st.form_submit_button("Undo import", key="undo_submit", on_click=ask_to_undo, args=(open_ones,))
        forms.confirmation("undo import", _undo_sentence, undo, yes="Undo import")


def _folder_of(past_import: PastImport) -> str:
    """Return the name of the folder, without where it lies on the server."""
    return Path(past_import.origin).name or past_import.origin


def ask_to_undo(choices: dict[str, PastImport]) -> None:
    """Handle the click on "Undo import"."""
    forms.ask_to_confirm("undo import", choices.get(st.session_state["undo_choice"]))


def _undo_sentence(past_import: PastImport) -> str:
    workspaces = counted(past_import.workspaces, "{n} workspace", "{n} workspaces")
    older = past_import.older_workspaces
    restored = f" {counted(older, '{n} older one', '{n} older ones')} will be as before." if older else ""
    return f"This removes the {workspaces} of {plain(_folder_of(past_import))} and everything booked on them.{restored}"


def undo(past_import: PastImport) -> None:
    """Undo the import after the confirmation."""
    operator, import_id = operator_or_nobody(), past_import.import_id
    forms.carry_out("undo", lambda: actions.undo_import(operator, import_id, key=forms.key_of("undo")))
