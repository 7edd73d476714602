"""The tab "Notes": notes of staff about a workspace."""

from uuid import UUID

import streamlit as st
from sqlalchemy import Connection

from dashboard import actions
from dashboard.access import Operator, operator_or_nobody
from dashboard.kit import forms
from dashboard.text import moment, plain
from ledger.desk import notes

FORM = "note"


def show(db: Connection, operator: Operator, workspace_id: str) -> None:
    """Draw the notes, newest first, and a field for one more."""
    if operator.may("write_notes"):
        with st.form("note_form", border=False):
            forms.text_field("New note", key="note_text", tall=True, max_chars=10_000, height=90)
            st.form_submit_button(
                "Save note",
                key="note_submit",
                on_click=save_note,
                args=(workspace_id, forms.key_of(FORM)),
            )
    written = notes.list_notes(db, workspace_id)
    if not written:
        st.caption("No notes yet.")
    for note in written:
        with st.container(border=True):
            st.text(note.text)
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(f"{plain(note.author)} · {moment(note.at)}")
                if note.author == operator.actor or operator.may("manage_staff"):
                    st.button(
                        "Remove",
                        key=f"remove_{note.note_id}",
                        type="tertiary",
                        on_click=remove,
                        args=(workspace_id, note.note_id),
                    )


def save_note(workspace_id: str, key: str) -> None:
    """Save the note that was typed."""
    operator = operator_or_nobody()
    text = st.session_state["note_text"]
    forms.carry_out(
        FORM,
        lambda: actions.add_note(operator, workspace_id, text, key=key),
        clear=("note_text",),
        fields={"note": "note_text"},
    )


def remove(workspace_id: str, note_id: UUID) -> None:
    """Remove one note."""
    operator = operator_or_nobody()
    forms.carry_out(f"remove {note_id}", lambda: actions.remove_note(operator, workspace_id, note_id))
