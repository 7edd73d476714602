"""What the customer's page shows, read in one transaction and ready for its template."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from dashboard.clock import present
from dashboard.installation import current, engine, reading, write
from dashboard.text import day, decimal, money, spaced
from ledger import Balance, Limit, check_usage_limit, get_balance, get_workspace
from ledger.experiments import CONTROL, running_arms
from ledger.money import units_of
from ledger.payments import (
    PAID,
    TRIGGERS,
    AutoTopUp,
    Package,
    PortalLink,
    Purchase,
    WrongSource,
    get_auto_top_up,
    list_packages,
    list_plans,
    list_purchases,
    plan_lines,
    resume_with_card,
    saved_card_of,
    subscriptions,
    waiting_confirmation,
)
from ledger.stripe_gateway import GatewayError

SPENT = 100
SUGGESTED_LIMIT_CENTS = 5_000
HISTORY = 24
BANNERS = {
    80: "80% of your minutes are used.",
    90: "90% of your minutes are used.",
    100: "Your minutes are used up.",
}
INVITATIONS = {90: "Buy extra minutes to be safe.", 100: "Buy extra minutes to go on."}
"""What a banner adds for those who are offered something."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One package to choose: `badge` marks the one most customers pick and the cheapest minute."""

    code: str
    name: str
    tagline: str | None
    minutes: int
    price: str
    per_hundred: str
    badge: str | None


@dataclass(frozen=True, kw_only=True)
class Bought:
    """One line of the purchase history."""

    on: str
    package: str
    minutes: int
    price: str
    state: str
    receipt_url: str | None


@dataclass(frozen=True, kw_only=True)
class Confirm:
    """A payment that the bank asks the customer about; `bank_url`: its page, else Stripe's payment page asks again."""

    purchase: Purchase
    text: str
    bank_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class View:
    """Everything on the page. `banner_level` is 80, 90, 100 or None; `used` percent fills the bar."""

    name: str
    balance: Balance
    used: float
    using_extra: bool
    banner_level: int | None
    banner: str | None
    plan_line: str
    owed_line: str | None
    """Used minutes whose money a plan change returned."""
    choices: list[Choice]
    history: list[Bought]
    top_up: AutoTopUp | None
    top_up_limit: str
    currency: str
    triggers: tuple[int, ...]
    link: PortalLink
    confirm: Confirm | None
    card: str | None = None
    """The saved card, as the customer calls it; read only where it is shown."""


def view_of(db: Connection, link: PortalLink, *, at: datetime) -> View:
    """Return the page of a workspace at `at`. Raise UnknownWorkspace."""
    workspace = get_workspace(db, link.workspace_id)
    balance = get_balance(db, link.workspace_id, due_by=at)
    limit = check_usage_limit(db, link.workspace_id, at=at)
    top_up = get_auto_top_up(db, link.workspace_id)
    packages = list_packages(db, link.workspace_id, at=at)
    choices = _choices(db, link.workspace_id, packages, at)
    offered = {each.code: each.currency for each in packages}
    currency = offered.get(top_up.package if top_up else "", next(iter(offered.values()), "usd"))
    limit_cents = top_up.monthly_limit_cents if top_up else SUGGESTED_LIMIT_CENTS
    level = limit.warning if limit.percent_used is not None else None
    return View(
        name=workspace.name,
        balance=balance,
        used=min(limit.percent_used or 0.0, SPENT),
        using_extra=limit.using_extra,
        banner_level=level,
        banner=_banner(level, invites=bool(choices)),
        plan_line=_plan_line(db, balance, limit),
        owed_line=_owed_line(db, link.workspace_id),
        choices=choices,
        history=_history(db, link.workspace_id),
        top_up=top_up,
        top_up_limit=f"{units_of(limit_cents, currency):f}",
        currency=currency.upper(),
        triggers=TRIGGERS,
        link=link,
        confirm=_confirm(waiting_confirmation(db, link.workspace_id)),
    )


