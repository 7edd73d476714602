"""Seal checks: report sealed rows that changed and roots that do not match."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ledger.database import query
from ledger.errors import LedgerError
from ledger.seals.roots import NO_ROOT, Root, is_signed, lines_outside, merkle_root

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection


class Broken(NamedTuple):
    """One seal mismatch: the workspace (* for none), the place, the expected and the actual state."""

    workspace_id: str
    where: str
    expected: str
    actual: str


class UnprovenRoot(LedgerError):
    """This root is none that this installation has signed and stored."""

    code = "unproven_root"


def broken_runs(db: Connection, workspace_ids: list[str]) -> Iterator[Broken]:
    """Yield every sealed run of entries of these workspaces that changed or is missing."""
    for row in db.execute(query("verify_entry_seals"), {"ids": workspace_ids}):
        where = f"entries {row.first_entry_no} to {row.last_entry_no}"
        yield Broken(row.workspace_id, where, f"as sealed under root {row.root_no}", "changed or removed")


def broken_rows(db: Connection, since_root: int = 0) -> Iterator[Broken]:
    """Yield every other sealed row that changed or is missing, and every root that its seals do not match.

    `since_root`: rows and seals under this root and those before it are left out.
    """
    for row in db.execute(query("verify_sealed_rows"), {"since_root": since_root}):
        yield Broken(
            row.workspace_id,
            f"{row.chain} {row.subject}",
            f"as sealed under root {row.root_no}",
            "removed" if row.gone else "changed",
        )
    for row in db.execute(query("verify_undone_seals")):
        where = f"{row.chain} {row.subject}"
        yield Broken(
            row.workspace_id, where, f"as sealed under root {row.root_no}", "removed without an undone import"
        )
    for row in db.execute(query("verify_backdated_rows")):
        actual = f"recorded at {row.recorded_at}, unknown to root {row.root_no} of {row.sealed_at}"
        yield Broken("*", f"audit {row.audit_no}", "recorded when it was added", actual)
    yield from _broken_roots(db, since_root)


def _broken_roots(db: Connection, since_root: int) -> Iterator[Broken]:
    previous = NO_ROOT
    for number, root in enumerate(roots(db), start=1):
        if root.root_no != number:
            yield Broken("*", f"root {number}", "a root", "none")
            return
        if number > since_root:
            leaves = [bytes(row.leaf) for row in db.execute(query("seal_leaves"), {"root_no": number})]
            if (len(leaves), merkle_root([previous, *leaves])) != (root.leaves, root.root):
                yield Broken("*", f"root {number}", f"{root.leaves} seals under it", "other seals")
        previous = root.root


def require_signed_root(db: Connection, folder: Path, root_no: int) -> Root:
    """Return this root. Raises UnprovenRoot when it differs from its line in `folder` or another key has signed it."""
    inside = {root.root_no: root for root in roots(db)}.get(root_no)
    if inside is None:
        raise UnprovenRoot(f"The database has no root {root_no}.")
    lines = lines_outside(folder)
    if len(lines) < root_no or lines[root_no - 1] != inside.as_line():
        raise UnprovenRoot(f"Root {root_no} of the database is not the one in {folder / 'roots.jsonl'}.")
    if not is_signed(inside, bytes.fromhex((folder / "public_key").read_text().strip())):
        raise UnprovenRoot(f"Another key than that in {folder} has signed root {root_no}.")
    return inside


def roots(db: Connection) -> list[Root]:
    """Return all roots in the database, oldest first."""
    rows = db.execute(query("seal_roots")).mappings()
    return [Root(**{**row, "root": bytes(row["root"]), "signature": bytes(row["signature"])}) for row in rows]


def differences_outside(db: Connection, folder: Path) -> Iterator[Broken]:
    """Return the roots that differ from those stored outside the database, and those with an invalid signature."""
    inside = {root.root_no: root for root in roots(db)}
    lines = lines_outside(folder)
    if not lines:
        return
    public = bytes.fromhex((folder / "public_key").read_text().strip())
    for root in inside.values():
        if not is_signed(root, public):
            yield Broken("*", f"root {root.root_no}", "signed by this installation", "another signature")
    for number, line in enumerate(lines, start=1):
        if number not in inside or inside[number].as_line() != line:
            yield Broken("*", f"root {number}", "as stored outside the database", "another root or none")
