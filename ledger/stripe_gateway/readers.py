"""Read payments from Stripe's JSON, in every API version since 2017."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ledger.stripe_gateway.declines import explain_decline
from ledger.stripe_gateway.facts import (
    BalanceChange,
    CheckoutFacts,
    CustomerFacts,
    DisputeFacts,
    PaymentFacts,
    PaymentFailure,
    PriceFacts,
    ProductFacts,
    RefundFacts,
    SavedCard,
)

Json = Mapping[str, Any]


def moment(seconds: object) -> datetime | None:
    """Return unix seconds as an aware datetime."""
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None


def born(body: Json) -> datetime:
    """Return the creation time of `body`."""
    return datetime.fromtimestamp(int(body["created"]), UTC)


def id_of(value: object) -> str | None:
    """Return the id of a reference, expanded or not."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) and value else None


def expanded(value: object) -> Json | None:
    """Return the expanded object of a reference, or None."""
    return value if isinstance(value, Mapping) else None


def listed(value: object) -> list[Json]:
    """Return the members of a list object; empty when the field is missing."""
    return list(value.get("data") or []) if isinstance(value, Mapping) else []


def complete_list(value: object) -> list[Json] | None:
    """Return the members of a complete list, or None when it is missing or has more pages."""
    if not isinstance(value, Mapping) or value.get("has_more"):
        return None
    return listed(value)


def currency_of(body: Json) -> str:
    """Return the currency in lower case, as Stripe and the ledger write it."""
    return str(body["currency"]).lower()


def read_metadata(body: Json) -> dict[str, str]:
    """Return the metadata of an object, as text."""
    return {str(name): str(value) for name, value in (body.get("metadata") or {}).items()}


def read_payment(intent: Json, refunds: Iterable[Json], disputes: Iterable[Json]) -> PaymentFacts:
    """Return payment facts; the fee is known only when the charge is expanded."""
    charge = latest_charge(intent)
    booking = expanded(charge.get("balance_transaction")) if charge else None
    succeeded = charge is not None and charge.get("status") == "succeeded"
    return PaymentFacts(
        payment_intent=intent["id"],
        status=intent["status"],
        amount_cents=intent["amount"],
        amount_received_cents=intent.get("amount_received") or 0,
        currency=currency_of(intent),
        livemode=bool(intent["livemode"]),
        created=born(intent),
        metadata=read_metadata(intent),
        customer=id_of(intent.get("customer")),
        charge=id_of(charge) or id_of(intent.get("latest_charge")),
        paid_at=born(booking or charge) if charge and succeeded else None,
        receipt_url=charge.get("receipt_url") if charge else None,
        receipt_number=charge.get("receipt_number") if charge else None,
        failure=read_failure(intent),
        cancellation_reason=intent.get("cancellation_reason"),
        fee_cents=booking["fee"] if booking else None,
        net_cents=booking["net"] if booking else None,
        settlement_currency=currency_of(booking) if booking else None,
        fee_is_assumption="_sbx_" in intent["id"],
        next_action_url=next_action_url(intent),
        refunds=tuple(sorted(map(read_refund, refunds), key=lambda refund: (refund.created, refund.refund))),
        disputes=tuple(sorted(map(read_dispute, disputes), key=lambda one: (one.created, one.dispute))),
        client_secret=intent.get("client_secret"),
        charge_refunded_cents=(charge.get("amount_refunded") or 0) if charge else 0,
        charge_disputed=bool(charge.get("disputed")) if charge else False,
        description=intent.get("description"),
    )


def latest_charge(intent: Json) -> Json | None:
    """Return the newest charge: expanded `latest_charge`, or the nested list of APIs before 2022-11-15."""
    nested = listed(intent.get("charges"))
    return expanded(intent.get("latest_charge")) or (nested[0] if nested else None)


def read_failure(intent: Json) -> PaymentFailure | None:
    """Return why the last attempt failed, unless a later one succeeded."""
    error = intent.get("last_payment_error")
    if not error or intent["status"] == "succeeded":
        return None
    code = error.get("code") or "card_declined"
    decline_code = error.get("decline_code")
    return PaymentFailure(code, decline_code, explain_decline(code, decline_code))


