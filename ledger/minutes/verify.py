"""Replay the whole ledger and name every row that does not fit: what no constraint can say."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ledger.clocks import CLOCK_TOLERANCE
from ledger.database import query
from ledger.minutes.findings import Finding, finding_of
from ledger.minutes.payment_checks import invoice_differences, purchase_differences
from ledger.minutes.replay import Difference, Replay, Row, Told
from ledger.seals.checking import broken_seals
from ledger.validation import require_aware

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

AT_A_TIME = 500
EVERYBODY = "*"
COMPANY_WIDE = {
    "sums": "verify_sums",
    "closed months": "verify_closed_months",
    "hold-outs": "verify_hold_outs",
}
"""Checks of what belongs to no single workspace -> the query that gives the rows that do not fit."""
MARKED = ("allocation", "grant", "purchase", "void", "refund", "dispute", "restore")


def verify(db: Connection, *, at: datetime | None = None) -> list[Finding]:
    """Replay every workspace and return what differs; an empty list proves the ledger.

    `at`: the present; also report monthly periods that are due and not booked, and what was booked ahead of time.
    Reads everything: time grows with history.
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
        findings += [finding_of(check, EVERYBODY, row.place, row.expected, row.found) for row in rows]
    return findings


def _of_workspaces(db: Connection, at: datetime | None) -> Iterator[Finding]:
    for row in db.execute(query("verify_refunded_cents")):
        where = f"purchase {row.purchase_id}.refunded_cents"
        yield finding_of("refunds", row.workspace_id, where, row.refunds_cents, row.refunded_cents)
    if at is not None:
        for row in db.execute(query("verify_ahead_of_time"), {"until": at + CLOCK_TOLERANCE}):
            where = f"{row.entries} entries from {row.first_no}"
            yield finding_of("ahead of time", row.workspace_id, where, f"booked by {at}", row.latest_at)


def _verify_some(db: Connection, ids: list[str], at: datetime | None) -> list[Finding]:
    rows = {
        name: _rows_of(db, f"verify_{name}", ids)
        for name in ("minutes", "entries", "draws", "lots", "usage_alerts")
    }
    rows |= {
        name: _rows_of(db, f"verify_{name}", ids)
        for name in ("idempotency_keys", "subscriptions", "purchases", "invoices", "facts")
    }
    findings = []
    for workspace_id in ids:
        mine = {name: found.get(workspace_id, []) for name, found in rows.items()}
        findings += [
            finding_of(check, workspace_id, where, expected, found)
            for check, where, expected, found in _differences(mine, at)
        ]
    return findings


