"""Idempotent writes: repeating a key with the same body returns the first result instead of writing again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger.database import query
from ledger.errors import KeyReused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class WriteResult:
    """The result of a write: the last entry of the workspace, and the lot that it made or changed."""

    entry_no: int
    lot_id: int | None = None


def idempotent(
    db: Connection,
    workspace_id: str,
    operation: str,
    key: str,
    *,
    body: Mapping[str, Any],
    compared: Mapping[str, Any] | None = None,
    write: Callable[[], WriteResult],
) -> WriteResult:
    """Run `write` unless `operation` already ran under `key` in this workspace; mark and effect commit together.

    `body`: every argument that must be equal on a repeat, as JSON values; `compared`: those that this caller chose,
    where others were filled in (all when left out). The workspace is locked first, so of equal concurrent calls one
    has the effect. A refusal leaves the caller's transaction usable.
    Raises UnknownWorkspace, KeyReused, and what `write` raises.
    """
    mark = {"workspace_id": workspace_id, "operation": operation, "key": key}
    with db.begin_nested():
        db.execute(query("lock_workspace"), {"workspace_id": workspace_id})
        known = db.execute(query("write_of_key"), mark).mappings().one_or_none()
        if known is None:
            done = write()
            db.execute(
                query("mark_write"),
                {**mark, "body": json.dumps(body), "entry_no": done.entry_no, "lot_id": done.lot_id},
            )
            return done
    wanted = json.loads(json.dumps(body if compared is None else compared))
    first = known["body"] if compared is None else {name: known["body"].get(name) for name in wanted}
    if first != wanted:
        raise KeyReused(f"{operation}: {key}")
    return WriteResult(entry_no=known["entry_no"], lot_id=known["lot_id"])
