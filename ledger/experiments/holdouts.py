"""Hold-outs: a share of workspaces sees no offer for a while, so that the offer's effect on retention can be measured.

The arm of a workspace follows from its id (`hold_out_arm.sql`) and never changes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ledger.database import query
from ledger.errors import HoldOutConflict, InvalidHoldOut, UnknownHoldOut
from ledger.minutes.workspaces import SOURCES
from ledger.validation import require_business_time, require_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

CONTROL, TREATMENT = "control", "treatment"
"""Workspaces in the control arm see no offer."""
SHARES = range(10, 51)
MOST_HITS = 10_000_000
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_PORTION = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOut:
    """A hold-out: in [starts_at, ends_at) `share_percent` of the workspaces of `source` are in control; None: running.

    `hits_needed`: the planned number of first limit hits in the control arm, the smaller one.
    """

    name: str
    source: str
    share_percent: int
    hits_needed: int
    reason: str
    starts_at: datetime
    ends_at: datetime | None
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceArm:
    """The arm of a workspace in a running experiment; `kind` is price_test or hold_out."""

    kind: str
    name: str
    arm: str
    starts_at: datetime
    ends_at: datetime | None


def start_hold_out(
    db: Connection,
    name: str,
    *,
    source: str,
    share_percent: int,
    hits_needed: int,
    reason: str,
    starts_at: datetime,
    actor: str,
) -> HoldOut:
    """Start a hold-out: a share of the workspaces of a source sees no offer until someone ends it.

    Name, share and start are never changed. Raises InvalidHoldOut, InvalidText (`reason`), InvalidTime, and
    HoldOutConflict while another hold-out runs in this source, or ran later than `starts_at`.
    """
    if not _NAME.fullmatch(name):
        detail = "A name must be 1 to 64 of a-z 0-9 _ - and start with a letter or digit."
        raise InvalidHoldOut(detail)
    if source not in SOURCES or share_percent not in SHARES or not 1 <= hits_needed <= MOST_HITS:
        detail = f"source {source}, share {share_percent}%, {hits_needed} limit hits"
        raise InvalidHoldOut(detail)
    values = {
        "name": name,
        "source": source,
        "share_percent": share_percent,
        "hits_needed": hits_needed,
        "reason": require_text(reason, "reason", at_most=400),
        "starts_at": require_business_time(starts_at),
        "created_by": actor,
    }
    row = db.execute(query("hold_out_start"), values).mappings().one_or_none()
    if row is not None:
        return HoldOut(**row)
    if any(each.name == name for each in list_hold_outs(db)):
        detail = f"{name} was already used."
        raise InvalidHoldOut(detail)
    latest = list_hold_outs(db, source)[0].name
    detail = f"Only one hold-out runs at a time: {latest} covers this moment in {source}."
    raise HoldOutConflict(detail)


def end_hold_out(db: Connection, name: str, *, at: datetime) -> HoldOut:
    """End a hold-out for good: from `at` on every workspace sees the offer again.

    Raises UnknownHoldOut, InvalidTime, and HoldOutConflict when it has already ended or not started by `at`.
    """
    known = get_hold_out(db, name)
    row = (
        db.execute(query("hold_out_end"), {"name": name, "at": require_business_time(at)})
        .mappings()
        .one_or_none()
    )
    if row is None:
        detail = f"{name} has already ended." if known.ends_at else f"{name} has not started."
        raise HoldOutConflict(detail)
    return HoldOut(**row)


def list_hold_outs(db: Connection, source: str | None = None) -> list[HoldOut]:
    """Return every hold-out, of one source or of all, latest first."""
    rows = db.execute(query("hold_outs"), {"source": source, "name": None})
    return [HoldOut(**row) for row in rows.mappings()]


def get_hold_out(db: Connection, name: str) -> HoldOut:
    """Return one hold-out. Raises UnknownHoldOut."""
    row = db.execute(query("hold_outs"), {"source": None, "name": name}).mappings().one_or_none()
    if row is None:
        raise UnknownHoldOut(name)
    return HoldOut(**row)


def hold_out_of(db: Connection, workspace_id: str, *, at: datetime) -> WorkspaceArm | None:
    """Return the arm of a workspace in the hold-out running at `at`, or None."""
    arms = running_arms(db, workspace_id, at=at)
    return next((arm for arm in arms if arm.kind == "hold_out"), None)


def running_arms(db: Connection, workspace_id: str, *, at: datetime) -> list[WorkspaceArm]:
    """Return the arms of a workspace in the price tests and hold-outs running at `at`; unknown: none."""
    rows = db.execute(query("workspace_arms"), {"workspace_id": workspace_id, "at": at})
    return [WorkspaceArm(**row) for row in rows.mappings()]


def list_arms(
    db: Connection, hold_out: HoldOut, *, after: str = "", limit: int = 1000
) -> list[tuple[str, str]]:
    """Return one page of workspaces and their arms, by id; `after`: the last id of the previous page."""
    values = _arms_of(hold_out) | {"after": after, "limit": limit}
    return [(row.workspace_id, row.arm) for row in db.execute(query("hold_out_arms"), values)]


def each_arm(db: Connection, hold_out: HoldOut) -> Iterator[dict[str, str]]:
    """Yield workspace_id and arm of all workspaces, by id, fetched in portions."""
    values = _arms_of(hold_out) | {"after": "", "limit": None}
    rows = db.execute(query("hold_out_arms"), values, execution_options={"yield_per": _PORTION})
    for row in rows.mappings():
        yield dict(row)


def count_arms(db: Connection, hold_out: HoldOut) -> tuple[int, int]:
    """Return the number of workspaces of the source, and how many are in the control arm."""
    row = db.execute(query("hold_out_counts"), _arms_of(hold_out)).one()
    return row.workspaces, row.control


def _arms_of(hold_out: HoldOut) -> dict[str, object]:
    return {
        "name": hold_out.name,
        "source": hold_out.source,
        "share_percent": hold_out.share_percent,
    }
