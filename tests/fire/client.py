"""One client: makes its calls one after the other, each with one key until there is a definite answer."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

import ledger
from ledger.payments import buying
from ledger.payments.refunds import refund_purchase
from ledger.settings import Settings
from ledger.stripe_gateway import Gateway, GatewayUnavailable
from ledger.webhooks.inbox import open_gateway
from ledger.worker import system_clock
from tests.fire.plan import Call

SECONDS_BETWEEN_TRIES = 0.05
SECONDS_UNTIL_GIVEN_UP = 90.0
Answer = dict[str, Any]


class NoAnswerError(Exception):
    """A call found no definite answer in time: the product did not recover."""


class NoAnswerYet(Exception):
    """Nobody knows what came of a call: it is made once more, with the same key."""


class Client:
    """Reads where it had stopped from its own history: a killed client goes on with the same call and key."""

    def __init__(self, url: str, calls: tuple[Call, ...], history: Path, clock: Path) -> None:
        self.engine: Engine = ledger.connect(url)
        self.calls = calls
        self.history = history
        self.clock = clock
        # The payment provider is another company's machine: our clocks do not move its own.
        self.gateway: Gateway = open_gateway(
            self.engine, Settings(data_dir=Path(".data")), "sandbox", clock=system_clock
        )

    def now(self) -> datetime:
        """Return this machine's time, as late as the round wants it; a time ahead would be another request."""
        return datetime.now(UTC) + timedelta(seconds=min(0.0, float(self.clock.read_text())))

    def answer(self, call: Call, chosen: dict[str, Any]) -> Answer:
        """Return the answer of one try. Raise NoAnswerYet, or what the database or Stripe raises."""
        return CALLS[call.kind](self, call, chosen)

    def run(self) -> None:
        """Make the calls that have no answer yet, and write each answer down."""
        done = {line["key"] for line in lines_of(self.history) if "answer" in line}
        for call in self.calls:
            if call.key not in done:
                self._write({"key": call.key, "began": time.time()})
                self._write(self._answered(call))

    def _answered(self, call: Call) -> dict[str, Any]:
        until = time.monotonic() + SECONDS_UNTIL_GIVEN_UP
        # What the first try decided, a repeat decides again: a time or a lot of its own would be another request.
        chosen = self._chosen(call)
        while time.monotonic() < until:
            try:
                answer = self.answer(call, chosen)
            except (DBAPIError, GatewayUnavailable, NoAnswerYet):
                time.sleep(SECONDS_BETWEEN_TRIES)
                continue
            except ledger.LedgerError as refusal:
                answer = {"refused": type(refusal).__name__, "because": str(refusal)}
            return {"key": call.key, "ended": time.time(), "answer": answer}
        raise NoAnswerError(call.key)

    def _chosen(self, call: Call) -> dict[str, Any]:
        """Return what the first try of this call chose, written down before it was tried."""
        for line in lines_of(self.history):
            if line["key"] == call.key and "chosen" in line:
                return dict(line["chosen"])
        chosen = {"at": self.now().isoformat(), **self._target(call)}
        self._write({"key": call.key, "chosen": chosen})
        return chosen

    def _target(self, call: Call) -> dict[str, Any]:
        if call.kind not in {"void", "refund"}:
            return {}
        while True:
            try:
                with ledger.reading(self.engine) as db:
                    lots = ledger.list_lots(db, call.workspace_id, open_only=True)
            except DBAPIError:
                time.sleep(SECONDS_BETWEEN_TRIES)
            else:
                wanted = "purchase" if call.kind == "refund" else "grant"
                of_kind = [lot for lot in lots if lot.kind == wanted]
                if not of_kind:
                    return {}
                return {"lot": of_kind[0].lot_id, "purchase": str(of_kind[0].purchase_id)}

    def _write(self, line: dict[str, Any]) -> None:
        with self.history.open("a") as file:
            file.write(json.dumps(line, default=str) + "\n")


