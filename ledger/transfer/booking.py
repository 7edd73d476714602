"""Books staged rows, each workspace in business order, through the same functions as live bookings."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from ledger.database import query
from ledger.minutes.attributes import set_attributes_of_many
from ledger.transfer.returns import PastRow, book_single

BATCH_BITS = 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A portion of workspaces that is booked whole or not at all."""

    chunk: int
    rows: int
    workspaces: int
    new_workspaces: int


def list_chunks(db: Connection) -> list[Chunk]:
    """Return the portions of the staged import, in order."""
    return [Chunk(**row) for row in db.execute(query("transfer_chunk_sizes")).mappings()]


def book_chunk(
    db: Connection,
    chunk: Chunk,
    *,
    import_id: UUID,
    source: str,
    actor: str,
    now: datetime,
    on_booked: Callable[[int], object],
) -> None:
    """Book one portion in the caller's transaction: workspaces, then each round of credits and the uses after it."""
    here: dict[str, Any] = {"chunk": chunk.chunk}
    adds = chunk.workspaces > chunk.new_workspaces
    db.execute(query("transfer_by_index"))
    if adds:
        db.execute(query("transfer_begin_additions"), {**here, "import_id": import_id})
    db.execute(
        query("transfer_make_workspaces"), {**here, "source": source, "actor": actor, "import_id": import_id}
    )
    db.execute(query("transfer_periods_before"), here)
    attributes = {row.workspace_id: row.attributes for row in db.execute(query("transfer_attributes"), here)}
    set_attributes_of_many(db, attributes, actor=actor, at=now)
    booked = 0
    for each in db.execute(query("transfer_rounds"), here).all():
        one_round = {**here, "round": each.round}
        if each.set_based:
            db.execute(query("transfer_book_events"), {**one_round, "actor": actor})
        if each.single:
            for row in db.execute(query("transfer_single_events"), one_round).mappings().all():
                book_single(db, PastRow(**{**row, "body": row["body"] or {}}), actor)
        if each.uses:
            db.execute(query("transfer_book_uses"), {**one_round, "batch": secrets.randbits(BATCH_BITS)})
        booked += each.set_based + each.single + each.uses
        on_booked(each.set_based + each.single + each.uses)
    db.execute(query("transfer_note_entries"), {**here, "import_id": import_id})
    if adds:
        db.execute(query("transfer_end_additions"), {"import_id": import_id})
    db.execute(query("transfer_add_booked"), {"import_id": import_id, "rows": chunk.rows})
    on_booked(chunk.rows - booked)
