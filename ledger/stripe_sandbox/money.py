"""Amounts Stripe accepts, the fees this sandbox assumes, and its balance transactions."""

from ledger.money import CURRENCIES, MAXIMUM_CENTS, MINIMUM_CENTS, why_not_charged
from ledger.stripe_sandbox.answers import Json, RequestRefused
from ledger.stripe_sandbox.transaction import Transaction

FEE_PER_MILLE, FEE_FIXED = 29, 30
"""Assumption: 2.9% plus 30 minor units per charge."""
DISPUTE_FEE = 1500
"""Assumption: 15.00 per dispute, returned when the dispute is won."""


def check_amount(amount: int, currency: str) -> None:
    """Raise RequestRefused (400) unless Stripe would charge this amount in this currency."""
    if currency not in CURRENCIES:
        raise RequestRefused(400, f"Invalid currency: {currency}.", "currency_not_supported", "currency")
    least = MINIMUM_CENTS.get(currency, 1)
    if amount < least:
        raise RequestRefused(
            400, f"Amount must be at least {least} ({currency}).", "amount_too_small", "amount"
        )
    if amount > MAXIMUM_CENTS:
        raise RequestRefused(
            400, f"Amount must be no more than {MAXIMUM_CENTS} ({currency}).", "amount_too_large", "amount"
        )
    if problem := why_not_charged(amount, currency):
        raise RequestRefused(400, problem, "invalid_charge_amount", "amount")


def fee_of(amount: int) -> int:
    """Return the assumed fee of a charge, rounded half up."""
    return (amount * FEE_PER_MILLE + 500) // 1000 + FEE_FIXED


def book(tx: Transaction, kind: str, source: Json, amount: int, fee: int) -> Json:
    """Add one balance transaction."""
    return tx.add(
        "txn",
        "balance_transaction",
        type=kind,
        reporting_category="charge" if kind == "charge" else kind,
        source=source["id"],
        amount=amount,
        fee=fee,
        net=amount - fee,
        currency=source["currency"],
        exchange_rate=None,
        fee_details=[fee_detail(fee, source["currency"])] if fee else [],
        status="available",
        available_on=tx.now,
    )


def fee_detail(fee: int, currency: str) -> Json:
    """Return the fee details, labeled as an assumption."""
    return {
        "amount": fee,
        "currency": currency,
        "type": "stripe_fee",
        "description": "Stripe processing fees (assumed by the sandbox)",
    }