def with_stripe(view: View, *, offers: bool) -> View:
    """Return the page with what only Stripe knows: the saved card where packages are shown, and the bank's page.

    Without Stripe the page still shows everything else.
    """
    shows_packages = bool(view.choices) and (offers or view.banner_level == SPENT)
    asks = view.confirm if view.confirm and view.confirm.purchase.status == "requires_action" else None
    waits = view.top_up is not None and view.top_up.state == "needs_card"
    if not shows_packages and asks is None and not waits:
        return view
    try:
        with reading() as db:
            gateway = current().gateway_of(db, view.link.workspace_id)
        card = saved_card_of(engine(), gateway, view.link.workspace_id) if shows_packages or waits else None
        facts = gateway.fetch_payment(asks.purchase.payment_intent or "") if asks else None
    except (GatewayError, WrongSource):
        return replace(view, confirm=None if asks else view.confirm)
    if card and waits and not view.link.read_only:
        view = replace(view, top_up=_resumed(view))
    if asks:
        bank_url = facts.next_action_url if facts else None
        view = replace(view, confirm=replace(asks, bank_url=bank_url) if bank_url else None)
    return replace(view, card=card.name if card and shows_packages else None)


def _resumed(view: View) -> AutoTopUp | None:
    """Let the top-up go on, now that a card is saved. Return its settings."""

    def work(db: Connection) -> AutoTopUp | None:
        resume_with_card(db, view.link.workspace_id, actor="customer", at=present())
        return get_auto_top_up(db, view.link.workspace_id)

    return write(work)


def _confirm(purchase: Purchase | None) -> Confirm | None:
    if purchase is None:
        return None
    price = money(purchase.charged_cents, purchase.currency)
    return Confirm(
        purchase=purchase,
        text=f"Your bank asks you to confirm {price} for {purchase.package_name}, {decimal(purchase.minutes)} minutes. "
        "Nothing was charged yet.",
    )


def _banner(level: int | None, *, invites: bool) -> str | None:
    """Return the sentence of a warning level; without an offer nobody is invited to buy."""
    if level is None:
        return None
    return " ".join(filter(None, [BANNERS[level], INVITATIONS.get(level) if invites else None]))


def _plan_line(db: Connection, balance: Balance, limit: Limit) -> str:
    """Return what the plan is and when it adds minutes next."""
    names = {plan.plan: plan.name for plan in list_plans(db)}
    if balance.plan is None:
        return "No plan."
    name = f"{names.get(balance.plan, balance.plan)} plan"
    if stops := _stops(db, balance.workspace_id):
        return f"{name}. {stops}"
    if limit.minutes_reset_date:
        return f"{name}. New minutes on {day(limit.minutes_reset_date)}."
    return f"{name}, paid for the year." if balance.billing_cycle == "annual" else f"{name}."


def _owed_line(db: Connection, workspace_id: str) -> str | None:
    """Return what the next plan minutes settle first, in a sentence; None when nothing is owed."""
    owed = plan_lines.owed_minutes(db, workspace_id)
    if not owed:
        return None
    returned = f"A plan change returned the money of {decimal(owed)} minutes that you had used."
    return f"{returned} Your next plan minutes settle them first."


def _stops(db: Connection, workspace_id: str) -> str | None:
    """Return why no subscription brings minutes next, in a sentence; None while one does, or without any."""
    living = [
        each
        for each in subscriptions.list_stripe_subscriptions(db, workspace_id)
        if each.ended_at is None and each.plan is not None
    ]
    if not living or any(each.ends_at is None and not each.paused for each in living):
        return None
    ends = [each.ends_at for each in living if each.ends_at is not None and not each.paused]
    return f"Ends on {day(max(ends))}." if ends else "Paused: no new minutes until it resumes."


def _choices(db: Connection, workspace_id: str, packages: Sequence[Package], at: datetime) -> list[Choice]:
    """Return what this workspace is offered: nothing while a hold-out shows it no offer."""
    arms = {arm.kind: arm.arm for arm in running_arms(db, workspace_id, at=at)}
    if arms.get("hold_out") == CONTROL:
        return []
    cheapest = min((each.amount_cents / each.minutes for each in packages), default=0.0)
    return [
        Choice(
            code=each.code,
            name=each.name,
            tagline=each.tagline,
            minutes=each.minutes,
            price=money(each.amount_cents, each.currency),
            per_hundred=money(round(each.amount_cents * 100 / each.minutes), each.currency),
            badge="Best value" if each.amount_cents / each.minutes == cheapest else None,
        )
        for each in packages
    ]


def _history(db: Connection, workspace_id: str) -> list[Bought]:
    return [
        Bought(
            on=day(each.paid_at or each.created_at),
            package=each.package_name,
            minutes=each.minutes,
            price=money(each.charged_cents, each.currency),
            state=spaced(each.status).capitalize(),
            receipt_url=each.receipt_url if each.status in PAID else None,
        )
        for each in list_purchases(db, workspace_id, limit=HISTORY)
    ]
