"""Rehearsals and designs of the pricing lab: cohorts that bought in test mode, and planned price tests."""

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ledger.database import query
from ledger.pricing.refusals import RehearsalEnded, WrongTest

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_ARM = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_LEAST_ARMS, _MOST_ARMS, _NOTE = 2, 100, 2000


@dataclass(frozen=True)
class CohortRun:
    """One rehearsal: its settings, its end and its result. `resumable`: it can be continued."""

    run_id: uuid.UUID
    settings: Mapping[str, Any]
    status: str
    results: Mapping[str, Any] | None
    author: str
    at: datetime
    finished_at: datetime | None
    resumable: bool


@dataclass(frozen=True)
class TestDesign:
    """The design of a price test. It starts in the catalogue, by a person who may change prices."""

    __test__ = False  # a word of the domain, not a test of ours

    design_id: uuid.UUID
    test: str
    arms: Sequence[str]
    design: Mapping[str, Any]
    note: str
    author: str
    at: datetime


def begin_cohort(
    db: Connection, run_id: uuid.UUID, settings: Mapping[str, Any], *, author: str, at: datetime
) -> None:
    """Store the start of a cohort."""
    bound = {"run_id": run_id, "settings": json.dumps(dict(settings)), "author": author, "at": at}
    db.execute(query("cohort_begin"), bound)


def end_cohort(
    db: Connection, run_id: uuid.UUID, status: str, results: Mapping[str, Any], *, at: datetime
) -> None:
    """Close a cohort as `finished`, `canceled` or `failed`; a closed one stays as it is."""
    bound = {"run_id": run_id, "status": status, "results": json.dumps(dict(results)), "at": at}
    db.execute(query("cohort_end"), bound)


def resume_cohort(db: Connection, run_id: uuid.UUID) -> CohortRun:
    """Continue an interrupted or failed run with its `plan` in `settings`. Raises RehearsalEnded."""
    row = db.execute(query("cohort_resume"), {"run_id": run_id}).mappings().one_or_none()
    if row is None:
        raise RehearsalEnded(str(run_id))
    return CohortRun(**row)


def take_turn(db: Connection, run_id: uuid.UUID, *, per_second: float, at: datetime) -> float | None:
    """Return the seconds from `at` until this run may buy, at the shared pace of all runs. None: the run has ended.

    The next purchase of any run comes 1 / `per_second` later.
    """
    db.execute(query("cohort_one_at_a_time"))
    bound = {"run_id": run_id, "per_second": per_second, "at": at}
    seconds: float | None = db.execute(query("cohort_turn"), bound).scalar_one_or_none()
    return seconds


def purchase_key(run_id: uuid.UUID) -> str:
    """Return the key under which every copy buys in this run: once, however often the run is continued."""
    return f"cohort:{run_id}"


def bought_so_far(db: Connection, run_id: uuid.UUID, copies: Sequence[str]) -> dict[str, str]:
    """Return the state of the purchase of each copy in this run."""
    bound = {"workspace_ids": list(copies), "key": purchase_key(run_id)}
    return {row.workspace_id: row.status for row in db.execute(query("cohort_bought"), bound)}


def list_cohorts(db: Connection, *, most: int = 50) -> list[CohortRun]:
    """Return cohorts, newest first."""
    return [CohortRun(**row) for row in db.execute(query("cohort_list"), {"most": most}).mappings()]


def save_design(
    db: Connection,
    test: str,
    arms: Sequence[str],
    design: Mapping[str, Any],
    *,
    note: str = "",
    author: str,
    at: datetime,
) -> TestDesign:
    """Save a design. Raises WrongTest for a name or arms that the catalogue would refuse."""
    named = _NAME.fullmatch(test) and all(_ARM.fullmatch(arm) for arm in arms)
    if not named or not _LEAST_ARMS <= len(arms) <= _MOST_ARMS or len(note) > _NOTE:
        raise WrongTest("Use 1 to 64 of a-z 0-9 _ - for the name, a letter or digit first.")
    row = (
        db.execute(
            query("price_design_add"),
            {
                "design_id": uuid.uuid4(),
                "test": test,
                "arms": list(arms),
                "design": json.dumps(dict(design)),
                "note": note.strip(),
                "author": author,
                "at": at,
            },
        )
        .mappings()
        .one()
    )
    return TestDesign(**row)


def list_designs(db: Connection, *, most: int = 50) -> list[TestDesign]:
    """Return designs of price tests, newest first."""
    return [TestDesign(**row) for row in db.execute(query("price_design_list"), {"most": most}).mappings()]
