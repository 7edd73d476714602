"""Search: find a workspace by anything a customer may quote."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ledger.database import query
from ledger.errors import InvalidText
from ledger.validation import is_valid_text, strip_invalid_chars

STATES = ("plan", "extra", "empty")
"""Which minutes are in use: the plan's, extra ones, or none are left."""

_STEPS = (
    "listed",
    "id starts",
    "name starts",
    "email starts",
    "name contains",
    "email contains",
    "id contains",
)
_MISSPELT_FROM = 4  # letters; three letters resemble everything


@dataclass(frozen=True, kw_only=True)
class WorkspaceMatch:
    """One workspace that was found, what of it matched, and the place to go on from (`after`)."""

    workspace_id: str
    name: str
    owner_email: str
    source: str
    plan: str | None
    billing_cycle: str | None
    plan_minutes: int
    extra_minutes: int
    total_minutes: int
    gauge_base: int
    limit_hit: bool
    matched: str
    after: str


@dataclass(frozen=True, kw_only=True)
class SearchFilters:
    """What a workspace must be besides found. `low`: at most a fifth of the gauge base is left."""

    plan: str | None = None
    state: str | None = None
    low: bool = False
    hit_since: datetime | None = None
    disputed: bool = False


def sources(db: Connection) -> frozenset[str]:
    """Which kinds of workspace this database holds: live, stripe_test, sandbox, demo."""
    return frozenset(db.execute(query("sources")).scalars())


def plans(db: Connection) -> list[str]:
    """The plans one may filter by, the smallest first."""
    return list(db.execute(query("search_plans")).scalars())


def search_workspaces(
    db: Connection,
    text: str,
    *,
    plan: str | None = None,
    after: str | None = None,
    limit: int = 50,
    filters: SearchFilters | None = None,
) -> list[WorkspaceMatch]:
    """Workspaces by anything a customer may quote, the best match first; no text: all, by id.

    To the letter: workspace id, Stripe customer, payment intent, charge, invoice, refund, dispute, receipt number,
    purchase id, e-mail address. Then ids, names and addresses that begin with the text, then those that contain it,
    then names that are spelt alike. `after`: go on after this row. Raises InvalidText for a broken `after`.
    """
    wanted = filters or SearchFilters(plan=plan)
    cleaned = " ".join(strip_invalid_chars(text).split())[:200]
    if not cleaned:
        return _step(db, "all", "", None, wanted, _cursor(after), limit)
    exact = {row.workspace_id: row.kind for row in db.execute(query("search_identifiers"), {"text": cleaned})}
    found: list[WorkspaceMatch] = []
    start = _cursor(after)
    misspelt = start is not None and start[0] == "misspelt"
    for step in _STEPS if not misspelt else ():
        if len(found) < limit and (start is None or _STEPS.index(step) >= _STEPS.index(start[0])):
            here = start if start and start[0] == step else None
            found += _step(db, step, cleaned, exact, wanted, here, limit - len(found))
    if misspelt or (not found and after is None and len(cleaned) >= _MISSPELT_FROM):
        db.execute(query("search_looser"))
        alike = db.execute(query("search_misspelt"), {"text": cleaned}).scalars().all()
        found = _step(db, "misspelt", cleaned, dict.fromkeys(alike, "spelt alike"), wanted, start, limit)
    return found


def search_event_key(db: Connection, key: str) -> list[str]:
    """Ids of the workspaces that booked something under this idempotency key (at most 200).

    Costs a look into every workspace, so not while somebody is typing.
    """
    return list(db.execute(query("search_event_key"), {"key": strip_invalid_chars(key)[:255]}).scalars())


def _step(  # noqa: PLR0917  one argument for each part of a question
    db: Connection,
    step: str,
    text: str,
    exact: Mapping[str, str] | None,
    wanted: SearchFilters,
    here: tuple[str, str, str] | None,
    limit: int,
) -> list[WorkspaceMatch]:
    literal = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    if step in {"listed", "misspelt"} and not exact:
        return []
    bind = {
        **vars(wanted),
        "step": "listed" if step == "misspelt" else step,
        "ids": list(exact) if exact else None,
        "start": f"{literal}%",
        "part": f"%{literal}%",
        "after_sort": here[1] if here else None,
        "after_id": here[2] if here else None,
        "limit": limit,
    }
    return [_found(step, exact, row) for row in db.execute(query("search_workspaces"), bind).mappings()]


def _found(step: str, exact: Mapping[str, str] | None, row: Mapping[Any, Any]) -> WorkspaceMatch:
    columns = dict(row)
    cursor = json.dumps([step, columns.pop("sort"), columns["workspace_id"]]).encode()
    listed = step in {"listed", "misspelt"} and exact
    matched = exact[columns["workspace_id"]] if listed and exact else "" if step == "all" else step
    return WorkspaceMatch(**columns, matched=matched, after=base64.urlsafe_b64encode(cursor).decode())


def _cursor(after: str | None) -> tuple[str, str, str] | None:
    if after is None:
        return None
    try:
        step, sort, workspace_id = json.loads(base64.urlsafe_b64decode(after.encode()))
    except (ValueError, TypeError, binascii.Error) as error:
        raise InvalidText(f"after: {after!r}"[:80]) from error
    parts = (step, sort, workspace_id)
    known = step in (*_STEPS, "all", "misspelt") if isinstance(step, str) else False
    if not known or not all(isinstance(part, str) and is_valid_text(part) for part in parts):
        raise InvalidText(f"after: {after!r}"[:80])
    return parts
