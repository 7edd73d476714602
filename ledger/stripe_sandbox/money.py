"""Amounts Stripe accepts, the fees this sandbox assumes, and its balance transactions."""

from ledger.stripe_sandbox.answers import Json, RequestRefused
from ledger.stripe_sandbox.transaction import Transaction

MINIMUM = {
    "usd": 50, "eur": 50, "gbp": 30, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "krw": 100, "kwd": 200, "mxn": 1000, "myr": 200,
    "nok": 300,    "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
"""Smallest charge per currency, in its minor unit; other currencies are refused here."""
MAXIMUM = 99_999_999
THREE_DECIMALS = ("bhd", "jod", "kwd", "omr", "tnd")
FEE_PER_MILLE, FEE_FIXED = 29, 30
"""Assumption: 2.9 % and 30 minor units of each charge."""
DISPUTE_FEE = 1500
"""Assumption: 15.00 for each dispute, given back when it is won."""


def check_amount(amount: int, currency: str) -> None:
    """Refusal 400 unless Stripe would charge this amount in this currency."""
    if currency != currency.lower() or currency not in MINIMUM:
        raise RequestRefused(400, f"Invalid currency: {currency}.", "currency_not_supported", "currency")
    if amount < MINIMUM[currency]:
        least = MINIMUM[currency]
        raise RequestRefused(
            400, f"Amount must be at least {least} ({currency}).", "amount_too_small", "amount"
        )
    if amount > MAXIMUM:
        raise RequestRefused(
            400, f"Amount must be no more than {MAXIMUM} ({currency}).", "amount_too_large", "amount"
        )
    if currency in THREE_DECIMALS and amount % 10:
        raise RequestRefused(
            400, "The last digit of this currency must be 0.", "invalid_charge_amount", "amount"
        )


def fee_of(amount: int) -> int:
    """The assumed fee of a charge, rounded half up."""
    return (amount * FEE_PER_MILLE + 500) // 1000 + FEE_FIXED


def book(tx: Transaction, kind: str, source: Json, amount: int, fee: int) -> Json:
    """One line of Stripe's account with us."""
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
    """What the fee is, said to be an assumption."""
    return {
        "amount": fee,
        "currency": currency,
        "type": "stripe_fee",
        "description": "Stripe processing fees (assumed by the sandbox)",
    }
