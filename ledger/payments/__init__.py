"""Money: purchases, refunds, subscriptions, catalogue, reconciliation with Stripe."""

from ledger.payments.auto_top_up import TRIGGERS, AutoTopUp, get_auto_top_up, set_auto_top_up
from ledger.payments.buying import sync_purchase
from ledger.payments.catalogue import Package, list_packages, list_plans
from ledger.payments.checkout import start_checkout
from ledger.payments.errors import PortalIsReadOnly, UnknownPortalLink, UnknownTopUp
from ledger.payments.portal import PortalLink, open_portal, portal_link
from ledger.payments.purchases import PAID, WAITING, Purchase, list_purchases
from ledger.payments.top_ups import list_top_ups

__all__ = [
    "PAID",
    "TRIGGERS",
    "WAITING",
    "AutoTopUp",
    "Package",
    "PortalIsReadOnly",
    "PortalLink",
    "Purchase",
    "UnknownPortalLink",
    "UnknownTopUp",
    "get_auto_top_up",
    "list_packages",
    "list_plans",
    "list_purchases",
    "list_top_ups",
    "open_portal",
    "portal_link",
    "set_auto_top_up",
    "start_checkout",
    "sync_purchase",
]
