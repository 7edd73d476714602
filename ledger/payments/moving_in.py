"""Moving a company in that already sells plans through Stripe: what the first sync would do, the sync, and the trial.

On trial the ledger follows Stripe with a read-only key and is compared with it, and with the old system, every day.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping

from ledger.database import query, reading, writing
from ledger.errors import LedgerError
from ledger.payments.alerts import end_alert, raise_alert
from ledger.payments.errors import NotKnownYet, StillDifferent
from ledger.payments.old_system import old_balances
from ledger.payments.owners import show_ownerless, workspace_of_subscription
from ledger.payments.plan_invoices import preview_invoice
from ledger.payments.subscription_reading import read_subscription
from ledger.payments.subscriptions import (
    list_stripe_subscriptions,
    plan_booking,
    sync_subscription,
)
from ledger.stripe_gateway import Gateway, InvoiceFacts, SubscriptionFacts

DRIFT = "drift"
"""Kind of the alert about a subscription that differs from the ledger after going live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionPreview:
    """What a sync of one subscription would do now; `cause`: what blocks it, or why it credits nothing."""

    subscription: str
    customer: str | None
    status: str
    workspace_id: str | None
    plan: str | None
    paid_invoices: int
    new_invoices: int
    new_minutes: int
    new_cents: int
    unexplained_cents: int
    """How much Stripe and the ledger differ on what was paid for booked invoices; the cause is unknown."""
    currency: str | None
    """Of the amounts; None without a paid invoice."""
    open: bool
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveInComparison:
    """One comparison of the ledger with Stripe and with the old system; differences name their cause."""

    comparison_id: int
    source: str
    compared_at: datetime
    actor: str
    equal: int
    open: int
    unexplained_minutes: int
    unexplained_cents: int
    differences: tuple[Mapping[str, object], ...]
    went_live_by: str | None

    @property
    def may_go_live(self) -> bool:
        """Return whether no difference is open or unexplained."""
        return self.open == self.unexplained_minutes == self.unexplained_cents == 0

    @property
    def unexplained_by_currency(self) -> dict[str, int]:
        """Return the unexplained money in cents of each currency; empty when there is none."""
        cents: Counter[str] = Counter()
        for each in self.differences:
            if each.get("unexplained_cents"):
                cents[str(each["currency"])] += int(str(each["unexplained_cents"]))
        return dict(sorted(cents.items()))


def preview_subscriptions(db: Connection, gateway: Gateway, *, at: datetime) -> Iterator[SubscriptionPreview]:
    """Yield, for every subscription of the account, what a sync would credit and why. Books nothing.

    Raises the gateway's errors.
    """
    for facts in gateway.list_subscriptions():
        try:
            workspace_id = workspace_of_subscription(db, facts)
        except NotKnownYet:
            yield _ownerless(facts)
            continue
        yield _preview(db, gateway, facts, workspace_id, at)


def sync_subscriptions(engine: Engine, gateway: Gateway, *, at: datetime) -> Iterator[tuple[str, str]]:
    """Sync every subscription of the account, each in its own transaction. Yield it with the result of the sync."""
    for facts in gateway.list_subscriptions():
        try:
            with writing(engine) as db:
                summary = sync_subscription(db, gateway, facts.subscription, at=at).summary
        except NotKnownYet as problem:
            with writing(engine) as db:
                show_ownerless(db, problem, at=at)
            summary = problem.detail
        except LedgerError as error:
            summary = f"not synced: {error}"
        yield facts.subscription, summary


def compare_move_in(engine: Engine, gateway: Gateway, *, actor: str, at: datetime) -> MoveInComparison:
    """Compare the ledger with Stripe and the old system, and store the result. Raises the gateway's errors.

    After going live the old system no longer counts, and a difference to Stripe is an alert until it is gone.
    """
    with reading(engine) as db:
        live = has_gone_live(db)
        previews = list(preview_subscriptions(db, gateway, at=at))
        balances = [] if live else list(old_balances(db))
    unexplained = sum(abs(each["difference"]) for each in balances)
    differences = [asdict(each) for each in previews if each.open or each.unexplained_cents] + [
        each for each in balances if each["difference"]
    ]
    row = {
        "source": gateway.source,
        "at": at,
        "actor": actor,
        "equal": len(previews) + len(balances) - len(differences),
        "open": sum(each.open for each in previews),
        "unexplained_minutes": unexplained,
        "unexplained_cents": sum(each.unexplained_cents for each in previews),
        "differences": json.dumps(differences, default=str),
    }
    with writing(engine) as db:
        stored = db.execute(query("save_comparison"), row).mappings().one()
        if live:
            _follow_drift(db, previews, at)
    return _comparison(stored)


