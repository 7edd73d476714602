"""The mapping of a Stripe account's customers, prices and payments: proposed, saved as a file, completed by people."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from ledger.database import query
from ledger.errors import ImportRefused
from ledger.minutes.workspaces import BILLING_CYCLES
from ledger.money import amount_text
from ledger.payments.catalogue import Package, list_package_versions
from ledger.payments.plan_minutes import NO_PLAN, KnownPrice
from ledger.payments.price_months import known_prices, months_of
from ledger.stripe_gateway import Gateway, PaymentFacts
from ledger.transfer.mapping import UNANSWERED
from ledger.transfer.stripe_account import StripeAccount
from ledger.validation import require_workspace_id

CHOICES_FILE = "stripe.toml"
LEFT_OUT = "none"
SECTIONS = ("workspaces", "prices", "payments")
MINUTES = re.compile(r"(\d{1,7}) minutes")
HEADING = """# The mapping of a Stripe account. Replace every "?" and run the command again.
# workspaces: customer = id of the workspace. The id of the customer is proposed where Stripe names no workspace.
# prices: price = plan and cycle, for example "starter monthly"; "none" when it pays for something else.
# payments: description and amount = code of a package, or "150 minutes"; "none" when it is no package.
"""


@dataclass(frozen=True, kw_only=True)
class StripeChoices:
    """The chosen or proposed mapping, by section; "?" needs an answer. `about`: a few words beside a key."""

    workspaces: Mapping[str, str]
    prices: Mapping[str, str]
    payments: Mapping[str, str]
    about: Mapping[str, str]

    def owner_of(self, payment: PaymentFacts) -> str | None:
        """Return the workspace of a payment: named by its metadata, or that of its customer."""
        return payment.metadata.get("workspace_id") or self.workspaces.get(payment.customer or "")

    def sold_as(self, payment: PaymentFacts) -> tuple[str, int | None] | None:
        """Return package and minutes of a payment: by its metadata, or as chosen for its group; None: no package."""
        minutes = payment.metadata.get("minutes", "")
        if minutes.isdigit():
            return payment.metadata.get("package") or f"{minutes} minutes", int(minutes)
        chosen = self.payments.get(group_of(payment), LEFT_OUT)
        written = MINUTES.fullmatch(chosen)
        if written:
            return payment.description or chosen, int(written[1])
        return None if chosen in (LEFT_OUT, UNANSWERED) else (chosen, None)

    @property
    def questions(self) -> list[str]:
        """Open questions, one sentence each, naming the key in the file."""
        return [
            f"[{section}] {json.dumps(key)}: {self.about.get(key, '')}".rstrip(": ")
            for section in SECTIONS
            for key, value in getattr(self, section).items()
            if value == UNANSWERED
        ]

    @property
    def text(self) -> str:
        """The text of the file."""
        written = HEADING
        for section in SECTIONS:
            written += f"\n[{section}]\n"
            for key, value in getattr(self, section).items():
                note = f"  # {self.about[key]}" if key in self.about else ""
                written += f"{_toml(key)} = {_toml(value)}{note}\n"
        return written


def load_choices(path: Path) -> dict[str, dict[str, str]]:
    """Return the sections of a file of choices. Raises ImportRefused that names what is wrong."""
    try:
        return parse_choices(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ImportRefused(f"{path} can't be read: {error}") from None


def parse_choices(text: str) -> dict[str, dict[str, str]]:
    """Return the sections of the text of choices. Raises ImportRefused that names what is wrong."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ImportRefused(f"The choices can't be read: {error}") from None
    if unknown := sorted(document.keys() - set(SECTIONS)):
        raise ImportRefused(f"[{unknown[0]}] is not a section; the sections are {', '.join(SECTIONS)}.")
    for section, content in document.items():
        if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
            raise ImportRefused(f"[{section}] must contain only text.")
    return document


def propose_choices(
    db: Connection, account: StripeAccount, given: Mapping[str, Mapping[str, str]]
) -> StripeChoices:
    """Return the mapping of the account: as given, otherwise proposed from metadata, names and amounts.

    Raises ImportRefused for an answer that means nothing here.
    """
    about: dict[str, str] = {}
    workspaces = _workspaces(db, account, given.get("workspaces", {}), about)
    prices = _prices(db, account, given.get("prices", {}), about)
    payments = _payments(db, account, given.get("payments", {}), about)
    return StripeChoices(workspaces=workspaces, prices=prices, payments=payments, about=about)


def chosen_prices(
    db: Connection, gateway: Gateway, account: StripeAccount, choices: StripeChoices
) -> dict[str, KnownPrice]:
    """Return the plan of each price: those of the catalogue, and those chosen now."""
    items = [item for each in account.subscriptions.values() for item in each.items]
    known = known_prices(db, gateway, items, account.invoices)
    minutes = {row.plan: row.minutes for row in db.execute(query("plan_list"))}
    for price_id, value in choices.prices.items():
        if value == LEFT_OUT:
            known[price_id] = NO_PLAN
            continue
        plan, cycle = value.split()
        facts = account.prices[price_id]
        known[price_id] = KnownPrice(
            plan=plan,
            billing_cycle=cycle,
            month_minutes=minutes[plan],
            months=months_of(facts.interval, facts.interval_count),
        )
    return known


