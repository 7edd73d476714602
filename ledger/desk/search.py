"""Search workspaces by any reference that a customer may quote."""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ledger.database import query
from ledger.desk.references import quoted_reference
from ledger.errors import InvalidText
from ledger.minutes.balances import get_balance
from ledger.validation import is_valid_text, require_aware, strip_invalid_chars

STATES = ("plan", "extra", "empty")
"""Which minutes are in use: plan, extra, or none left."""

NEEDS: Mapping[str, str] = {"blocked": "limit_hit", "low": "used_80"}
"""Reasons why a workspace may need help, most urgent first, with their alerts."""

_STEPS = (
    "listed",
    "id starts",
    "name starts",
    "email starts",
    "name contains",
    "email contains",
    "id contains",
    "attribute",
)
_UNSOUGHT = ("all", "no need")
_MISSPELT_FROM = 4  # letters; three letters resemble everything


@dataclass(frozen=True, kw_only=True)
class WorkspaceMatch:
    """One matching workspace, the matched field, and the cursor for the next page (`after`)."""

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
    minutes_reset_date: datetime | None
    active_at: datetime | None
    hit_at: datetime | None
    attributes: Mapping[str, str | int | float]
    matched: str
    after: str


@dataclass(frozen=True, kw_only=True)
class SearchFilters:
    """Filters on top of a match. `low`: at most a fifth of the gauge base is left.

    `attributes`: pairs of key and segment; the segment `none` selects those without the key.
    """

    plan: str | None = None
    state: str | None = None
    low: bool = False
    hit_since: datetime | None = None
    disputed: bool = False
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def binds(self) -> dict[str, Any]:
        """Return the filters as the statements bind them."""
        narrowest = next((pair for pair in self.attributes if pair[1] != "none"), (None, None))
        return {
            **vars(self),
            "attributes": json.dumps(dict(self.attributes)) if self.attributes else None,
            "attribute_key": narrowest[0],
            "attribute_segment": narrowest[1],
        }


def sources(db: Connection) -> frozenset[str]:
    """Return the workspace sources in this database: live, stripe_test, sandbox, demo."""
    return frozenset(db.execute(query("sources")).scalars())


def plans(db: Connection) -> list[str]:
    """Return the plans to filter by, the smallest first."""
    return list(db.execute(query("search_plans")).scalars())


def search_workspaces(
    db: Connection,
    text: str,
    *,
    plan: str | None = None,
    after: str | None = None,
    limit: int = 50,
    filters: SearchFilters | None = None,
    at: datetime | None = None,
) -> list[WorkspaceMatch]:
    """Return workspaces by any reference that a customer may quote, best match first; without text, all by id.

    Exact matches come first: workspace id, Stripe customer, payment intent, charge, invoice, refund, dispute,
    receipt number, purchase id, e-mail address. Then ids, names and addresses that begin with the text, then those
    that contain it, then attributes whose value begins with it, then names with a similar spelling.
    `after`: continue after this row. `at`: count the monthly minutes due by then. Raise InvalidText for an invalid
    `after`.
    """
    wanted = filters or SearchFilters(plan=plan)
    cleaned = quoted_reference(" ".join(strip_invalid_chars(text).split()))[:200]
    if not cleaned:
        return _as_due(db, _step(db, "all", "", None, wanted, _cursor(after, ("all",)), limit), at)
    exact = {row.workspace_id: row.kind for row in db.execute(query("search_identifiers"), {"text": cleaned})}
    matches: list[WorkspaceMatch] = []
    start = _cursor(after, (*_STEPS, "misspelt"))
    misspelt = start is not None and start[0] == "misspelt"
    for step in _STEPS if not misspelt else ():
        if len(matches) < limit and (start is None or _STEPS.index(step) >= _STEPS.index(start[0])):
            here = start if start and start[0] == step else None
            matches += _step(db, step, cleaned, exact, wanted, here, limit - len(matches))
    if misspelt or (not matches and after is None and len(cleaned) >= _MISSPELT_FROM):
        db.execute(query("search_looser"))
        alike = db.execute(query("search_misspelt"), {"text": cleaned}).scalars().all()
        matches = _step(db, "misspelt", cleaned, dict.fromkeys(alike, "spelt alike"), wanted, start, limit)
    return _as_due(db, matches, at)


def _as_due(db: Connection, matches: list[WorkspaceMatch], at: datetime | None) -> list[WorkspaceMatch]:
    """Return the rows with the monthly minutes due by `at`; without `at`, as booked."""
    return [_with_due(db, row, at) if at else row for row in matches]


def _with_due(db: Connection, row: WorkspaceMatch, at: datetime) -> WorkspaceMatch:
    if row.minutes_reset_date is None or row.minutes_reset_date > at:
        return row
    balance = get_balance(db, row.workspace_id, due_by=at)
    if balance.total_minutes == row.total_minutes:  # Stripe bills this plan: no minutes are due here
        return row
    return replace(
        row,
        plan_minutes=balance.plan_minutes,
        total_minutes=balance.total_minutes,
        gauge_base=balance.gauge_base,
        minutes_reset_date=balance.minutes_reset_date,
        limit_hit=False,
        hit_at=None,
    )


