"""Money: purchases, refunds, subscriptions, catalogue, reconciliation with Stripe."""

from ledger.payments.alerts import Alert, close_alert, count_alerts, list_alerts
from ledger.payments.auto_top_up import (
    TRIGGERS,
    AutoTopUp,
    get_auto_top_up,
    resume_with_card,
    set_auto_top_up,
)
from ledger.payments.billing_portal import billing_portal_url, has_saved_card, save_test_card, saved_card_of
from ledger.payments.buying import buy, sync_purchase
from ledger.payments.catalogue import (
    Package,
    list_package_versions,
    list_packages,
    list_plan_prices,
    list_plans,
    list_price_tests,
    price_test_arm,
    require_price_test,
    running_price_test,
)
from ledger.payments.checkout import retry_on_page, start_checkout
from ledger.payments.copies import copy_id, simulation_copy
from ledger.payments.errors import (
    InvalidCatalogue,
    NoSavedCard,
    PortalIsReadOnly,
    UnknownPortalLink,
    UnknownPurchase,
    UnknownTopUp,
    WrongSource,
)
from ledger.payments.names import CatalogueNames, catalogue_names
from ledger.payments.package_terms import CENTS, MINUTES, STANDARD, check_package, require_charge
from ledger.payments.portal import PortalLink, open_portal, portal_link
from ledger.payments.purchases import (
    PAID,
    WAITING,
    Purchase,
    find_purchase,
    get_purchase,
    list_purchases,
    source_of,
)
from ledger.payments.reconcile import Reconciliation, list_reconciliations, reconcile
from ledger.payments.refund_quotes import REFUNDABLE, RefundChoice, RefundQuote, quote_refund
from ledger.payments.sales import (
    PurchaseFilters,
    PurchaseTotal,
    each_purchase,
    purchase_states,
    purchase_totals,
    sum_up,
)
from ledger.payments.top_ups import TopUp, list_latest_top_ups, list_top_ups, waiting_confirmation

__all__ = [
    "CENTS",
    "MINUTES",
    "PAID",
    "REFUNDABLE",
    "STANDARD",
    "TRIGGERS",
    "WAITING",
    "Alert",
    "AutoTopUp",
    "CatalogueNames",
    "InvalidCatalogue",
    "NoSavedCard",
    "Package",
    "PortalIsReadOnly",
    "PortalLink",
    "Purchase",
    "PurchaseFilters",
    "PurchaseTotal",
    "Reconciliation",
    "RefundChoice",
    "RefundQuote",
    "TopUp",
    "UnknownPortalLink",
    "UnknownPurchase",
    "UnknownTopUp",
    "WrongSource",
    "billing_portal_url",
    "buy",
    "catalogue_names",
    "check_package",
    "close_alert",
    "copy_id",
    "count_alerts",
    "each_purchase",
    "find_purchase",
    "get_auto_top_up",
    "get_purchase",
    "has_saved_card",
    "list_alerts",
    "list_latest_top_ups",
    "list_package_versions",
    "list_packages",
    "list_plan_prices",
    "list_plans",
    "list_price_tests",
    "list_purchases",
    "list_reconciliations",
    "list_top_ups",
    "open_portal",
    "portal_link",
    "price_test_arm",
    "purchase_states",
    "purchase_totals",
    "quote_refund",
    "reconcile",
    "require_charge",
    "require_price_test",
    "resume_with_card",
    "retry_on_page",
    "running_price_test",
    "save_test_card",
    "saved_card_of",
    "set_auto_top_up",
    "simulation_copy",
    "source_of",
    "start_checkout",
    "sum_up",
    "sync_purchase",
    "waiting_confirmation",
]