def group_of(payment: PaymentFacts) -> str:
    """Return what payments for the same thing share: description and amount."""
    words = payment.description or "no description"
    return f"{words[:80]}, {amount_text(payment.amount_cents, payment.currency)}"


def has_owner(payment: PaymentFacts) -> bool:
    """Return whether a payment says whose it is."""
    return bool(payment.customer or payment.metadata.get("workspace_id"))


def _workspaces(
    db: Connection, account: StripeAccount, given: Mapping[str, str], about: dict[str, str]
) -> dict[str, str]:
    """Return the workspace of each customer: named by a link, by metadata, or by the customer's own id."""
    linked = {
        row.object_id: row.workspace_id
        for row in db.execute(query("transfer_linked_customers"), {"ids": list(account.customers)})
    }
    named = _named_workspaces(account)
    chosen = {}
    for customer, facts in account.customers.items():
        value = linked.get(customer) or named.get(customer) or given.get(customer) or customer
        chosen[customer] = require_workspace_id(value)
        about[customer] = " ".join(filter(None, (facts.name, facts.email)))
    return chosen


def _named_workspaces(account: StripeAccount) -> dict[str, str]:
    """Return the workspace that metadata of a customer, its subscriptions or its payments name."""
    named: dict[str, str] = {}
    owners: Iterable[tuple[str | None, Mapping[str, str]]] = (
        *((one.customer, one.metadata) for one in account.customers.values()),
        *((one.customer, one.metadata) for one in account.subscriptions.values()),
        *((one.customer, one.metadata) for one in account.payments),
    )
    for customer, metadata in owners:
        if customer and metadata.get("workspace_id"):
            named.setdefault(customer, metadata["workspace_id"])
    return named


def _prices(
    db: Connection, account: StripeAccount, given: Mapping[str, str], about: dict[str, str]
) -> dict[str, str]:
    """Return the plan of each price that subscriptions pay for and nobody has mapped yet."""
    paid = {line.price for each in account.plan_invoices for line in each.lines if line.price}
    paid |= {item.price for each in account.subscriptions.values() for item in each.items if item.price}
    names = {"prices": sorted(paid)}
    mapped = {row.price_id for row in db.execute(query("plans_of_prices"), names)}
    mapped |= set(db.execute(query("other_prices"), names).scalars())
    plans = {row.plan: row.name for row in db.execute(query("plan_list"))}
    chosen = {}
    for price_id in sorted(paid - mapped):
        facts = account.prices.get(price_id)
        product = account.products.get(facts.product, "") if facts else ""
        if facts:
            amount = amount_text(facts.amount_cents or 0, facts.currency)
            about[price_id] = f"{product}, {amount} every {facts.interval_count or 1} {facts.interval}"
        cycle = "annual" if facts and facts.interval == "year" else "monthly"
        proposed = [code for code, name in plans.items() if _mentions(product, code, name)]
        value = given.get(price_id) or (f"{proposed[0]} {cycle}" if len(proposed) == 1 else UNANSWERED)
        chosen[price_id] = _plan_answer(value, price_id, plans, known=facts is not None)
    return chosen


def _mentions(product: str, code: str, name: str) -> bool:
    words = re.findall(r"[a-z0-9]+", product.lower())
    return code.lower() in words or name.lower() in words


def _plan_answer(value: str, price_id: str, plans: Mapping[str, str], *, known: bool) -> str:
    plan, _, cycle = value.partition(" ")
    if value in (UNANSWERED, LEFT_OUT) or (known and plan in plans and cycle in BILLING_CYCLES):
        return value
    raise ImportRefused(
        f"[prices] {price_id}: {value!r} is neither a plan and cycle, such as {next(iter(plans))} monthly, nor none."
    )


def _payments(
    db: Connection, account: StripeAccount, given: Mapping[str, str], about: dict[str, str]
) -> dict[str, str]:
    """Return the package of each group of payments that carry no metadata of ours."""
    packages = list_package_versions(db)
    chosen: dict[str, str] = {}
    counted: dict[str, int] = {}
    for payment in account.single_payments:
        if "minutes" in payment.metadata or not payment.is_paid or not has_owner(payment):
            continue
        group = group_of(payment)
        counted[group] = counted.get(group, 0) + 1
        if group not in chosen:
            chosen[group] = _package_answer(
                given.get(group) or _package_for(packages, payment), group, packages
            )
    about |= {group: f"{payments} payments" for group, payments in counted.items()}
    return dict(sorted(chosen.items()))


def _package_for(packages: Iterable[Package], payment: PaymentFacts) -> str:
    """Return the package that the description names, or else the only one of this amount; "?" when there is none."""
    words = (payment.description or "").strip().lower()
    by_name = {
        each.code for each in packages if words and words.split()[-1] in (each.code, each.name.lower())
    }
    by_amount = {
        each.code
        for each in packages
        if (each.amount_cents, each.currency) == (payment.amount_cents, payment.currency)
    }
    codes = by_name or by_amount
    return next(iter(codes)) if len(codes) == 1 else UNANSWERED


def _package_answer(value: str, group: str, packages: Iterable[Package]) -> str:
    if (
        value in (UNANSWERED, LEFT_OUT)
        or MINUTES.fullmatch(value)
        or value in {each.code for each in packages}
    ):
        return value
    raise ImportRefused(f"[payments] {group}: {value!r} is not a package, a number of minutes, or none.")


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
