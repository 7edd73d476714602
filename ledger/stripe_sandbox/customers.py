"""Customers, with a default card and a credit balance for invoices."""

from ledger.stripe_sandbox.answers import Json
from ledger.stripe_sandbox.payment_intents import merge_metadata
from ledger.stripe_sandbox.payment_methods import attached
from ledger.stripe_sandbox.transaction import Transaction


def create(tx: Transaction, params: Json) -> Json:
    """Create a customer."""
    customer = tx.add(
        "cus",
        "customer",
        balance=0,
        description=params.get("description"),
        email=params.get("email"),
        invoice_settings={"default_payment_method": None},
        metadata=params.get("metadata") or {},
        name=params.get("name"),
    )
    if params.get("payment_method"):
        method = attached(tx, customer, params["payment_method"])
        if params.get("invoice_settings", {}).get("default_payment_method"):
            customer["invoice_settings"]["default_payment_method"] = method["id"]
    tx.emit("customer.created", customer)
    return customer


def update(tx: Transaction, params: Json, customer: str) -> Json:
    """Update the name, e-mail, metadata or default card."""
    body = tx.save(tx.load("customer", customer))
    merge_metadata(body, params)
    body.update({name: params[name] for name in ("name", "email", "description") if name in params})
    method = params.get("invoice_settings", {}).get("default_payment_method")
    if method:
        tx.load("payment_method", method)
        body["invoice_settings"]["default_payment_method"] = method
    tx.emit("customer.updated", body)
    return body


def adjust_balance(tx: Transaction, params: Json, customer: str) -> Json:
    """Adjust a customer's balance. A negative balance is credit for the next invoices."""
    body = tx.save(tx.load("customer", customer))
    body["balance"] += params["amount"]
    return tx.add(
        "cbtxn",
        "customer_balance_transaction",
        amount=params["amount"],
        currency=params["currency"],
        customer=customer,
        description=params.get("description"),
        ending_balance=body["balance"],
        type="adjustment",
    )
