"""Plans of the Stripe prices on invoice lines: plan, cycle, and months of one period."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, RowMapping

from ledger.database import query
from ledger.payments.plan_minutes import MONTHS, NO_PLAN, KnownPrice
from ledger.stripe_gateway import Gateway, InvoiceFacts, SubscriptionItem, UnknownAtStripe


def known_prices(
    db: Connection, gateway: Gateway, items: Sequence[SubscriptionItem], invoices: Iterable[InvoiceFacts]
) -> dict[str, KnownPrice]:
    """Return the plans of the prices of subscriptions and their invoices, without unknown prices."""
    lines = [line for invoice in invoices for line in invoice.lines if line.price]
    intervals = {line.price: (line.interval, line.interval_count or 1) for line in lines if line.interval}
    intervals |= {item.price: (item.interval, item.interval_count or 1) for item in items if item.interval}
    names = {line.price for line in lines} | {item.price for item in items}
    about = {"prices": sorted(filter(None, names))}
    others = db.execute(query("other_prices"), about).scalars().all()
    rows = db.execute(query("plans_of_prices"), about).mappings().all()
    return dict.fromkeys(others, NO_PLAN) | {
        row["price_id"]: _known_price(gateway, row, intervals) for row in rows
    }


def months_of(interval: str | None, count: int | None) -> int | None:
    """Return the whole months of a Stripe interval, or None for days and weeks."""
    months = MONTHS.get(interval or "")
    return None if months is None else months * (count or 1)


def _known_price(
    gateway: Gateway, row: RowMapping, intervals: Mapping[str | None, tuple[str | None, int]]
) -> KnownPrice:
    price = row["price_id"]
    interval = intervals.get(price)
    if interval is not None:
        months = months_of(*interval)
    else:
        months = row["months"] or _read_months(gateway, price, row["billing_cycle"])
    return KnownPrice(
        plan=row["plan"],
        billing_cycle=row["billing_cycle"],
        month_minutes=row["month_minutes"],
        months=months,
    )


def _read_months(gateway: Gateway, price: str, billing_cycle: str) -> int | None:
    """Return the months of a price, read from Stripe when neither a line nor an item names them."""
    by_cycle = 12 if billing_cycle == "annual" else 1
    try:
        facts = gateway.fetch_price(price)
    except UnknownAtStripe:
        return by_cycle
    return by_cycle if facts.interval is None else months_of(facts.interval, facts.interval_count)
