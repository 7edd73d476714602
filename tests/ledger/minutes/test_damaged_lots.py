"""A lot that the owner of the database has damaged: what a single use refuses, a batch refuses too, and both book nothing."""

import pytest
from sqlalchemy import Connection, text

import ledger
from tests.databases import as_owner
from tests.stories import Story

DAMAGES = {
    "the lot in use holds nothing": "UPDATE stored_lots SET drawn = minutes WHERE workspace_id = :w AND lot_id = 1",
    "the next lot holds nothing": "UPDATE stored_lots SET drawn = minutes WHERE workspace_id = :w AND lot_id = 2",
    "the next lot holds less": "UPDATE stored_lots SET drawn = drawn + 7 WHERE workspace_id = :w AND lot_id = 2",
    "both lots hold less": "UPDATE stored_lots SET drawn = minutes - 1 WHERE workspace_id = :w",
}


def damaged(db: Connection, damage: str, name: str) -> Story:
    """A workspace with 200 plan minutes, 60 granted, 10 used, and the damage."""
    story = Story(db, workspace_id=name)
    story.plan("starter")
    story.gets(60, "extra")
    story.uses(10)
    with as_owner(db):
        db.execute(text(DAMAGES[damage]), {"w": name})
    return story


def drawn(used: object) -> object:
    """Return what a use drew, or the code of its refusal."""
    if isinstance(used, ledger.Use):
        return used.from_plan, used.from_extra, used.unmet_minutes
    return used.code if isinstance(used, ledger.Refused | ledger.LedgerError) else used


def singly(db: Connection, story: Story, minutes: list[int]) -> list[object]:
    """Return what each use drew, one after the other, or why it was refused."""
    return [drawn(one_by_one(db, story, number, each)) for number, each in enumerate(minutes)]


def one_by_one(db: Connection, story: Story, number: int, minutes: int) -> object:
    """Return a use, or its refusal."""
    try:
        with db.begin_nested():
            return ledger.track_minutes(db, story.workspace_id, minutes, key=f"u{number}", at=story.now)
    except ledger.LedgerError as refusal:
        return refusal


def together(db: Connection, story: Story, minutes: list[int]) -> list[object]:
    """Return what each use of one batch drew, or why the batch was refused."""
    uses = [
        {"workspace_id": story.workspace_id, "minutes": each, "key": f"u{number}", "at": story.now}
        for number, each in enumerate(minutes)
    ]
    try:
        with db.begin_nested():
            return [drawn(used) for used in ledger.track_uses(db, uses)]
    except ledger.LedgerError as refusal:
        return [refusal.code]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("minutes", [[5], [5, 6], [100, 150], [189, 1], [190, 1], [40, 400]])
def test_a_batch_refuses_what_single_uses_refuse(db: Connection, damage: str, minutes: list[int]) -> None:
    one = singly(db, damaged(db, damage, "one"), minutes)
    many = together(db, damaged(db, damage, "many"), minutes)

    assert many == one


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_use_that_needs_more_than_the_lots_hold_is_refused_and_books_nothing(
    db: Connection, damage: str
) -> None:
    story = damaged(db, damage, "one")

    assert singly(db, story, [250]) == together(db, story, [251]) == ["lots_disagree"]
    assert {entry.kind for entry in ledger.list_entries(db, "one")[:-2]} == {"use"}
    assert len(ledger.list_entries(db, "one")) == 3