def _rows_of(db: Connection, name: str, ids: list[str]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in db.execute(query(name), {"ids": ids}).mappings():
        grouped[row["workspace_id"]].append(dict(row))
    return grouped


def _differences(rows: dict[str, list[Row]], at: datetime | None) -> Iterator[Difference]:
    if not rows["minutes"]:
        yield ("balances", "workspace_minutes", "one row", "none")
        return
    draws: dict[int, dict[int, int]] = defaultdict(Counter)
    for draw in rows["draws"]:
        draws[draw["entry_no"]][draw["lot_id"]] += draw["minutes"]
    told = Told(rows["minutes"][0], rows["entries"], draws, {lot["lot_id"]: lot for lot in rows["lots"]})
    replay = Replay(told)
    yield from replay.differences()
    yield from _end(replay)
    yield from _usage_alerts(replay, rows["usage_alerts"])
    yield from _plan(rows["lots"], rows["subscriptions"], told.minutes)
    yield from _marks(rows["entries"], rows["idempotency_keys"])
    for fact in rows["facts"]:
        yield ("facts", fact["place"], fact["expected"], fact["found"])
    yield from _periods(rows["lots"], rows["subscriptions"], told.minutes, at)
    yield from purchase_differences(rows["purchases"])
    yield from invoice_differences(rows["invoices"])


def _end(replay: Replay) -> Iterator[Difference]:
    minutes = replay.told.minutes
    right: dict[str, Any] = {
        "entry_no": replay.entry_no,
        "minutes_remaining": replay.plan,
        "extra_minutes_remaining": replay.extra,
        "minutes_used": replay.used,
        "epoch": replay.epoch,
        "gauge_base": replay.gauge_base,
        "warned": replay.warned,
        "limit_hit": (replay.epoch, "limit_hit") in replay.crossed,
        "plan_exhausted": (replay.epoch, "plan_exhausted") in replay.crossed,
        "lot_count": max(replay.told.lots, default=0),
    }
    if replay.entry_no:
        right |= {"latest_at": replay.latest_at, "recorded_at": replay.recorded_at}
    for name, value in right.items():
        if minutes[name] != value:
            yield ("balances", f"workspace_minutes.{name}", value, minutes[name])
    yield from _current_lot(replay.told)
    for lot_id, lot in replay.told.lots.items():
        for name, value in (("drawn", replay.drawn), ("voided", replay.voided)):
            if lot[name] != value.get(lot_id, 0):
                yield ("lots", f"lot {lot_id}.{name}", value.get(lot_id, 0), lot[name])
        if lot_id not in replay.left:
            yield ("lots", f"lot {lot_id}", "an entry that credits it", None)
    held = {True: 0, False: 0}
    for lot in replay.told.lots.values():
        held[lot["kind"] == "plan"] += lot["remaining"]
    if (held[True], held[False]) != (replay.plan, replay.extra):
        yield (
            "balances",
            "open lots",
            f"{replay.plan} plan, {replay.extra} extra",
            f"{held[True]}, {held[False]}",
        )


def _current_lot(told: Told) -> Iterator[Difference]:
    """The locked row may know where the next use begins: then it is the first open lot, and all that it holds."""
    known = told.minutes["current_lot_id"], told.minutes["current_remaining"]
    first = min(
        (
            (lot["burn_order"], lot_id, lot["remaining"])
            for lot_id, lot in told.lots.items()
            if lot["remaining"]
        ),
        default=(0, None, 0),
    )[1:]
    if known not in (first, (None, 0)):
        yield ("balances", "workspace_minutes.current_lot_id", first, known)


def _plan(lots: list[Row], subscriptions: list[Row], minutes: Row) -> Iterator[Difference]:
    """The locked row repeats the running subscription and its newest allocation."""
    running = [each for each in subscriptions if each["ended_at"] is None]
    if len(running) > 1:
        yield ("plans", "subscriptions", "one that runs", [each["subscription_no"] for each in running])
    plan_lots = [lot for lot in lots if lot["kind"] == "plan" and not lot["arrears"]]
    allocations = [lot["acquired_at"] for lot in plan_lots if lot["period_start"] is None]
    current = running[-1] if running else {}
    right = {name: current.get(name) for name in ("subscription_no", "plan", "billing_cycle", "managed_by")}
    right["anchor_at"] = allocations[-1] if current and allocations else None
    right["minutes_total"] = plan_lots[-1]["minutes"] if plan_lots else 0
    if current.get("allocation_minutes") is not None:
        right["minutes_total"] = current["allocation_minutes"]
    for name, value in right.items():
        if minutes[name] != value:
            yield ("plans", f"workspace_minutes.{name}", value, minutes[name])


def _usage_alerts(replay: Replay, usage_alerts: list[Row]) -> Iterator[Difference]:
    found = {
        (row["epoch"], row["kind"]): (row["entry_no"], row["unmet_minutes"], row["at"], row["recorded_at"])
        for row in usage_alerts
    }
    for key in sorted(found.keys() | replay.crossed.keys()):
        if found.get(key) != replay.crossed.get(key):
            yield ("epochs", f"alert {key[1]} of epoch {key[0]}", replay.crossed.get(key), found.get(key))


def _marks(entries: list[Row], keys: list[Row]) -> Iterator[Difference]:
    marked = {(row["operation"], row["key"]): (row["entry_no"], row["lot_id"]) for row in keys}
    booked = {
        (row["kind"], row["key"]): (row["entry_no"], row["lot_id"])
        for row in entries
        if row["kind"] in MARKED
    }
    for mark in sorted(booked.keys() | {mark for mark in marked if mark[0] in MARKED}):
        right, found = booked.get(mark), marked.get(mark)
        if right != found:
            yield ("keys", " ".join(mark), _of_lot(right), _of_lot(found))
    last = entries[-1]["entry_no"] if entries else 0
    for (operation, key), (entry_no, _) in marked.items():
        if not 0 <= entry_no <= last:
            yield ("keys", f"{operation} {key}", f"an entry up to {last}", entry_no)


def _of_lot(mark: tuple[int, int] | None) -> str | None:
    return mark and f"entry {mark[0]} of lot {mark[1]}"


def _periods(
    lots: list[Row], subscriptions: list[Row], minutes: Row, at: datetime | None
) -> Iterator[Difference]:
    plan_lots = [lot for lot in lots if lot["kind"] == "plan" and not lot["arrears"]]
    booked = {lot["period_start"] for lot in plan_lots} - {None}
    for previous, lot in pairwise(plan_lots):
        due = previous["reset_date"]
        if lot["period_start"] is not None:
            if lot["reset_date"] != lot["right_reset_date"] or due not in booked:
                yield (
                    "periods",
                    f"lot {lot['lot_id']}",
                    f"{due} to {lot['right_reset_date']}",
                    lot["period_start"],
                )
        elif (
            due is not None
            and due <= lot["acquired_at"]
            and due not in booked
            and _reset_by_us(subscriptions, due)
        ):
            yield ("periods", f"before lot {lot['lot_id']}", f"a lot for the period from {due}", None)
    due = minutes["minutes_reset_date"]
    last_due = plan_lots[-1]["reset_date"] if plan_lots else None
    billed = [each for each in subscriptions if each["ended_at"] is None and each["managed_by"] == "stripe"]
    if billed and billed[-1]["allocation_minutes"] is not None:
        last_due = billed[-1]["reset_date"]
    if minutes["managed_by"] and due != last_due and last_due not in booked:
        yield ("periods", "workspace_minutes.minutes_reset_date", last_due, due)
    if at is not None and minutes["managed_by"] == "ledger" and due is not None and due <= at:
        yield ("periods", "workspace_minutes", f"the period from {due} booked by {at}", None)


def _reset_by_us(subscriptions: Iterable[Row], due: datetime) -> bool:
    return any(
        each["managed_by"] == "ledger"
        and each["billing_cycle"] == "monthly"
        and each["started_at"] < due
        and (each["ended_at"] is None or each["ended_at"] > due)
        for each in subscriptions
    )
