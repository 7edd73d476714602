"""Every request that the sandbox supports, with Stripe's parameter types and the implemented parameters."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stripe import params as p
from stripe.params import billing_portal as portal_params
from stripe.params import checkout as session_params

from ledger.stripe_sandbox import (
    billing_portal,
    catalogue,
    checkout,
    customers,
    discounts,
    disputes,
    events,
    invoices,
    payment_intents,
    payment_methods,
    refunds,
    reviews,
    subscription_changes,
    subscriptions,
)
from ledger.stripe_sandbox.answers import Json, RequestRefused
from ledger.stripe_sandbox.presenting import lister, retriever

Handler = Callable[..., Json]
ONE_PAGE = "limit starting_after expand"
PAGING = f"{ONE_PAGE} created.gte created.gt created.lt created.lte"


@dataclass(frozen=True)
class Route:
    """One request route."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler
    typed: type | None
    implemented: frozenset[str]


def route(method: str, path: str, handler: Handler, typed: Any, implemented: str = "expand") -> Route:
    """Add a route. `path` uses `{}` for ids; `implemented` names the parameters, dotted when nested."""
    pattern = re.compile(path.replace("{}", r"(\w+)"))
    return Route(method, pattern, handler, typed, frozenset(implemented.split()))


def listed(path: str, kind: str, typed: Any, filters: str, paging: str = PAGING) -> Route:
    """Add a route that lists objects."""
    return route("get", path, lister(kind, path, tuple(filters.split())), typed, f"{filters} {paging}")


