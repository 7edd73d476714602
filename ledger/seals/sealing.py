"""Sealing: one pass digests the bookings since the last, and signs a root over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.database import query, writing
from ledger.seals.roots import NO_ROOT, Root, append, folder_of, merkle_root, open_key, signed_text

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection, Engine

ENTRIES_OF_ONE_SEAL = 10_000


def seal(engine: Engine, data_dir: Path, *, at: datetime) -> Root | None:
    """Seal and sign everything new. Return the root, or None when there is nothing new.

    The root is stored in the database and, once that is committed, in `DATA_DIR/seals` too.
    """
    folder = folder_of(data_dir)
    key = open_key(folder)
    with writing(engine) as db:
        db.execute(query("seal_lock"))
        last = db.execute(query("seal_last_root")).one_or_none()
        root_no = last.root_no + 1 if last else 1
        _digest(db, root_no)
        leaves = [row.leaf for row in db.execute(query("seal_leaves"), {"root_no": root_no})]
        if not leaves:
            return None
        value = merkle_root([bytes(last.root) if last else NO_ROOT, *map(bytes, leaves)])
        root = Root(
            root_no=root_no,
            sealed_at=at,
            leaves=len(leaves),
            root=value,
            signature=key.sign(signed_text(root_no, at, len(leaves), value)),
            key_id=key.key_id,
        )
        db.execute(query("seal_add_root"), {**vars(root), "at": at})
    append(folder, root)
    return root


def _digest(db: Connection, root_no: int) -> None:
    db.execute(query("seal_rows"), {"root_no": root_no})
    sealed = 1
    while sealed:
        sealed = db.execute(query("seal_entries"), {"root_no": root_no, "most": ENTRIES_OF_ONE_SEAL}).rowcount
