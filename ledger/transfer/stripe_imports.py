"""Imports of a Stripe account's history, alone or together with files of uses: plan, compare, book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from ledger.database import query, reading, writing
from ledger.errors import ImportRefused
from ledger.payments.price_mapping import map_price, mark_as_other
from ledger.stripe_gateway import Gateway, PaymentFacts
from ledger.transfer.imports import ImportOutcome, ImportPlan, ImportRows, Progress, book_history
from ledger.transfer.rows import RowSource, StagedRow
from ledger.transfer.stripe_account import OnRead, StripeAccount, read_account
from ledger.transfer.stripe_choices import LEFT_OUT, StripeChoices, chosen_prices, propose_choices
from ledger.transfer.stripe_rows import StripeRows

KINDS = ("customers", "invoices", "subscriptions", "payments")
BALANCE_KINDS = {
    "payments": ("charge", "payment"),
    "refunds": ("refund", "payment_refund", "refund_failure", "payment_failure_refund"),
    "disputes": ("adjustment",),
}
"""Kinds of rows of Stripe's balance report."""


@dataclass(frozen=True, kw_only=True)
class StripeImportPlan:
    """An account and its mapping. `files`: a folder of further files, such as uses, that are booked with it."""

    account: StripeAccount
    choices: StripeChoices
    files: ImportPlan | None

    @property
    def questions(self) -> list[str]:
        """Open questions of the account and of the files."""
        return self.choices.questions + (self.files.questions if self.files else [])


@dataclass(frozen=True, kw_only=True)
class BalanceTotal:
    """One currency of the account. `stripe`: what Stripe's balance report says; the others add up to it."""

    what: str
    currency: str
    stripe_cents: int
    packages_cents: int
    plans_cents: int
    left_out_cents: int

    @property
    def difference_cents(self) -> int:
        """The amount in the balance report that the payments don't explain."""
        return self.stripe_cents - self.packages_cents - self.plans_cents - self.left_out_cents


def plan_stripe_import(
    engine: Engine,
    gateway: Gateway,
    *,
    since: datetime,
    given: Mapping[str, Mapping[str, str]] | None = None,
    files: ImportPlan | None = None,
    on_read: OnRead = lambda *_: None,
) -> StripeImportPlan:
    """Read an account and propose its mapping. Books nothing. Raises ImportRefused and the gateway's errors."""
    account = read_account(gateway, since=since, on_read=on_read)
    return with_answers(
        engine, StripeImportPlan(account=account, choices=NOTHING_CHOSEN, files=files), given or {}
    )


NOTHING_CHOSEN = StripeChoices(workspaces={}, prices={}, payments={}, about={})


def with_answers(
    engine: Engine, plan: StripeImportPlan, given: Mapping[str, Mapping[str, str]]
) -> StripeImportPlan:
    """Return the plan with other answers; nothing is read from Stripe again. Raises ImportRefused."""
    with reading(engine) as db:
        return replace(plan, choices=propose_choices(db, plan.account, given))


def run_stripe_import(
    engine: Engine,
    gateway: Gateway,
    plan: StripeImportPlan,
    *,
    actor: str,
    now: datetime,
    dry_run: bool = False,
    skip_refused: bool = False,
    progress: Progress = lambda *_: None,
) -> ImportOutcome:
    """Book an account, or dry-run it, as `run_import` does for files. Safe to repeat; a killed one continues.

    Prices stay mapped, for the next invoices. Raises ImportRefused while questions are open.
    """
    if plan.questions:
        raise ImportRefused(f"Open questions: {len(plan.questions)}. {plan.questions[0]}")
    account, choices = plan.account, plan.choices
    with reading(engine) as db:
        prices = chosen_prices(db, gateway, account, choices)
        ids = {"ids": sorted(set(choices.workspaces.values()))}
        known = set(db.execute(query("transfer_known_workspaces"), ids).scalars())
    if not dry_run:
        with writing(engine) as db:
            _map_prices(db, gateway, choices, actor=actor, at=now)
    files = plan.files.readers(now) if plan.files else []
    about: dict[str, Any] = {"account": account, "choices": choices, "prices": prices, "written": known}
    rows = [StripeRows(kind=kind, now=now, **about) for kind in KINDS]
    history = ImportRows(
        readers=(
            *((name, WrittenWorkspaces(each, known)) for name, each in files),
            *((each.file, each) for each in rows),
        ),
        origin=f"Stripe {gateway.masked_key}, since {account.since:%Y-%m-%d}",
        mapping=choices.text,
        source=gateway.source,
        actor=actor,
        now=now,
    )
    return book_history(engine, history, dry_run=dry_run, skip_refused=skip_refused, progress=progress)


@dataclass
class WrittenWorkspaces:
    """Passes the rows of a file on, and remembers the workspaces that it has."""

    reader: RowSource
    written: set[str]

    @property
    def skipped(self) -> int:
        """How many rows the file skipped."""
        return self.reader.skipped

    def rows(self) -> Iterator[StagedRow]:
        """Yield the rows of the file."""
        for row in self.reader.rows():
            if row.kind == "workspace" and row.workspace_id and not row.reason:
                self.written.add(row.workspace_id)
            yield row


def balance_totals(plan: StripeImportPlan) -> list[BalanceTotal]:
    """Return payments, refunds and disputes by currency: Stripe's balance report, and what becomes of each."""
    sums: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for change in plan.account.balance:
        for what, kinds in BALANCE_KINDS.items():
            if change.kind in kinds:
                sums[what, change.currency]["stripe_cents"] += change.amount_cents
    for payment in plan.account.payments:
        part = _part_of(payment, plan)
        for what, currency, cents in _money_of(payment):
            sums[what, currency][part] += cents
    parts = [each.name for each in fields(BalanceTotal) if each.name.endswith("_cents")]
    return [
        BalanceTotal(what=what, currency=currency, **{part: cents[part] for part in parts})
        for (what, currency), cents in sorted(sums.items())
    ]


def _part_of(payment: PaymentFacts, plan: StripeImportPlan) -> str:
    if payment.payment_intent in plan.account.plan_payments:
        return "plans_cents"
    is_package = plan.choices.owner_of(payment) and plan.choices.sold_as(payment)
    return "packages_cents" if is_package else "left_out_cents"


def _money_of(payment: PaymentFacts) -> Iterator[tuple[str, str, int]]:
    """Yield what a payment moved, in the currency in which Stripe settled it where that is known."""
    if not payment.is_paid:
        return
    if payment.net_cents is not None and payment.settlement_currency:
        yield "payments", payment.settlement_currency, payment.net_cents + (payment.fee_cents or 0)
    else:
        yield "payments", payment.currency, payment.amount_received_cents
    if payment.refunded_cents:
        yield "refunds", payment.currency, -payment.refunded_cents
    for dispute in payment.disputes:
        if dispute.takes_money:
            yield "disputes", dispute.currency, -dispute.amount_cents


def _map_prices(
    db: Connection, gateway: Gateway, choices: StripeChoices, *, actor: str, at: datetime
) -> None:
    for price_id, value in choices.prices.items():
        if value == LEFT_OUT:
            mark_as_other(db, gateway, price_id, actor=actor, at=at)
        else:
            plan, cycle = value.split()
            map_price(db, gateway, price_id, plan=plan, billing_cycle=cycle, actor=actor, at=at)