PAYMENTS = "/v1/payment_intents"
SESSIONS = "/v1/checkout/sessions"
PORTAL = "/v1/billing_portal"
ROUTES = (
    route(
        "post",
        PAYMENTS,
        payment_intents.create,
        p.PaymentIntentCreateParams,
        "amount currency customer description metadata payment_method confirm automatic_payment_methods "
        "capture_method receipt_email return_url off_session setup_future_usage statement_descriptor_suffix expand",
    ),
    route("get", PAYMENTS + "/{}", retriever("payment_intent"), p.PaymentIntentRetrieveParams),
    route(
        "post",
        PAYMENTS + "/{}",
        payment_intents.update,
        p.PaymentIntentUpdateParams,
        "metadata description expand",
    ),
    route(
        "post",
        PAYMENTS + "/{}/confirm",
        payment_intents.confirm,
        p.PaymentIntentConfirmParams,
        "payment_method return_url off_session expand",
    ),
    route(
        "post",
        PAYMENTS + "/{}/capture",
        payment_intents.capture,
        p.PaymentIntentCaptureParams,
        "amount_to_capture expand",
    ),
    route(
        "post",
        PAYMENTS + "/{}/cancel",
        payment_intents.cancel,
        p.PaymentIntentCancelParams,
        "cancellation_reason expand",
    ),
    listed(PAYMENTS, "payment_intent", p.PaymentIntentListParams, "customer"),
    route("get", "/v1/charges/{}", retriever("charge"), p.ChargeRetrieveParams),
    listed("/v1/charges", "charge", p.ChargeListParams, "payment_intent customer"),
    route(
        "post",
        "/v1/refunds",
        refunds.create,
        p.RefundCreateParams,
        "payment_intent charge amount reason metadata expand",
    ),
    route("get", "/v1/refunds/{}", retriever("refund"), p.RefundRetrieveParams),
    route("post", "/v1/refunds/{}", refunds.update, p.RefundUpdateParams, "metadata expand"),
    route("post", "/v1/refunds/{}/cancel", refunds.cancel, p.RefundCancelParams),
    listed("/v1/refunds", "refund", p.RefundListParams, "payment_intent charge"),
    route("get", "/v1/disputes/{}", retriever("dispute"), p.DisputeRetrieveParams),
    route(
        "post",
        "/v1/disputes/{}",
        disputes.update,
        p.DisputeUpdateParams,
        "evidence.uncategorized_text submit expand",
    ),
    route("post", "/v1/disputes/{}/close", disputes.close, p.DisputeCloseParams),
    listed("/v1/disputes", "dispute", p.DisputeListParams, "payment_intent charge"),
    route("get", "/v1/reviews/{}", retriever("review"), p.ReviewRetrieveParams),
    route("post", "/v1/reviews/{}/approve", reviews.approve, p.ReviewApproveParams),
    route(
        "post",
        SESSIONS,
        checkout.create,
        session_params.SessionCreateParams,
        "mode line_items.price line_items.quantity line_items.price_data.currency "
        "line_items.price_data.unit_amount line_items.price_data.product_data success_url cancel_url "
        "client_reference_id customer metadata expires_at "
        "payment_intent_data.metadata payment_intent_data.description payment_intent_data.setup_future_usage "
        "payment_intent_data.receipt_email invoice_creation.enabled "
        "line_items.price_data.tax_behavior automatic_tax.enabled customer_update.address allow_promotion_codes expand",
    ),
    route("get", SESSIONS + "/{}", retriever("checkout.session"), session_params.SessionRetrieveParams),
    route("post", SESSIONS + "/{}/expire", checkout.expire, session_params.SessionExpireParams),
    listed(SESSIONS, "checkout.session", session_params.SessionListParams, "payment_intent customer status"),
    route(
        "post",
        f"{PORTAL}/configurations",
        billing_portal.configure,
        portal_params.ConfigurationCreateParams,
        "features.customer_update features.invoice_history features.payment_method_update "
        "features.subscription_cancel features.subscription_update default_return_url metadata name expand",
    ),
    listed(
        f"{PORTAL}/configurations",
        billing_portal.KIND,
        portal_params.ConfigurationListParams,
        "active is_default",
        ONE_PAGE,
    ),
    route(
        "post",
        f"{PORTAL}/sessions",
        billing_portal.create,
        portal_params.SessionCreateParams,
        "customer configuration return_url expand",
    ),
    route(
        "post",
        "/v1/customers",
        customers.create,
        p.CustomerCreateParams,
        "name email description metadata payment_method invoice_settings.default_payment_method expand",
    ),
    route("get", "/v1/customers/{}", retriever("customer"), p.CustomerRetrieveParams),
    route(
        "post",
        "/v1/customers/{}",
        customers.update,
        p.CustomerUpdateParams,
        "name email description metadata invoice_settings.default_payment_method expand",
    ),
    listed("/v1/customers", "customer", p.CustomerListParams, "email"),
    route(
        "post",
        "/v1/customers/{}/balance_transactions",
        customers.adjust_balance,
        p.CustomerBalanceTransactionCreateParams,
        "amount currency description expand",
    ),
    route(
        "post",
        "/v1/coupons",
        discounts.create,
        p.CouponCreateParams,
        "percent_off amount_off currency duration name metadata expand",
    ),
    route(
        "post",
        "/v1/payment_methods/{}/attach",
        payment_methods.attach,
        p.PaymentMethodAttachParams,
        "customer expand",
    ),
    route("get", "/v1/payment_methods/{}", retriever("payment_method"), p.PaymentMethodRetrieveParams),
    listed("/v1/payment_methods", "payment_method", p.PaymentMethodListParams, "customer type", ONE_PAGE),
    route(
        "post",
        "/v1/products",
        catalogue.create_product,
        p.ProductCreateParams,
        "name active description metadata expand",
    ),
    route("get", "/v1/products/{}", retriever("product"), p.ProductRetrieveParams),
    route(
        "post",
        "/v1/products/{}",
        catalogue.update_product,
        p.ProductUpdateParams,
        "name active description metadata expand",
    ),
    listed("/v1/products", "product", p.ProductListParams, "active"),
    route(
        "post",
        "/v1/prices",
        catalogue.create_price,
        p.PriceCreateParams,
        "product unit_amount currency recurring.interval recurring.interval_count lookup_key "
        "transfer_lookup_key metadata nickname active expand",
    ),
    route("get", "/v1/prices/{}", retriever("price"), p.PriceRetrieveParams),
    route(
        "post",
        "/v1/prices/{}",
        catalogue.update_price,
        p.PriceUpdateParams,
        "active nickname metadata expand",
    ),
    listed("/v1/prices", "price", p.PriceListParams, "product active"),
    route(
        "post",
        "/v1/subscriptions",
        subscriptions.create,
        p.SubscriptionCreateParams,
        "customer items.price items.quantity trial_period_days discounts.coupon cancel_at metadata expand",
    ),
    route("get", "/v1/subscriptions/{}", retriever("subscription"), p.SubscriptionRetrieveParams),
    route(
        "post",
        "/v1/subscriptions/{}",
        subscription_changes.update,
        p.SubscriptionUpdateParams,
        "items.id items.price items.quantity proration_behavior cancel_at_period_end cancel_at "
        "pause_collection.behavior metadata expand",
    ),
    route("delete", "/v1/subscriptions/{}", subscriptions.cancel, p.SubscriptionCancelParams),
    listed("/v1/subscriptions", "subscription", p.SubscriptionListParams, "customer status"),
    route("get", "/v1/invoices/{}", retriever("invoice"), p.InvoiceRetrieveParams),
    route(
        "get",
        "/v1/invoices/{}/lines",
        invoices.list_lines,
        p.InvoiceLineItemListParams,
        "limit starting_after expand",
    ),
    route("post", "/v1/invoices/{}/pay", subscriptions.pay_invoice, p.InvoicePayParams),
    listed("/v1/invoices", "invoice", p.InvoiceListParams, "subscription customer status"),
    listed("/v1/balance_transactions", "balance_transaction", p.BalanceTransactionListParams, "source type"),
    route(
        "get",
        "/v1/events",
        events.listing,
        p.EventListParams,
        "type types delivery_success limit starting_after created.gte created.gt created.lt created.lte",
    ),
    route("get", "/v1/events/{}", events.retrieve, p.EventRetrieveParams),
    # Sandbox only: act as the bank and the customer.
    route("post", "/v1/sandbox/payment_intents/{}/authenticate", payment_intents.authenticate, None),
    route("post", "/v1/sandbox/payment_intents/{}/dispute", disputes.dispute_payment, None),
    route("post", "/v1/sandbox/payment_intents/{}/warn", disputes.warn, None),
    route("post", "/v1/sandbox/payment_intents/{}/review", reviews.open_review, None),
    route("post", "/v1/sandbox/subscriptions/{}/invoice", subscriptions.bill_by_hand, None),
    route("post", "/v1/sandbox/refunds/{}/fail", refunds.fail, None),
    route("post", "/v1/sandbox/billing_portal/settings", billing_portal.save_settings, None),
    route("post", "/v1/sandbox/checkout/sessions/{}/complete", checkout.complete, None),
    route("post", "/v1/sandbox/checkout/sessions/{}/settle", checkout.settle, None),
)


def route_for(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """Return the route and the ids in the path. Raise RequestRefused (404) for anything else."""
    for each in ROUTES:
        match = each.pattern.fullmatch(path)
        if match and each.method == method:
            return each, match.groups()
    raise RequestRefused(
        404, f"The sandbox does not implement {method.upper()} {path}.", "sandbox_unimplemented"
    )
