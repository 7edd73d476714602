"""Plays one round: starts clients, worker and interface, strikes with the planned faults, waits, and checks."""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

import ledger
from ledger.notify.events import send_events
from ledger.payments.auto_top_up import set_auto_top_up
from ledger.payments.customers import ensure_customer
from ledger.payments.reconcile import reconcile
from ledger.payments.refunds import finish_refunds
from ledger.payments.top_ups import run_top_ups
from ledger.settings import Settings
from ledger.stripe_gateway import Gateway
from ledger.webhooks.inbox import open_gateway, poll_events, work_inbox
from ledger.worker import system_clock
from tests.fire.arena import Arena
from tests.fire.client import lines_of
from tests.fire.faults import end_faults, strike
from tests.fire.model import Exchange, Statement, faults_of, lost_or_doubled, out_of_order
from tests.fire.money import ahead_of_time, count_top_ups, silent, wrong_money
from tests.fire.plan import TOP_UP_CARDS, TOP_UP_LIMIT_CENTS, Round, round_of

SECONDS_OF_A_ROUND = 240.0
DAYS_BEFORE = 3
DELIVERED_BY = timedelta(days=2)
"""Ahead of every retry of a delivery."""
MONTHS_OF_A_RESET = timedelta(days=32)
"""How far ahead a planned reset books, on purpose."""


