"""Stripe's pages of a workspace's customer: the saved card, and the billing portal where it is changed."""

from sqlalchemy import Engine

from ledger.database import reading
from ledger.payments.customers import customer_of, ensure_customer
from ledger.payments.errors import NoStripeCustomer
from ledger.stripe_gateway import Gateway, GatewayError, SavedCard, UnknownAtStripe


def saved_card_of(engine: Engine, gateway: Gateway, workspace_id: str) -> SavedCard | None:
    """Return the card that off-session charges of a workspace use; None without one.

    Raise errors of the gateway.
    """
    with reading(engine) as db:
        customer = customer_of(db, workspace_id)
    return gateway.saved_card(customer) if customer else None


def has_saved_card(engine: Engine, gateway: Gateway, workspace_id: str) -> bool:
    """Return whether a workspace has a card to charge; True while Stripe does not answer: the next charge shows it."""
    try:
        return saved_card_of(engine, gateway, workspace_id) is not None
    except GatewayError:
        return True


def billing_portal_url(engine: Engine, gateway: Gateway, workspace_id: str, *, return_url: str) -> str:
    """Return a short-lived address of Stripe's billing portal for a workspace; its customer is made if there is none.

    Raise UnknownWorkspace, NoStripeCustomer, and errors of the gateway.
    """
    customer = _customer(engine, gateway, workspace_id)
    try:
        return gateway.open_billing_portal(customer, return_url=return_url)
    except UnknownAtStripe:
        raise NoStripeCustomer(f"Stripe does not know {customer}: link another one.") from None


def save_test_card(engine: Engine, gateway: Gateway, workspace_id: str, payment_method: str) -> None:
    """Save a test card as a customer does in the billing portal, which the sandbox does not have.

    Raise SimulationRefused with a key that moves money, NoStripeCustomer, and errors of the gateway.
    """
    gateway.require_test()
    customer = _customer(engine, gateway, workspace_id)
    gateway.set_payment_method(customer, payment_method)


def _customer(engine: Engine, gateway: Gateway, workspace_id: str) -> str:
    customer = ensure_customer(engine, gateway, workspace_id)
    if customer is None:
        raise NoStripeCustomer("Stripe refuses its name or e-mail: correct them first.")
    return customer
