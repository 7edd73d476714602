"""What else a customer asks about: purchases that did not happen, invoices without minutes, the fate of alerts."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection

from dashboard.text import day, money
from ledger.minutes import UsageAlert, list_usage_alerts
from ledger.payments import AutoTopUp, TopUp, get_auto_top_up, list_top_ups, plan_invoices

LISTED = 3
NOT_BOUGHT = {
    "needs_confirmation": "the bank asks for a confirmation",
    "declined": "the card was declined",
    "over_limit": "the monthly limit was reached",
    "no_card": "no card is saved",
    "not_on_sale": "the package is no longer sold",
}
REACHED = {
    "used_80": "80% were used",
    "used_90": "90% were used",
    "used_100": "everything was used",
    "plan_exhausted": "extra minutes were in use",
    "limit_hit": "the limit was reached",
}
FATE = {
    "pending": "the {} is still being sent",
    "delivered": "the {} was delivered",
    "dead": "the {} was sent and not accepted",
    "off": "no {} was sent, because no address is set up for it",
}


def sentences(db: Connection, workspace_id: str, at: datetime) -> list[str]:
    """Return one sentence for each event until `at` that a customer asks about, the newest of each kind."""
    alerts = list_usage_alerts(db, workspace_id)
    return [
        *invoices_without_minutes(plan_invoices.list_plan_invoices(db, workspace_id), at),
        *not_bought(get_auto_top_up(db, workspace_id), list_top_ups(db, workspace_id), alerts, at),
        *fates(alerts, at),
    ]


def invoices_without_minutes(invoices: Iterable[plan_invoices.PlanInvoice], at: datetime) -> Iterator[str]:
    """Return which paid invoices gave no minutes, or less than they pay for, and why."""
    short = [each for each in invoices if each.because and each.paid_at <= at]
    for each in short[:LISTED]:
        paid = money(each.amount_paid_cents, each.currency)
        gave = "fewer" if each.minutes else "no"
        yield f"{day(each.paid_at)}: invoice {each.invoice_id} ({paid}) gave {gave} minutes: {each.because}."


def not_bought(
    settings: AutoTopUp | None, top_ups: Iterable[TopUp], alerts: Iterable[UsageAlert], at: datetime
) -> Iterator[str]:
    """Return why no package was bought automatically, where one might have been expected."""
    hit = next((each.at for each in alerts if each.kind == "limit_hit" and each.at <= at), None)
    if (settings is None or not settings.enabled) and hit:
        yield f"{day(hit)}: nothing was bought automatically when the limit was reached: auto top-up is off."
        return
    failed = [each for each in top_ups if each.outcome in NOT_BOUGHT and each.at <= at]
    for each in failed[:LISTED]:
        detail = f" ({each.detail.removesuffix('.')})" if each.detail else ""
        yield f"{day(each.at)}: nothing was bought automatically: {NOT_BOUGHT[each.outcome]}{detail}."


def fates(alerts: Sequence[UsageAlert], at: datetime) -> Iterator[str]:
    """Return what became of the alerts of the latest credit."""
    seen = [each for each in alerts if each.at <= at]
    for each in (each for each in seen if each.epoch == seen[0].epoch):
        fate = fate_of("alert", each.delivery, each.delivered_at, each.last_error)
        yield f"{day(each.at)}: {REACHED[each.kind]}; {fate}."


def fate_of(what: str, delivery: str, delivered_at: datetime | None, last_error: str | None) -> str:
    """Return what became of an alert or a message, and why it was not delivered."""
    fate = FATE[delivery].format(what)
    if delivery == "delivered" and delivered_at:
        return f"{fate} on {day(delivered_at)}"
    return f"{fate} ({last_error})" if last_error else fate