@dataclass
class Result:
    """What one round came to."""

    seed: int
    faults: tuple[str, ...]
    calls: int = 0
    entries: int = 0
    repeats: int = 0
    seconds: float = 0.0
    recoveries: list[float] = field(default_factory=list)
    api_recoveries: list[float] = field(default_factory=list)
    top_ups: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    problems: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Return one line of progress."""
        state = "; ".join(self.problems) or "ok"
        back = [f"database back in {seconds:.1f} s" for seconds in self.recoveries]
        back += [f"interface back in {seconds:.1f} s" for seconds in self.api_recoveries]
        about = [f"{self.calls} calls", f"{self.entries} entries", f"{self.top_ups.total()} top-ups"]
        about += [f"{self.seconds:.1f} s", *self.faults, *back]
        return f"seed {self.seed}: {', '.join(about)}: {state}"


def play(arena: Arena, seed: int) -> Result:
    """Play the round of a seed and check it."""
    plan, began = round_of(seed), time.monotonic()
    result = Result(seed, tuple(fault.name for fault in plan.faults))
    arena.recoveries, arena.api_recoveries = result.recoveries, result.api_recoveries
    heard = len(arena.receiver.received)
    _prepare(arena, plan)
    arena.start_api()
    arena.clients = [arena.start_client(number, plan) for number in range(len(plan.calls))]
    arena.start_worker()
    _strike_as_planned(arena, plan)
    result.problems += _wait(arena)
    arena.end_processes()
    arena.set_clock(0)
    result.problems += _settle(arena, plan)
    _check(arena, plan, result)
    result.messages = len(arena.receiver.received) - heard
    result.seconds = time.monotonic() - began
    return result


def _prepare(arena: Arena, plan: Round) -> None:
    arena.set_clock(0)
    arena.histories = [arena.home / f"history-{plan.seed}-{number}" for number in range(len(plan.calls))]
    at = datetime.now(UTC) - timedelta(days=DAYS_BEFORE)
    engine = ledger.connect(arena.url)
    with ledger.writing(engine) as db:
        for workspace_id in plan.workspaces:
            ledger.create_workspace(
                db,
                workspace_id,
                name=workspace_id,
                owner_email="fire@example.com",
                actor="fire",
                at=at,
                source="sandbox",
            )
            ledger.update_plan_allocation(
                db, workspace_id, "starter", "monthly", key="first", actor="fire", at=at
            )
    gateway = open_gateway(engine, Settings(data_dir=arena.home), "sandbox", clock=system_clock)
    end_faults(gateway)  # what the round before planned and nobody met
    for workspace_id, card in zip(plan.workspaces, TOP_UP_CARDS, strict=True):
        if card is not None:
            _buys_by_itself(engine, gateway, workspace_id, card, at)
    gateway.close()
    engine.dispose()


def _buys_by_itself(engine: Engine, gateway: Gateway, workspace_id: str, card: str, at: datetime) -> None:
    """Save a card and switch auto top-up on."""
    customer = str(ensure_customer(engine, gateway, workspace_id))
    stripe: Any = gateway._client.v1  # the customer's own browser, which our gateway never is
    saved = stripe.payment_methods.attach(card, {"customer": customer})
    stripe.customers.update(customer, {"invoice_settings": {"default_payment_method": saved.id}})
    with ledger.writing(engine) as db:
        set_auto_top_up(
            db,
            workspace_id,
            package="small",
            trigger=80,
            monthly_limit_cents=TOP_UP_LIMIT_CENTS,
            enabled=True,
            actor="fire",
            at=at,
        )


def _strike_as_planned(arena: Arena, plan: Round) -> None:
    total = sum(map(len, plan.calls))
    until = time.monotonic() + SECONDS_OF_A_ROUND
    for fault in plan.faults:
        while _answered(arena) < fault.after_share * total and time.monotonic() < until:
            if not any(client.is_alive() for client in arena.clients):
                break
            time.sleep(0.01)
        strike(arena, plan, fault)


def _answered(arena: Arena) -> int:
    return sum(path.read_text().count('"answer"') for path in arena.histories if path.exists())


def _wait(arena: Arena) -> list[str]:
    """Wait for the clients; return who did not come to an end."""
    until = time.monotonic() + SECONDS_OF_A_ROUND
    for client in arena.clients:
        client.join(max(0.1, until - time.monotonic()))
    return [
        f"client {number} ended with {client.exitcode}"
        for number, client in enumerate(arena.clients)
        if client.exitcode != 0
    ]


def _settle(arena: Arena, plan: Round) -> list[str]:
    """Let everything that the payment provider still owes arrive; return where the two sides differ afterwards."""
    arena.start_server()
    engine = ledger.connect(arena.url)
    gateway = open_gateway(engine, Settings(data_dir=Path(".data")), "sandbox", clock=system_clock)
    end_faults(gateway)
    for _ in range(3):
        # Ahead of every retry: nothing waits for its time here.
        at = datetime.now(UTC) + timedelta(minutes=30)
        gateway.run_due()
        poll_events(engine, gateway, at=at)
        while work_inbox(engine, {"sandbox": gateway}, at=at):
            pass
        finish_refunds(engine, gateway, at=at)
        run_top_ups(engine, gateway, at=at)
    while send_events(engine, at=datetime.now(UTC) + DELIVERED_BY):
        pass
    now = datetime.now(UTC)
    compared = reconcile(
        engine,
        gateway,
        since=now - timedelta(days=DAYS_BEFORE),
        until=now + timedelta(days=1),
        actor="fire",
        at=now,
        repair=False,
    )
    gateway.close()
    engine.dispose()
    return [
        f"reconcile: {finding}"
        for finding in compared.findings
        if finding.workspace_id is None or finding.workspace_id in plan.workspaces
    ]


def _check(arena: Arena, plan: Round, result: Result) -> None:
    engine = ledger.connect(arena.url)
    with ledger.reading(engine) as db:
        statements = {
            workspace_id: Statement(
                ledger.list_entries(db, workspace_id, limit=10_000)[::-1],
                ledger.list_lots(db, workspace_id),
            )
            for workspace_id in plan.workspaces
        }
        result.problems += [
            f"verify: {finding}"
            for finding in ledger.verify(db)
            if finding.workspace_id is None or finding.workspace_id in plan.workspaces
        ]
        exchanges = _exchanges(arena, plan, result)
        result.problems += [*wrong_money(db, exchanges, plan.workspaces), *silent(db, plan.workspaces)]
        result.problems += ahead_of_time(db, plan.workspaces, datetime.now(UTC) + MONTHS_OF_A_RESET)
        result.top_ups = count_top_ups(db, plan.workspaces)
    engine.dispose()
    result.calls = sum(each.answer is not None for each in exchanges)
    result.entries = sum(len(statement.entries) for statement in statements.values())
    for workspace_id, statement in statements.items():
        result.problems += [f"{workspace_id}: {problem}" for problem in faults_of(statement)]
    result.problems += [*lost_or_doubled(exchanges, statements), *out_of_order(exchanges, statements)]


def _exchanges(arena: Arena, plan: Round, result: Result) -> list[Exchange]:
    calls: dict[str, Exchange] = {}
    for number, path in enumerate(arena.histories):
        planned = {call.key: call for call in plan.calls[number]}
        for line in lines_of(path):
            if "began" in line:
                result.repeats += line["key"] in calls
                calls.setdefault(line["key"], Exchange(planned[line["key"]], line["began"]))
            if "answer" in line:
                calls[line["key"]].ended, calls[line["key"]].answer = line["ended"], line["answer"]
    for missing in {call.key: call for calls_ in plan.calls for call in calls_}.keys() - calls.keys():
        result.problems.append(f"{missing}: never began")
    return list(calls.values())
