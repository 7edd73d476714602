"""The checker: replays what was booked through the oracle, one workspace after the other, and compares every answer.

Strict serialisability of a workspace: its entries are one order in which every effect follows from the ones before it,
every answer that a client has received is that of its entry, and a call that began after another had been answered
stands behind it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ledger.minutes.balances import Entry, Lot
from tests.fire.plan import Call
from tests.oracle import Oracle

CREDITS = {"allocation": "plan", "reset": "plan", "grant": "extra", "purchase": "extra"}
ENTRY_KIND = {"use": "use", "full_use": "use", "grant": "grant", "void": "void", "plan": "allocation"}
REFUSALS = {
    "full_use": {"InsufficientMinutes"},
    "void": {"InsufficientMinutes"},
    "refund": {"RefundExceedsPayment", "NotRefundable", "GatewayRefused"},
}
"""What each kind of call may be refused with; anything else is a fault of the product."""


@dataclass
class Exchange:
    """What a client knows about one call."""

    call: Call
    began: float
    ended: float | None = None
    answer: dict[str, Any] | None = None


@dataclass
class Statement:
    """What the ledger says about one workspace."""

    entries: list[Entry]
    lots: list[Lot]
    uses: dict[str, Entry] = field(init=False)

    def __post_init__(self) -> None:
        """Find uses by key."""
        self.uses = {entry.key: entry for entry in self.entries if entry.kind == "use"}


def faults_of(statement: Statement) -> Iterator[str]:
    """Yield what in this order of entries does not follow from the entries before it."""
    oracle, ages = Oracle(), {lot.lot_id: lot.acquired_at for lot in statement.lots}
    for number, entry in enumerate(statement.entries, start=1):
        place = f"entry {entry.entry_no} ({entry.kind}, {entry.key})"
        if entry.entry_no != number:
            yield f"{place}: expected number {number}"
        moved = entry.plan_delta + entry.extra_delta
        if entry.kind == "use":
            yield from _wrong_use(oracle, entry, place)
        elif entry.kind in CREDITS:
            oracle.credit(CREDITS[entry.kind], moved, ages[entry.lot_id])
        elif entry.lot_id is not None:
            oracle.void(entry.lot_id, -moved)
        if (oracle.pool("plan"), oracle.pool("extra")) != (entry.plan_minutes, entry.extra_minutes):
            yield f"{place}: {entry.plan_minutes} + {entry.extra_minutes} minutes, the model has {oracle.pool('plan')} + {oracle.pool('extra')}"
            return
    left = {lot.lot_id: lot.remaining for lot in statement.lots}
    if left != {lot.number: lot.left for lot in oracle.lots}:
        yield f"lots hold {left}, the model {[lot.left for lot in oracle.lots]}"


def _wrong_use(oracle: Oracle, entry: Entry, place: str) -> Iterator[str]:
    if entry.overage_policy == "refused":
        if oracle.balance >= entry.minutes or entry.unmet_minutes != entry.minutes:
            yield f"{place}: refused, {entry.unmet_minutes} unmet, the model holds {oracle.balance}"
        return
    draws, thresholds, _ = oracle.use(entry.minutes)
    if sum(draws.values()) + entry.unmet_minutes != entry.minutes:
        yield f"{place}: {entry.unmet_minutes} unmet, the model drew {sum(draws.values())} of {entry.minutes}"
    if list(entry.thresholds) != thresholds:
        yield f"{place}: thresholds {list(entry.thresholds)}, the model has {thresholds}"


def lost_or_doubled(exchanges: list[Exchange], statements: dict[str, Statement]) -> Iterator[str]:
    """Yield calls whose answer is not what was booked, and refusals that nothing explains."""
    for each in exchanges:
        if each.answer is None:
            yield f"{each.call.key}: no definite answer"
        elif each.answer.get("refused") not in {None, *REFUSALS.get(each.call.kind, ())}:
            yield f"{each.call.key}: refused, {each.answer.get('because')}"
        elif each.call.kind == "batch":
            yield from _wrong_batch(each, statements)
        elif each.call.kind in {"use", "full_use"}:
            yield from _wrong_answer(each.call.key, each.call.workspace_id, each.answer, each, statements)
        elif each.call.kind in ENTRY_KIND and not each.answer.keys() & {"refused", "nothing"}:
            booked = [
                entry
                for entry in statements[each.call.workspace_id].entries
                if (entry.kind, entry.key) == (ENTRY_KIND[each.call.kind], each.call.key)
            ]
            if len(booked) != 1:
                yield f"{each.call.key}: answered, and booked {len(booked)} times"


def _wrong_batch(each: Exchange, statements: dict[str, Statement]) -> Iterator[str]:
    assert each.answer is not None
    wanted = each.call.arguments["uses"]
    for number, ((workspace_id, _), answer) in enumerate(zip(wanted, each.answer["uses"], strict=True)):
        yield from _wrong_answer(f"{each.call.key}-{number}", workspace_id, answer, each, statements)


def _wrong_answer(
    key: str, workspace_id: str, answer: dict[str, Any], each: Exchange, statements: dict[str, Statement]
) -> Iterator[str]:
    entry = statements[workspace_id].uses.get(key)
    if answer.get("refused") == "InsufficientMinutes":
        if answer.get("booked_refusal"):
            if entry is None or entry.unmet_minutes != entry.minutes:
                yield f"{key}: refused over HTTP, and no refusal booked"
        elif entry is not None:
            yield f"{key}: refused, and booked all the same"
        elif not _was_short(statements[workspace_id], each):
            yield f"{key}: refused while {each.call.arguments['minutes']} minutes were there"
        return
    if entry is None:
        yield f"{key}: answered, and never booked"
        return
    said = (answer["from_plan"], answer["from_extra"], answer["unmet_minutes"], list(answer["thresholds"]))
    booked = (-entry.plan_delta, -entry.extra_delta, entry.unmet_minutes, list(entry.thresholds))
    if said != booked:
        yield f"{key}: answered {said}, booked {booked}"


def _was_short(statement: Statement, each: Exchange) -> bool:
    """Return whether the balance was below what was wanted at some moment of the call."""
    before = [entry for entry in statement.entries if entry.recorded_at.timestamp() <= each.began]
    during = [
        entry
        for entry in statement.entries
        if each.began < entry.recorded_at.timestamp() <= (each.ended or float("inf"))
    ]
    balances = [entry.plan_minutes + entry.extra_minutes for entry in (before[-1:] or []) + during]
    return not before or min(balances) < each.call.arguments["minutes"]


def out_of_order(exchanges: list[Exchange], statements: dict[str, Statement]) -> Iterator[str]:
    """Yield uses that began after another had been answered and stand before it."""
    for workspace_id, statement in statements.items():
        places = sorted(
            (each.began, each.ended, statement.uses[each.call.key].entry_no, each.call.key)
            for each in exchanges
            if each.ended and each.call.workspace_id == workspace_id and each.call.key in statement.uses
        )
        for began, _, number, key in places:
            behind = [other for _, ended, later, other in places if ended < began and later > number]
            if behind:
                yield f"{key} began after {behind[0]} was answered, and stands before it"
