"""Replay the whole ledger and report every wrong row that constraints cannot catch."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from ledger.clocks import CLOCK_TOLERANCE
from ledger.database import query
from ledger.minutes import checks
from ledger.minutes.findings import Finding, finding_of
from ledger.minutes.replay import Row, WorkspaceHistory, WorkspaceReplay
from ledger.seals.checking import broken_seals
from ledger.validation import require_aware

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.minutes.replay import Difference

AT_A_TIME = 500
ROWS_AT_ONCE = 2_000
ROWS = (
    "minutes",
    "lots",
    "usage_alerts",
    "idempotency_keys",
    "subscriptions",
    "purchases",
    "invoices",
    "facts",
)
"""Rows read for several workspaces at once, beside their entries and draws."""
EVERYBODY = "*"
COMPANY_WIDE = {
    "sums": "verify_sums",
    "repeated days": "verify_repeated_days",
    "closed months": "verify_closed_months",
    "hold-outs": "verify_hold_outs",
}
"""Checks of rows that belong to no single workspace -> the query of their differences."""


def verify(db: Connection, *, at: datetime | None = None) -> list[Finding]:
    """Replay every workspace and return what differs; an empty list proves the ledger.

    `at`: the current time; also report monthly periods that are due and not booked, and premature bookings.
    Reads everything: time grows with history, memory does not.
    """
    at = require_aware(at) if at is not None else None
    findings: list[Finding] = []
    after = ""
    while rows := db.execute(query("verify_workspaces"), {"after": after, "limit": AT_A_TIME}).all():
        nobodys = [row.workspace_id for row in rows if not row.known]
        findings += [finding_of("workspaces", each, "workspaces", "one row", None) for each in nobodys]
        findings += _verify_some(db, [row.workspace_id for row in rows], at)
        after = rows[-1].workspace_id
    findings += [finding_of("seals", *broken) for broken in broken_seals(db)]
    findings += _of_workspaces(db, at)
    for check, name in COMPANY_WIDE.items():
        rows = db.execute(query(name)).all()
        findings += [finding_of(check, EVERYBODY, row.place, row.expected, row.actual) for row in rows]
    return findings


def _of_workspaces(db: Connection, at: datetime | None) -> Iterator[Finding]:
    for row in db.execute(query("verify_refunded_cents")):
        where = f"purchase {row.purchase_id}.refunded_cents"
        yield finding_of("refunds", row.workspace_id, where, row.refunds_cents, row.refunded_cents)
    if at is not None:
        for row in db.execute(query("verify_ahead_of_time"), {"until": at + CLOCK_TOLERANCE}):
            where = f"{row.entries} entries from {row.first_no}"
            yield finding_of("ahead of time", row.workspace_id, where, f"booked by {at}", row.latest_at)


def _verify_some(db: Connection, ids: list[str], at: datetime | None) -> Iterator[Finding]:
    """Yield the findings of several workspaces. Entries and draws are streamed: memory does not grow with them."""
    rows = {name: _rows_of(db, f"verify_{name}", ids) for name in ROWS}
    rows["purchases"] = _without_waiting(db, rows["purchases"])
    since = db.execute(query("verify_ordered_since")).scalar_one_or_none()
    entries = groupby(_with_draws(db, ids), itemgetter("workspace_id"))
    upcoming = next(entries, None)
    for workspace_id in sorted(ids):  # as the entries come
        own: Iterable[Row] = ()
        if upcoming is not None and upcoming[0] == workspace_id:
            own = upcoming[1]
        mine = {name: actual.get(workspace_id, []) for name, actual in rows.items()}
        for check, where, expected, actual in _differences(mine, own, since, at):
            yield finding_of(check, workspace_id, where, expected, actual)
        if upcoming is not None and upcoming[0] == workspace_id:
            upcoming = next(entries, None)


def _with_draws(db: Connection, ids: list[str]) -> Iterator[Row]:
    """Yield the entries of several workspaces in order, each with its draws by lot."""
    draws = _streamed(db, "verify_draws", ids)
    draw = next(draws, None)
    for entry in _streamed(db, "verify_entries", ids):
        place = (entry["workspace_id"], entry["entry_no"])
        actual: Counter[int] = Counter()
        if entry["kind"] == "use" and entry["lot_id"] is not None:
            actual[entry["lot_id"]] += entry["minutes"]
        while draw is not None and (draw["workspace_id"], draw["entry_no"]) <= place:
            if (draw["workspace_id"], draw["entry_no"]) == place:
                actual[draw["lot_id"]] += draw["minutes"]
            draw = next(draws, None)
        yield {**entry, "draws": dict(actual)}


def _streamed(db: Connection, name: str, ids: list[str]) -> Iterator[Row]:
    options = {"stream_results": True, "yield_per": ROWS_AT_ONCE}
    for row in db.execute(query(name), {"ids": ids}, execution_options=options).mappings():
        yield dict(row)


def _rows_of(db: Connection, name: str, ids: list[str]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in db.execute(query(name), {"ids": ids}).mappings():
        grouped[row["workspace_id"]].append(dict(row))
    return grouped


def _without_waiting(db: Connection, purchases: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Return the purchases without those whose minutes an event in the inbox will bring."""
    objects = {
        row[name]: row["purchase_id"]
        for rows in purchases.values()
        for row in rows
        if row["booked_lot_id"] is None
        for name in ("payment_intent", "charge")
    }
    if not objects:
        return purchases
    waiting = db.execute(
        query("verify_waiting_objects"), {"object_ids": list(filter(None, objects))}
    ).scalars()
    soon = {objects[object_id] for object_id in waiting}
    return {
        workspace_id: [row for row in rows if row["purchase_id"] not in soon]
        for workspace_id, rows in purchases.items()
    }


def _differences(
    rows: dict[str, list[Row]], entries: Iterable[Row], since: datetime | None, at: datetime | None
) -> Iterator[Difference]:
    if not rows["minutes"]:
        yield ("balances", "workspace_minutes", "one row", "none")
        return
    history = WorkspaceHistory(rows["minutes"][0], entries, {lot["lot_id"]: lot for lot in rows["lots"]})
    if since is not None:
        history.ordered_since = since
    replay = WorkspaceReplay(history)
    yield from replay.differences()
    yield from checks.differences(replay, rows, at)