def lines_of(history: Path) -> list[dict[str, Any]]:
    """Return the whole lines of a history; a client that was killed may have left half of one."""
    lines = history.read_text().split("\n")[:-1] if history.exists() else []
    return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]


def _use(client: Client, call: Call, chosen: dict[str, Any]) -> Answer:
    at = datetime.fromisoformat(chosen["at"])
    with ledger.writing(client.engine) as db:
        used = ledger.track_minutes(
            db,
            call.workspace_id,
            call.arguments["minutes"],
            key=call.key,
            at=at,
            require_full=call.kind == "full_use",
        )
    return asdict(used)


def _batch(client: Client, call: Call, chosen: dict[str, Any]) -> Answer:
    at = datetime.fromisoformat(chosen["at"])
    uses = [
        {"workspace_id": workspace_id, "minutes": minutes, "key": f"{call.key}-{number}", "at": at}
        for number, (workspace_id, minutes) in enumerate(call.arguments["uses"])
    ]
    with ledger.writing(client.engine) as db:
        return {"uses": [asdict(result) for result in ledger.track_uses(db, uses)]}


def _grant(client: Client, call: Call, chosen: dict[str, Any]) -> Answer:
    with ledger.writing(client.engine) as db:
        lot = ledger.grant_minutes(
            db,
            call.workspace_id,
            call.arguments["minutes"],
            reason="fire",
            key=call.key,
            actor="fire",
            at=datetime.fromisoformat(chosen["at"]),
        )
    return {"lot": lot.lot_id}


def _plan(client: Client, call: Call, chosen: dict[str, Any]) -> Answer:
    with ledger.writing(client.engine) as db:
        ledger.update_plan_allocation(
            db,
            call.workspace_id,
            call.arguments["plan"],
            call.arguments["cycle"],
            key=call.key,
            actor="fire",
            at=datetime.fromisoformat(chosen["at"]),
        )
    return {}


def _reset(client: Client, call: Call, chosen: dict[str, Any]) -> Answer:
    at = datetime.fromisoformat(chosen["at"]) + timedelta(days=31 * call.arguments["months"])
    with ledger.writing(client.engine) as db:
        ledger.reset_monthly_minutes(db, call.workspace_id, key=call.key, at=at)
    return {}


def _purchase(client: Client, call: Call, chosen: dict[str, Any]) -> Answer:
    bought = buying.buy(
        client.engine,
        client.gateway,
        call.workspace_id,
        call.arguments["package"],
        payment_method=call.arguments["card"],
        key=call.key,
        actor="fire",
        at=datetime.fromisoformat(chosen["at"]),
    )
    return {"purchase": str(bought.purchase_id), "status": bought.status}


def _refund(client: Client, call: Call, chosen: dict[str, Any]) -> Answer:
    if "purchase" not in chosen:
        return {"nothing": "no purchase to refund"}
    refund_purchase(
        client.engine,
        client.gateway,
        call.workspace_id,
        UUID(chosen["purchase"]),
        call.arguments["cents"],
        reason="fire",
        key=call.key,
        actor="fire",
        at=datetime.fromisoformat(chosen["at"]),
    )
    return {}


def _void(client: Client, call: Call, chosen: dict[str, Any]) -> Answer:
    if "lot" not in chosen:
        return {"nothing": "no lot to void"}
    with ledger.writing(client.engine) as db:
        entry = ledger.void_minutes(
            db,
            call.workspace_id,
            chosen["lot"],
            call.arguments["minutes"],
            reason="fire",
            key=call.key,
            actor="fire",
            at=datetime.fromisoformat(chosen["at"]),
        )
    return {"entry_no": entry.entry_no}


CALLS: dict[str, Callable[[Client, Call, dict[str, Any]], Answer]] = {
    "use": _use,
    "full_use": _use,
    "batch": _batch,
    "grant": _grant,
    "plan": _plan,
    "reset": _reset,
    "purchase": _purchase,
    "refund": _refund,
    "void": _void,
}
