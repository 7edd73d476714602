"""Replay the whole ledger and report every wrong row that constraints cannot catch."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from ledger.clocks import CLOCK_TOLERANCE
from ledger.database import query
from ledger.minutes import checks
from ledger.minutes.findings import Finding, finding_of
from ledger.minutes.replay import Row, WorkspaceHistory, WorkspaceReplay
from ledger.seals.checking import broken_rows, broken_runs
from ledger.validation import require_aware

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.minutes.replay import Difference
    from ledger.seals.checking import Broken

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
CHECKS = ("seals", "refunds", "ahead of time", *COMPANY_WIDE)
"""Checks beside the replay of each workspace; each is one call of `verify_company`."""


class Known(NamedTuple):
    """One workspace to prove; `known`: it has its row in `workspaces`."""

    workspace_id: str
    known: bool


class Proven(NamedTuple):
    """What one part of a proof gave: its findings, and how many entries it has replayed."""

    findings: list[Finding]
    entries: int = 0


def verify(db: Connection, *, at: datetime | None = None) -> list[Finding]:
    """Replay every workspace and return what differs; an empty list proves the ledger.

    `at`: the current time; also report monthly periods that are due and not booked, and premature bookings.
    Reads everything: time grows with history, memory does not. `prove` does the same in several processes.
    """
    at = require_aware(at) if at is not None else None
    findings: list[Finding] = []
    for some in batches(everybody(db), AT_A_TIME):
        findings += verify_workspaces(db, some, at).findings
    for check in CHECKS:
        findings += verify_company(db, check, at)
    return findings


def everybody(db: Connection) -> Iterator[Known]:
    """Yield every workspace in order, also one that only entries, balances or seals name."""
    after = ""
    while rows := db.execute(query("verify_workspaces"), {"after": after, "limit": AT_A_TIME}).all():
        yield from (Known(row.workspace_id, row.known) for row in rows)
        after = rows[-1].workspace_id


def batches(workspaces: Iterable[Known], size: int) -> Iterator[list[Known]]:
    """Yield the workspaces in lists of `size`, the last one shorter."""
    remaining = iter(workspaces)
    while some := list(islice(remaining, size)):
        yield some


def verify_workspaces(db: Connection, workspaces: Sequence[Known], at: datetime | None) -> Proven:
    """Replay some workspaces and compare their sealed runs of entries."""
    ids = [each.workspace_id for each in workspaces]
    findings = [
        finding_of("workspaces", each.workspace_id, "workspaces", "one row", None)
        for each in workspaces
        if not each.known
    ]
    replayed: Counter[str] = Counter()
    findings += _replayed(db, ids, at, replayed)
    findings += [finding_of("seals", *broken) for broken in broken_runs(db, ids)]
    return Proven(findings, replayed.total())


def verify_company(
    db: Connection, check: str, at: datetime | None, *, since_root: int = 0
) -> Iterator[Finding]:
    """Yield the findings of one of `CHECKS`. `since_root`: leave out what this root and those before it cover."""
    if check == "seals":
        yield from (finding_of("seals", *broken) for broken in broken_rows(db, since_root))
    elif check == "refunds":
        for row in db.execute(query("verify_refunded_cents")):
            where = f"purchase {row.purchase_id}.refunded_cents"
            yield finding_of("refunds", row.workspace_id, where, row.refunds_cents, row.refunded_cents)
    elif check in COMPANY_WIDE:
        for row in db.execute(query(COMPANY_WIDE[check])):
            yield finding_of(check, EVERYBODY, row.place, row.expected, row.actual)
    elif at is not None:
        for row in db.execute(query("verify_ahead_of_time"), {"until": at + CLOCK_TOLERANCE}):
            where = f"{row.entries} entries from {row.first_no}"
            yield finding_of("ahead of time", row.workspace_id, where, f"booked by {at}", row.latest_at)


def first_broken_seal(db: Connection) -> Broken | None:
    """Return a seal that is broken, of entries before one of other rows; None when all hold."""
    for some in batches(everybody(db), AT_A_TIME):
        if broken := next(broken_runs(db, [each.workspace_id for each in some]), None):
            return broken
    return next(broken_rows(db), None)


def _replayed(
    db: Connection, ids: list[str], at: datetime | None, replayed: Counter[str]
) -> Iterator[Finding]:
    """Yield the findings of several workspaces. Entries and draws are streamed: memory does not grow with them."""
    rows = {name: _rows_of(db, f"verify_{name}", ids) for name in ROWS}
    rows["purchases"] = _without_waiting(db, rows["purchases"])
    since = db.execute(query("verify_ordered_since")).scalar_one_or_none()
    entries = groupby(_with_draws(db, ids), itemgetter("workspace_id"))
    upcoming = next(entries, None)
    for workspace_id in sorted(ids):  # as the entries come
        own: Iterable[Row] = ()
        if upcoming is not None and upcoming[0] == workspace_id:
            own = _counted(upcoming[1], replayed)
        mine = {name: actual.get(workspace_id, []) for name, actual in rows.items()}
        for check, where, expected, actual in _differences(mine, own, since, at):
            yield finding_of(check, workspace_id, where, expected, actual)
        if upcoming is not None and upcoming[0] == workspace_id:
            upcoming = next(entries, None)


def _counted(entries: Iterable[Row], replayed: Counter[str]) -> Iterator[Row]:
    for entry in entries:
        replayed[entry["kind"]] += 1
        yield entry


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
