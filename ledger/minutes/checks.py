"""Checks of a workspace beside its entries: its balance row, lots, plan, keys, periods and purchases."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ledger.minutes.payment_checks import invoice_differences, purchase_differences
from ledger.minutes.replay import MARKED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from ledger.minutes.replay import Difference, Row, WorkspaceHistory, WorkspaceReplay


def differences(
    replay: WorkspaceReplay, rows: dict[str, list[Row]], at: datetime | None
) -> Iterator[Difference]:
    """Yield the differences from the end of a replay. `at`: also periods that are overdue by then."""
    minutes = replay.history.minutes
    yield from _end(replay)
    yield from _usage_alerts(replay, rows["usage_alerts"])
    yield from _plan(rows["lots"], rows["subscriptions"], minutes)
    yield from _marks(replay, rows["idempotency_keys"])
    for fact in rows["facts"]:
        yield ("facts", fact["place"], fact["expected"], fact["actual"])
    yield from _periods(rows["lots"], rows["subscriptions"], minutes)
    due = minutes["minutes_reset_date"]
    if at is not None and minutes["managed_by"] == "ledger" and due is not None and due <= at:
        yield ("periods", "workspace_minutes", f"the period from {due} booked by {at}", None)
    yield from purchase_differences(rows["purchases"])
    yield from invoice_differences(rows["invoices"])


def _end(replay: WorkspaceReplay) -> Iterator[Difference]:
    minutes = replay.history.minutes
    right: dict[str, Any] = {
        "entry_no": replay.entry_no,
        "minutes_remaining": replay.plan,
        "extra_minutes_remaining": replay.extra,
        "minutes_used": replay.used,
        "epoch": replay.epoch,
        "gauge_base": replay.gauge_base,
        "warned": replay.warned,
        "limit_hit": (replay.epoch, "limit_hit") in replay.alerts,
        "plan_exhausted": (replay.epoch, "plan_exhausted") in replay.alerts,
        "lot_count": max(replay.history.lots, default=0),
    }
    if replay.entry_no:
        right |= {"latest_at": replay.latest_at, "recorded_at": replay.recorded_at}
    for name, value in right.items():
        if minutes[name] != value:
            yield ("balances", f"workspace_minutes.{name}", value, minutes[name])
    yield from _current_lot(replay.history)
    for lot_id, lot in replay.history.lots.items():
        for name, value in (("drawn", replay.drawn), ("voided", replay.voided)):
            if lot[name] != value.get(lot_id, 0):
                yield ("lots", f"lot {lot_id}.{name}", value.get(lot_id, 0), lot[name])
        if lot_id not in replay.left:
            yield ("lots", f"lot {lot_id}", "an entry that credits it", None)
    in_lots = {True: 0, False: 0}
    for lot in replay.history.lots.values():
        in_lots[lot["kind"] == "plan"] += lot["remaining"]
    if (in_lots[True], in_lots[False]) != (replay.plan, replay.extra):
        yield (
            "balances",
            "open lots",
            f"{replay.plan} plan, {replay.extra} extra",
            f"{in_lots[True]}, {in_lots[False]}",
        )


def _current_lot(history: WorkspaceHistory) -> Iterator[Difference]:
    """Yield a current lot that is not the first open one, or holds another number of minutes."""
    known = history.minutes["current_lot_id"], history.minutes["current_remaining"]
    first = min(
        (
            (lot["burn_order"], lot_id, lot["remaining"])
            for lot_id, lot in history.lots.items()
            if lot["remaining"]
        ),
        default=(0, None, 0),
    )[1:]
    if known not in (first, (None, 0)):
        yield ("balances", "workspace_minutes.current_lot_id", first, known)


def _plan(lots: list[Row], subscriptions: list[Row], minutes: Row) -> Iterator[Difference]:
    """Yield differences between the balance row and the running subscription with its newest allocation."""
    running = [each for each in subscriptions if each["ended_at"] is None]
    if len(running) > 1:
        yield ("plans", "subscriptions", "one that runs", [each["subscription_no"] for each in running])
    plan_lots = [lot for lot in lots if lot["kind"] == "plan" and not lot["arrears"]]
    allocations = [lot["acquired_at"] for lot in plan_lots if lot["period_start"] is None]
    current = running[-1] if running else {}
    right = {name: current.get(name) for name in ("subscription_no", "plan", "billing_cycle", "managed_by")}
    right["anchor_at"] = allocations[-1] if current and allocations else None
    right["minutes_total"] = plan_lots[-1]["minutes"] if plan_lots else 0
    newest = current or (subscriptions[-1] if subscriptions else {})
    if newest.get("allocation_minutes") is not None:
        right["minutes_total"] = newest["allocation_minutes"]
    for name, value in right.items():
        if minutes[name] != value:
            yield ("plans", f"workspace_minutes.{name}", value, minutes[name])


def _usage_alerts(replay: WorkspaceReplay, usage_alerts: list[Row]) -> Iterator[Difference]:
    stored = {
        (row["epoch"], row["kind"]): (row["entry_no"], row["unmet_minutes"], row["at"], row["recorded_at"])
        for row in usage_alerts
    }
    for key in sorted(stored.keys() | replay.alerts.keys()):
        if stored.get(key) != replay.alerts.get(key):
            yield ("epochs", f"alert {key[1]} of epoch {key[0]}", replay.alerts.get(key), stored.get(key))


def _marks(replay: WorkspaceReplay, keys: list[Row]) -> Iterator[Difference]:
    marked = {(row["operation"], row["key"]): (row["entry_no"], row["lot_id"]) for row in keys}
    booked = replay.marks
    for mark in sorted(booked.keys() | {mark for mark in marked if mark[0] in MARKED}):
        right, stored = booked.get(mark), marked.get(mark)
        if right != stored:
            yield ("keys", " ".join(mark), _of_lot(right), _of_lot(stored))
    last = replay.entry_no
    for (operation, key), (entry_no, _) in marked.items():
        if not 0 <= entry_no <= last:
            yield ("keys", f"{operation} {key}", f"an entry up to {last}", entry_no)


def _of_lot(mark: tuple[int, int] | None) -> str | None:
    return mark and f"entry {mark[0]} of lot {mark[1]}"


def _periods(lots: list[Row], subscriptions: list[Row], minutes: Row) -> Iterator[Difference]:
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


def _reset_by_us(subscriptions: Iterable[Row], due: datetime) -> bool:
    return any(
        each["managed_by"] == "ledger"
        and each["billing_cycle"] == "monthly"
        and each["started_at"] < due
        and (each["ended_at"] is None or each["ended_at"] > due)
        for each in subscriptions
    )