def next_action_url(intent: Json) -> str | None:
    """Return the page where the cardholder confirms the payment, if Stripe offers one."""
    redirect = (intent.get("next_action") or {}).get("redirect_to_url") or {}
    return redirect.get("url")


def read_refund(body: Json) -> RefundFacts:
    """Return refund facts."""
    return RefundFacts(
        refund=body["id"],
        payment_intent=id_of(body.get("payment_intent")),
        charge=id_of(body.get("charge")),
        amount_cents=body["amount"],
        currency=currency_of(body),
        status=body.get("status") or "succeeded",
        reason=body.get("reason"),
        failure_reason=body.get("failure_reason"),
        created=born(body),
        metadata=read_metadata(body),
    )


def read_dispute(body: Json) -> DisputeFacts:
    """Return dispute facts; the fees are on its balance transactions."""
    bookings = body.get("balance_transactions") or []
    return DisputeFacts(
        dispute=body["id"],
        payment_intent=id_of(body.get("payment_intent")),
        charge=id_of(body.get("charge")),
        amount_cents=body["amount"],
        currency=currency_of(body),
        status=body["status"],
        reason=body.get("reason") or "general",
        created=born(body),
        fee_cents=sum(booking.get("fee") or 0 for booking in bookings) if bookings else None,
        due_by=moment((body.get("evidence_details") or {}).get("due_by")),
        won_at=next((moment(each.get("created")) for each in bookings if each.get("amount", 0) > 0), None),
    )


def read_balance_change(body: Json) -> BalanceChange:
    """Return one row of the balance report."""
    return BalanceChange(
        kind=str(body["type"]),
        amount_cents=int(body["amount"]),
        fee_cents=int(body.get("fee") or 0),
        currency=currency_of(body),
    )


def read_checkout(body: Json) -> CheckoutFacts:
    """Return Checkout Session facts."""
    currency = body.get("currency")
    return CheckoutFacts(
        checkout_session=body["id"],
        url=body.get("url"),
        status=body.get("status") or ("complete" if body.get("payment_status") == "paid" else "open"),
        payment_status=body["payment_status"],
        payment_intent=id_of(body.get("payment_intent")),
        subscription=id_of(body.get("subscription")),
        customer=id_of(body.get("customer")),
        amount_total_cents=body.get("amount_total"),
        tax_cents=(body.get("total_details") or {}).get("amount_tax") or 0,
        discount_cents=(body.get("total_details") or {}).get("amount_discount") or 0,
        currency=str(currency).lower() if currency else None,
        livemode=bool(body["livemode"]),
        created=moment(body.get("created")),
        metadata=read_metadata(body),
    )


def read_customer(body: Json) -> CustomerFacts:
    """Return customer facts."""
    return CustomerFacts(
        customer=body["id"],
        name=body.get("name"),
        email=body.get("email"),
        livemode=bool(body["livemode"]),
        created=born(body),
        metadata=read_metadata(body),
    )


def read_card(body: Json) -> SavedCard:
    """Return a saved payment method; one that is no card (a bank account) is named by its type."""
    card = body.get("card") or {}
    return SavedCard(
        payment_method=body["id"],
        brand=card.get("brand") or body.get("type") or "card",
        last_four=card.get("last4") or (body.get(body.get("type") or "") or {}).get("last4") or "",
    )


def read_product(body: Json) -> ProductFacts:
    """Return product facts."""
    return ProductFacts(
        product=body["id"],
        name=body["name"],
        active=bool(body["active"]),
        livemode=bool(body["livemode"]),
        metadata=read_metadata(body),
    )


def read_price(body: Json) -> PriceFacts:
    """Return price facts."""
    recurring = body.get("recurring") or {}
    return PriceFacts(
        price=body["id"],
        product=id_of(body["product"]) or "",
        amount_cents=body.get("unit_amount"),
        currency=currency_of(body),
        active=bool(body["active"]),
        interval=recurring.get("interval"),
        interval_count=recurring.get("interval_count"),
        lookup_key=body.get("lookup_key"),
        livemode=bool(body["livemode"]),
        metadata=read_metadata(body),
    )