def list_names(db: Connection, workspace_ids: Iterable[str]) -> dict[str, str]:
    """Return what workspaces are called, by their ids."""
    rows = db.execute(query("workspace_names"), {"workspace_ids": list(workspace_ids)})
    return {row.workspace_id: row.name for row in rows}


def list_by_need(
    db: Connection,
    *,
    at: datetime,
    after: str | None = None,
    limit: int = 50,
    filters: SearchFilters | None = None,
) -> list[WorkspaceMatch]:
    """Return workspaces by need: blocked ones, latest first, then those running low, then all by name.

    The cost does not grow with the number of workspaces. `after`: continue after this row. Raise InvalidText for an
    invalid one.
    """
    wanted = filters or SearchFilters()
    start = _cursor(after, (*NEEDS, "no need"))
    matches: list[WorkspaceMatch] = []
    for need, kind in NEEDS.items():
        if len(matches) < limit and (start is None or start[0] in list(NEEDS)[: list(NEEDS).index(need) + 1]):
            here = start if start and start[0] == need else None
            matches += _in_need(db, need, kind, wanted, here, at, limit - len(matches))
    if len(matches) < limit:
        here = start if start and start[0] == "no need" else None
        rest = _step(db, "no need", "", None, wanted, here, limit - len(matches), at)
        matches += _as_due(db, rest, at)
    return matches


def count_needs(db: Connection, *, at: datetime, most: int = 1_000) -> dict[str, int]:
    """Return how many workspaces have each need, at most `most` of each."""
    return {
        need: len(
            db.execute(query("workspaces_in_need"), _need_binds(kind, SearchFilters(), None, at, most)).all()
        )
        for need, kind in NEEDS.items()
    }


def _in_need(  # noqa: PLR0917  one argument per part of the query
    db: Connection,
    need: str,
    kind: str,
    wanted: SearchFilters,
    here: tuple[str, str, str] | None,
    at: datetime,
    limit: int,
) -> list[WorkspaceMatch]:
    """Return the workspaces with one need, latest first, each with its cursor."""
    rows = db.execute(query("workspaces_in_need"), _need_binds(kind, wanted, here, at, limit)).all()
    since = {row.workspace_id: row.at for row in rows}
    if not since:
        return []
    listed = _step(db, "listed", "", dict.fromkeys(since, ""), SearchFilters(), None, limit)
    return [
        replace(one, after=_place(need, since[one.workspace_id].isoformat(), one.workspace_id))
        for one in listed
    ]


def _need_binds(
    kind: str, wanted: SearchFilters, here: tuple[str, str, str] | None, at: datetime, limit: int
) -> dict[str, Any]:
    return {
        **wanted.binds,
        "kind": kind,
        "at": at,
        "after_at": _moment(here[1]) if here else None,
        "after_id": here[2] if here else None,
        "limit": limit,
    }


def _moment(written: str) -> datetime:
    try:
        return require_aware(datetime.fromisoformat(written))
    except ValueError as error:
        raise InvalidText(f"after: {written!r}"[:80]) from error


def search_event_key(db: Connection, key: str) -> list[str]:
    """Return the ids of workspaces with bookings under this idempotency key (at most 200).

    It reads every workspace, so don't run it while someone types.
    """
    return list(db.execute(query("search_event_key"), {"key": strip_invalid_chars(key)[:255]}).scalars())


def _step(  # noqa: PLR0917  one argument per part of the query
    db: Connection,
    step: str,
    text: str,
    exact: Mapping[str, str] | None,
    wanted: SearchFilters,
    here: tuple[str, str, str] | None,
    limit: int,
    at: datetime | None = None,
) -> list[WorkspaceMatch]:
    literal = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    if step in {"listed", "misspelt"} and not exact:
        return []
    bind = {
        **wanted.binds,
        "step": "listed" if step == "misspelt" else step,
        "ids": list(exact) if exact else None,
        "start": f"{literal}%",
        "part": f"%{literal}%",
        "after_sort": here[1] if here else None,
        "after_id": here[2] if here else None,
        "limit": limit,
        "at": at,
    }
    return [_match(step, exact, row) for row in db.execute(query("search_workspaces"), bind).mappings()]


def _match(step: str, exact: Mapping[str, str] | None, row: Mapping[Any, Any]) -> WorkspaceMatch:
    columns = dict(row)
    place = _place(step, columns.pop("sort"), columns["workspace_id"])
    listed = step in {"listed", "misspelt"} and exact
    matched = exact[columns["workspace_id"]] if listed and exact else "" if step in _UNSOUGHT else step
    return WorkspaceMatch(**columns, matched=matched, after=place)


def _place(step: str, sort: str, workspace_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([step, sort, workspace_id]).encode()).decode()


def _cursor(after: str | None, steps: Sequence[str]) -> tuple[str, str, str] | None:
    if after is None:
        return None
    try:
        step, sort, workspace_id = json.loads(base64.urlsafe_b64decode(after.encode()))
    except (ValueError, TypeError, binascii.Error) as error:
        raise InvalidText(f"after: {after!r}"[:80]) from error
    parts = (step, sort, workspace_id)
    known = step in steps if isinstance(step, str) else False
    if not known or not all(isinstance(part, str) and is_valid_text(part) for part in parts):
        raise InvalidText(f"after: {after!r}"[:80])
    return parts
