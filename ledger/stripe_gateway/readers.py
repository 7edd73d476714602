"""Stripe's JSON into facts of payments, whichever API version since 2017 shaped it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ledger.stripe_gateway.declines import explain_decline
from ledger.stripe_gateway.facts import (
    CheckoutFacts,
    CustomerFacts,
    DisputeFacts,
    PaymentFacts,
    PaymentFailure,
    PriceFacts,
    ProductFacts,
    RefundFacts,
)

Json = Mapping[str, Any]


def moment(seconds: object) -> datetime | None:
    """Unix seconds as an aware datetime."""
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None


def born(body: Json) -> datetime:
    """The moment `body` was created."""
    return datetime.fromtimestamp(int(body["created"]), UTC)


def id_of(value: object) -> str | None:
    """The id of a reference, expanded or not."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) and value else None


def expanded(value: object) -> Json | None:
    """The object behind a reference, when Stripe sent it along."""
    return value if isinstance(value, Mapping) else None


def listed(value: object) -> list[Json]:
    """The members of a list object; nothing when the field is missing."""
    return list(value.get("data") or []) if isinstance(value, Mapping) else []


def complete_list(value: object) -> list[Json] | None:
    """The members of a list that came along whole; None when it is missing or has further pages."""
    if not isinstance(value, Mapping) or value.get("has_more"):
        return None
    return listed(value)


def currency_of(body: Json) -> str:
    """Currency in lower case, as Stripe and the ledger write it."""
    return str(body["currency"]).lower()


def words_of(body: Json) -> dict[str, str]:
    """Metadata as text."""
    return {str(name): str(value) for name, value in (body.get("metadata") or {}).items()}


def read_payment(intent: Json, refunds: Iterable[Json], disputes: Iterable[Json]) -> PaymentFacts:
    """Facts of a PaymentIntent; the fee is known only where the charge came expanded."""
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
        metadata=words_of(intent),
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
    )


def latest_charge(intent: Json) -> Json | None:
    """The newest charge: `latest_charge` expanded, or the nested list of API versions before 2022-11-15."""
    nested = listed(intent.get("charges"))
    return expanded(intent.get("latest_charge")) or (nested[0] if nested else None)


def read_failure(intent: Json) -> PaymentFailure | None:
    """Why the last attempt failed, unless a later one went through."""
    error = intent.get("last_payment_error")
    if not error or intent["status"] == "succeeded":
        return None
    code = error.get("code") or "card_declined"
    decline_code = error.get("decline_code")
    return PaymentFailure(code, decline_code, explain_decline(code, decline_code))


def next_action_url(intent: Json) -> str | None:
    """Where the card holder confirms the payment, if Stripe offers a page for it."""
    redirect = (intent.get("next_action") or {}).get("redirect_to_url") or {}
    return redirect.get("url")


def read_refund(body: Json) -> RefundFacts:
    """Facts of a refund."""
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
        metadata=words_of(body),
    )


def read_dispute(body: Json) -> DisputeFacts:
    """Facts of a dispute; its fees are on its bookings."""
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
    )


def read_checkout(body: Json) -> CheckoutFacts:
    """Facts of a Checkout Session."""
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
        currency=str(currency).lower() if currency else None,
        livemode=bool(body["livemode"]),
        created=moment(body.get("created")),
        metadata=words_of(body),
    )


def read_customer(body: Json) -> CustomerFacts:
    """Facts of a customer."""
    return CustomerFacts(
        customer=body["id"],
        name=body.get("name"),
        email=body.get("email"),
        livemode=bool(body["livemode"]),
        created=born(body),
        metadata=words_of(body),
    )


def read_product(body: Json) -> ProductFacts:
    """Facts of a product."""
    return ProductFacts(
        product=body["id"],
        name=body["name"],
        active=bool(body["active"]),
        livemode=bool(body["livemode"]),
        metadata=words_of(body),
    )


def read_price(body: Json) -> PriceFacts:
    """Facts of a price."""
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
        metadata=words_of(body),
    )
