"""Bulk grants: paste or upload a list, check every row, run it with a progress bar, undo it."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from uuid import UUID

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, installation
from dashboard.access import Operator, operator_or_nobody
from dashboard.kit import forms, tables, template
from dashboard.text import counted, decimal, minutes, moment, plain, problem
from ledger.desk import Batch, Checked, GrantRequest, bulk_grants
from ledger.errors import LedgerError

FORM = "batch"
BYTES_AT_MOST = 2_000_000
HEADINGS = {"workspace", "workspace_id", "workspace id"}
SURPLUS = 2
_WHOLE = re.compile(r"[+-]?(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})")


def read_list(text: str) -> list[GrantRequest]:
    """Return the lines of `workspace id, minutes` (comma, semicolon, tab or space) without heading and empty lines."""
    filled = [
        (number, cells)
        for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1)
        if any(cells := [cell.strip() for cell in _cells(line)])
    ]
    if filled and filled[0][1][0].lower() in HEADINGS:
        filled = filled[1:]
    return [_request(number, cells) for number, cells in filled]


def _request(number: int, cells: Sequence[str]) -> GrantRequest:
    """Return the request of one line; more than two cells are refused, since one could be part of a number."""
    workspace_id, said = cells[0], cells[1] if len(cells) > 1 else ""
    if any(cells[SURPLUS:]):
        problem = "more than two cells; write minutes without a thousands separator"
        return GrantRequest(number, workspace_id, None, problem)
    whole = _WHOLE.fullmatch(said)
    return GrantRequest(number, workspace_id, int(said.replace(",", "")) if whole else None)


def _cells(line: str) -> list[str]:
    for separator in (";", "\t", ","):
        if separator in line:
            return next(csv.reader(io.StringIO(line), delimiter=separator, skipinitialspace=True), [])
    return line.split()


def overview(connection: Connection) -> None:
    """Draw whether a saved list still has rows to grant."""
    lists = bulk_grants.list_batches(connection)
    waiting = [each for each in lists if each.waiting and not each.undone_by]
    blocked = sum(each.needs_approval and not each.approved_by for each in waiting)
    sentence = answer(saved=len(lists), waiting=len(waiting), blocked=blocked)
    template.answer(sentence, tone="attention" if waiting else "neutral")


def answer(*, saved: int, waiting: int, blocked: int) -> str:
    """Return how many saved lists are not granted yet, in one sentence."""
    if not saved:
        return "**No lists yet**: paste or upload one. Every row is checked before any minutes are granted."
    if not waiting:
        return f"**{counted(saved, '{n} list', '{n} lists')}** saved, all of them granted."
    ready = f"**{counted(waiting, '{n} list', '{n} lists')} not fully granted yet**"
    approval = counted(blocked, "{n} needs a second person", "{n} need a second person")
    return f"{ready}{f'; {approval}' if blocked else ''}."


def new_list(connection: Connection) -> None:
    """Show upload and paste, title and reason, and the dry run of every row."""
    uploaded = st.file_uploader("List (CSV: workspace id, minutes)", type=["csv", "txt"], key="batch_file")
    pasted = st.text_area(
        "Or paste it",
        key="batch_text",
        height=140,
        placeholder="ws_0001, 60\nws_0002, 30",
        max_chars=BYTES_AT_MOST,
    )
    text = uploaded.getvalue().decode("utf-8-sig", errors="replace") if uploaded else (pasted or "")
    requests = read_list(text)
    if not requests:
        return
    checked = bulk_grants.check_rows(connection, requests)
    _dry_run(checked)
    with st.form("batch_form", border=False):
        st.text_input("Title", key="batch_title", max_chars=200, placeholder="Outage of 12 November")
        forms.reason_fields("batch")
        st.form_submit_button(
            "Save list",
            type="primary",
            key="batch_submit",
            on_click=save_list,
            args=(requests, forms.key_of(FORM)),
            disabled=all(row.problem for row in checked),
        )


def _dry_run(checked: Sequence[Checked]) -> None:
    good = [row for row in checked if not row.problem]
    rows, total, bad = st.columns(3)
    rows.metric("Rows to grant", decimal(len(good)), border=True)
    total.metric("Minutes in total", decimal(sum(row.minutes for row in good)), border=True)
    bad.metric("Rows with a problem", decimal(len(checked) - len(good)), border=True)
    frame = pd.DataFrame(checked, columns=["line", "workspace", "minutes", "problem"])
    tables.show(
        frame.sort_values("problem", ascending=False, kind="stable"),
        key="dry_run",
        file_name="dry_run.csv",
        height=240,
        columns={
            "line": tables.whole("Line", width="small"),
            "workspace": tables.text("Workspace"),
            "minutes": tables.whole("Minutes"),
            "problem": tables.text("Problem"),
        },
    )


def save_list(requests: Sequence[GrantRequest], key: str) -> None:
    """Save the list that was checked."""
    state = st.session_state
    reason = forms.reason_of("batch")
    operator = operator_or_nobody()
    title = state["batch_title"]
    forms.carry_out(
        FORM,
        lambda: actions.start_batch(operator, requests, title=title, reason=reason.checked(), key=key),
        clear=("batch_text", "batch_title", "batch_words", "batch_ticket"),
        fields={"title": "batch_title"},
    )


def saved_lists(connection: Connection, operator: Operator) -> None:
    """Draw every saved list, its progress and its buttons."""
    lists = bulk_grants.list_batches(connection)
    if not lists:
        st.caption("No lists yet.")
    for batch in lists:
        with st.container(border=True):
            _saved(batch, operator)


def _saved(batch: Batch, operator: Operator) -> None:
    st.markdown(f"**{plain(batch.title)}** · {plain(batch.reason)}")
    st.caption(
        (
            "{who}, {at}: {rows}: {given} granted, {waiting} waiting, {refused} refused, {undone} undone"
            " · {minutes} granted, {back} taken back"
        ).format(
            who=plain(batch.created_by),
            at=moment(batch.created_at),
            rows=counted(batch.rows, "{n} row", "{n} rows"),
            given=decimal(batch.granted + batch.undone),
            waiting=decimal(batch.waiting),
            refused=decimal(batch.refused),
            undone=decimal(batch.undone),
            minutes=minutes(batch.minutes_granted),
            back=minutes(batch.minutes_undone),
        )
    )
    if batch.waiting and batch.needs_approval and not batch.approved_by and not batch.undone_by:
        st.info(
            "A second person must approve this list on the Approvals page.", icon=":material/hourglass_top:"
        )
    with st.container(horizontal=True):
        if batch.may_run and st.button(
            counted(batch.waiting, "Grant {n} row", "Grant {n} rows"),
            key=f"run_{batch.batch_id}",
            type="primary",
        ):
            _work(batch.batch_id, "waiting", actions.apply_row, operator, "Granting")
        if batch.granted and st.button("Undo", key=f"undo_{batch.batch_id}", icon=":material/undo:"):
            actions.stop_batch(operator, batch.batch_id)
            _work(batch.batch_id, "granted", actions.undo_row, operator, "Taking back")
        _download(batch)


def _download(batch: Batch) -> None:
    def result() -> bytes:
        with installation.reading() as connection:
            rows = bulk_grants.list_rows(connection, batch.batch_id)
        columns = ("row_no", "workspace_id", "minutes", "state", "problem", "lot_id", "undone_minutes")
        return tables.csv(tables.from_rows(rows, columns))

    tables.download_button("Result", result, "bulk_grant.csv", key=f"result_{batch.batch_id}")


def _work(
    batch_id: UUID, state: str, act: Callable[[Operator, UUID, int], object], operator: Operator, verb: str
) -> None:
    """Process row by row with a progress bar. Closing the page stops after the current row; the button resumes."""
    with installation.reading() as connection:
        rows = bulk_grants.list_rows(connection, batch_id, state=state)
    bar = st.progress(0.0, text=verb)
    for done, row in enumerate(rows, start=1):
        try:
            act(operator, batch_id, row.row_no)
        except LedgerError as error:
            st.session_state["report"] = ("error", problem(error))
            break
        bar.progress(done / len(rows), text=f"{verb} {decimal(done)} / {decimal(len(rows))}")
    else:
        st.session_state["report"] = ("success", counted(len(rows), "{n} row done.", "{n} rows done."))
    st.rerun()
