"""Notes, pins and what was opened."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection

from ledger.desk import notes
from ledger.errors import InvalidText, UnknownWorkspace
from tests.stories import START, Story

ONE = UUID(int=1)


def test_a_note_is_stored_once_and_as_it_was_typed(db: Connection) -> None:
    acme = Story(db).workspace_id
    hostile = "<script>alert(1)</script>\n=1+1 **bold** 💥"

    notes.add_note(db, acme, ONE, hostile, author="sam", at=START)
    notes.add_note(db, acme, ONE, "a second click", author="sam", at=START)

    assert [note.text for note in notes.list_notes(db, acme)] == [hostile]


def test_only_the_author_removes_a_note_unless_no_author_is_required(db: Connection) -> None:
    acme = Story(db).workspace_id
    notes.add_note(db, acme, ONE, "mine", author="sam", at=START)

    assert notes.remove_note(db, acme, ONE, author="tom") is None
    assert notes.remove_note(db, acme, ONE, author=None) == "mine"
    assert notes.list_notes(db, acme) == []


@pytest.mark.parametrize("text", ["", "   ", "nul \x00", "x" * 10_001])
def test_a_note_that_says_nothing_or_cannot_be_stored_is_refused(db: Connection, text: str) -> None:
    acme = Story(db).workspace_id

    with pytest.raises(InvalidText):
        notes.add_note(db, acme, ONE, text, author="sam", at=START)


def test_a_note_on_nothing_is_refused(db: Connection) -> None:
    with pytest.raises(UnknownWorkspace):
        notes.add_note(db, "gone", ONE, "text", author="sam", at=START)


def test_pinned_ones_come_first_then_the_last_opened(db: Connection) -> None:
    old, new, pinned = (Story(db).workspace_id for _ in range(3))
    for hours, workspace_id in enumerate((pinned, old, new, old, new)):
        notes.opened(db, "sam", workspace_id, at=START + timedelta(hours=hours))
    notes.pin(db, "sam", pinned, pinned=True, at=START)

    assert [row.workspace_id for row in notes.list_opened(db, "sam")] == [pinned, new, old]
    assert notes.list_opened(db, "tom") == []
    notes.pin(db, "sam", pinned, pinned=False, at=START)
    assert [row.workspace_id for row in notes.list_opened(db, "sam")] == [new, old, pinned]