def _follow_drift(db: Connection, previews: Sequence[SubscriptionPreview], at: datetime) -> None:
    """Open an alert for each subscription that differs from the ledger, and end those of the ones that agree again."""
    for each in previews:
        if each.open or each.unexplained_cents:
            detail = f"The ledger differs from Stripe: {each.cause}"
            raise_alert(db, DRIFT, each.subscription, detail=detail, workspace_id=each.workspace_id, at=at)
        else:
            end_alert(db, DRIFT, each.subscription, because="the ledger agrees with Stripe again", at=at)


def list_comparisons(db: Connection, *, limit: int = 30) -> list[MoveInComparison]:
    """Return the comparisons, latest first."""
    rows = db.execute(query("list_comparisons"), {"limit": limit}).mappings()
    return [_comparison(row) for row in rows]


def go_live(db: Connection, comparison_id: int, *, actor: str) -> bool:
    """End the trial on a comparison without differences. Return False when it has some, or a later one exists."""
    row = {"comparison_id": comparison_id, "actor": actor}
    return db.execute(query("go_live"), row).one_or_none() is not None


def require_live(db: Connection, comparison_id: int, *, actor: str) -> None:
    """End the trial as `go_live` does. Raises `StillDifferent`."""
    if not go_live(db, comparison_id, actor=actor):
        raise StillDifferent("Compare again and resolve what is left.")


def is_on_trial(db: Connection) -> bool:
    """Return whether comparisons have begun and nobody has gone live yet."""
    return bool(db.execute(query("on_trial")).scalar_one())


def has_gone_live(db: Connection) -> bool:
    """Return whether the company has gone live."""
    return bool(db.execute(query("has_gone_live")).scalar_one())


def _comparison(row: RowMapping) -> MoveInComparison:
    return MoveInComparison(**{**row, "differences": tuple(row["differences"])})


def _ownerless(facts: SubscriptionFacts) -> SubscriptionPreview:
    over = facts.status in ("canceled", "incomplete_expired")
    return SubscriptionPreview(
        subscription=facts.subscription,
        customer=facts.customer,
        status=facts.status,
        workspace_id=None,
        plan=None,
        paid_invoices=0,
        new_invoices=0,
        new_minutes=0,
        new_cents=0,
        unexplained_cents=0,
        currency=None,
        open=not over,
        cause="ended, names no workspace" if over else "names no workspace: link its customer",
    )


def _preview(
    db: Connection, gateway: Gateway, facts: SubscriptionFacts, workspace_id: str, at: datetime
) -> SubscriptionPreview:
    current = read_subscription(db, gateway, facts.subscription)
    booking = plan_booking(db, workspace_id, current, at)
    fresh, unexplained = _without_outcome(db, current.paid)
    results = [preview_invoice(db, booking, invoice) for invoice in fresh]
    reasons = dict.fromkeys(result.because for result in results if result.because)
    person = any(result.outcome == "alert" for result in results)
    credited = sum(line.minutes for result in results for line in result.lines)
    plan = current.paid_plan
    ours = {each.subscription_id: each.status for each in list_stripe_subscriptions(db, workspace_id)}
    status = ours.get(facts.subscription)
    if status is not None and status != facts.status:
        reasons[f"Stripe says {facts.status}, the ledger {status}"] = None
    if unexplained:
        reasons["Stripe says another amount was paid than the ledger"] = None
    named = "; ".join(reasons) or ("not synced yet" if fresh or status is None else "equal")
    return SubscriptionPreview(
        subscription=facts.subscription,
        customer=facts.customer,
        status=facts.status,
        workspace_id=workspace_id,
        plan=f"{plan.price.plan} {plan.price.billing_cycle}" if plan else None,
        paid_invoices=len(current.paid),
        new_invoices=len(fresh),
        new_minutes=credited,
        new_cents=sum(invoice.amount_paid_cents for invoice in fresh),
        unexplained_cents=unexplained,
        currency=next((invoice.currency for invoice in current.paid), None),
        open=person or bool(fresh) or status != facts.status,
        cause=named,
    )


def _without_outcome(db: Connection, invoices: Sequence[InvoiceFacts]) -> tuple[list[InvoiceFacts], int]:
    """Return the invoices that are not booked, and by how many cents the booked ones differ from Stripe's."""
    ids = {"invoices": [invoice.invoice for invoice in invoices]}
    rows = db.execute(query("invoices_settled"), ids)
    booked = {row.invoice_id: row.amount_paid_cents for row in rows if row.outcome != "alert"}
    fresh = [invoice for invoice in invoices if invoice.invoice not in booked]
    apart = sum(
        abs(invoice.amount_paid_cents - booked[invoice.invoice])
        for invoice in invoices
        if invoice.invoice in booked
    )
    return fresh, apart
