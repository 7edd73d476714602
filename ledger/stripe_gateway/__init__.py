"""Stripe, as the product sees it: calls that accept and return plain facts, with errors of our own."""

from ledger.stripe_gateway.billing_facts import InvoiceFacts, InvoiceLine, SubscriptionFacts, SubscriptionItem
from ledger.stripe_gateway.errors import (
    BadSignature,
    GatewayError,
    GatewayKeyReused,
    GatewayRefused,
    GatewayUnavailable,
    PaymentDeclined,
    PermissionMissing,
    SimulationRefused,
    UnknownAtStripe,
)
from ledger.stripe_gateway.facts import (
    INQUIRY,
    BalanceChange,
    CheckoutFacts,
    CustomerFacts,
    DisputeFacts,
    EventEnvelope,
    Order,
    PaymentFacts,
    PaymentFailure,
    PriceFacts,
    ProductFacts,
    RefundFacts,
    SavedCard,
)
from ledger.stripe_gateway.gateway import Gateway, StripeGateway, build_gateway
from ledger.stripe_gateway.simulation import TEST_PAYMENT_METHODS
from ledger.stripe_sandbox.faults import FAULTS, Fault

__all__ = [
    "FAULTS",
    "INQUIRY",
    "TEST_PAYMENT_METHODS",
    "BadSignature",
    "BalanceChange",
    "CheckoutFacts",
    "CustomerFacts",
    "DisputeFacts",
    "EventEnvelope",
    "Fault",
    "Gateway",
    "GatewayError",
    "GatewayKeyReused",
    "GatewayRefused",
    "GatewayUnavailable",
    "InvoiceFacts",
    "InvoiceLine",
    "Order",
    "PaymentDeclined",
    "PaymentFacts",
    "PaymentFailure",
    "PermissionMissing",
    "PriceFacts",
    "ProductFacts",
    "RefundFacts",
    "SavedCard",
    "SimulationRefused",
    "StripeGateway",
    "SubscriptionFacts",
    "SubscriptionItem",
    "UnknownAtStripe",
    "build_gateway",
]
