"""Checkout Sessions in payment mode. You act as the customer on Stripe's page."""

from ledger.stripe_sandbox import charges, payment_intents
from ledger.stripe_sandbox.answers import Json, RequestRefused
from ledger.stripe_sandbox.catalogue import price_for_sale
from ledger.stripe_sandbox.discounts import coupon_cents
from ledger.stripe_sandbox.money import check_amount
from ledger.stripe_sandbox.payment_methods import BEHAVIOURS
from ledger.stripe_sandbox.transaction import Transaction

LIFETIME_SECONDS = 86_400
DEFAULT_TAX_PERCENT = 19
NO_MONEY = ("payment_failed", "generic_decline", "The bank did not deliver the money.")


def create(tx: Transaction, params: Json) -> Json:
    """Create an open session. Its `url` leads back to the caller with `sandbox_checkout`."""
    if params.get("mode") != "payment":
        raise RequestRefused(
            400, "The sandbox implements Checkout in payment mode.", "sandbox_unimplemented", "mode"
        )
    if not params.get("success_url"):
        raise RequestRefused(400, "Missing required param: success_url.", "parameter_missing", "success_url")
    check_customer(tx, params)
    amount, currency = total(tx, params.get("line_items") or [])
    check_amount(amount, currency)
    session = tx.add(
        "cs",
        "checkout.session",
        amount_subtotal=amount,
        amount_total=amount,
        allow_promotion_codes=params.get("allow_promotion_codes"),
        automatic_tax=params.get("automatic_tax") or {"enabled": False},
        cancel_url=params.get("cancel_url"),
        client_reference_id=params.get("client_reference_id"),
        currency=currency,
        customer=params.get("customer"),
        customer_details=None,
        expires_at=params.get("expires_at") or tx.now + LIFETIME_SECONDS,
        invoice_creation=params.get("invoice_creation"),
        metadata=params.get("metadata") or {},
        mode="payment",
        payment_intent=None,
        payment_method_types=["card"],
        payment_status="unpaid",
        status="open",
        subscription=None,
        success_url=params["success_url"],
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        url=None,
        _payment=params.get("payment_intent_data") or {},
    )
    session["url"] = page_of(session)
    tx.set_due(session, session["expires_at"])
    return session


def check_customer(tx: Transaction, params: Json) -> None:
    """Refuse an unknown customer, and automatic tax for one whose address Stripe's page could not store."""
    if not params.get("customer"):
        return
    tx.load("customer", params["customer"])
    taxed = (params.get("automatic_tax") or {}).get("enabled")
    if taxed and not (params.get("customer_update") or {}).get("address"):
        message = (
            "Automatic tax calculation in Checkout requires a valid address on the Customer. "
            "Set customer_update[address] to auto."
        )
        raise RequestRefused(400, message, "customer_tax_location_invalid", "customer_update")


def page_of(session: Json) -> str:
    """Return the URL for the customer: the success page, marked as not paid yet."""
    page: str = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
    return f"{page}{'&' if '?' in page else '?'}sandbox_checkout={session['id']}"


def total(tx: Transaction, items: list[Json]) -> tuple[int, str]:
    """Return the total amount and currency of the line items."""
    if not items:
        raise RequestRefused(400, "Missing required param: line_items.", "parameter_missing", "line_items")
    amount, currencies = 0, set()
    for item in items:
        priced = item.get("price_data") or price_for_sale(tx, item.get("price", ""), recurring=False)
        amount += priced["unit_amount"] * item.get("quantity", 1)
        currencies.add(priced["currency"])
    if len(currencies) != 1:
        raise RequestRefused(400, "All prices must have the same currency.", None, "line_items")
    return amount, currencies.pop()


def complete(tx: Transaction, params: Json, session: str) -> Json:
    """Pay on the page as the customer. A declined card leaves the page open."""
    body = open_session(tx, session)
    add_up(tx, body, params)
    if body["amount_total"] == 0:
        return complete_free(tx, body)
    intent = payment_of(tx, body)
    payment_intents.choose(tx, intent, params.get("payment_method", "pm_card_visa"))
    behaviour = BEHAVIOURS[intent["_method"]]
    if behaviour.decline:
        raise payment_intents.decline(tx, intent, behaviour, behaviour.decline)
    if params.get("delayed") in (True, "true"):
        intent["status"] = "processing"
        charges.begin(tx, intent, behaviour)
        tx.emit("payment_intent.processing", intent)
    else:
        payment_intents.succeed(tx, intent, behaviour)
        body["payment_status"] = "paid"
    body.update(status="complete", url=None)
    tx.set_due(body, None)
    tx.emit("checkout.session.completed", body)
    return body


def add_up(tx: Transaction, session: Json, params: Json) -> None:
    """Take off the coupon that the customer typed, then add the tax of their address."""
    price, discount, tax = session["amount_subtotal"], 0, 0
    if params.get("coupon"):
        if not session["allow_promotion_codes"]:
            raise RequestRefused(400, "This page accepts no promotion codes.", None, "coupon")
        discount = coupon_cents(tx.load("coupon", params["coupon"]), price)
    if session["automatic_tax"]["enabled"]:
        tax = round((price - discount) * int(params.get("tax_percent", DEFAULT_TAX_PERCENT)) / 100)
    total = price - discount + tax
    if total:
        check_amount(total, session["currency"])
    session["amount_total"] = total
    session["total_details"] = {"amount_discount": discount, "amount_shipping": 0, "amount_tax": tax}


def complete_free(tx: Transaction, session: Json) -> Json:
    """Complete a session that costs nothing: it has no payment."""
    session.update(status="complete", url=None, payment_status="no_payment_required")
    tx.set_due(session, None)
    tx.emit("checkout.session.completed", session)
    return session


def open_session(tx: Transaction, session: str) -> Json:
    """Return a session that is still open. Raise RequestRefused when it is not."""
    body = tx.save(tx.load("checkout.session", session))
    if body["status"] != "open":
        raise RequestRefused(400, f"This session is {body['status']}.", "checkout_session_unexpected_state")
    return body


def payment_of(tx: Transaction, session: Json) -> Json:
    """Return the session's payment, created on the first attempt."""
    if session["payment_intent"]:
        intent = tx.save(tx.load("payment_intent", session["payment_intent"]))
        intent["amount"] = session["amount_total"]
        return intent
    params = {
        "amount": session["amount_total"],
        "currency": session["currency"],
        "customer": session["customer"],
    }
    names = ("metadata", "description", "setup_future_usage", "receipt_email")
    details = {name: session["_payment"].get(name) for name in names}
    intent = payment_intents.new_intent(tx, params | details)
    session["payment_intent"] = intent["id"]
    tx.emit("payment_intent.created", intent)
    return intent


def settle(tx: Transaction, params: Json, session: str) -> Json:
    """Settle a delayed payment: the money arrives or fails."""
    body = tx.save(tx.load("checkout.session", session))
    if body["status"] != "complete" or body["payment_status"] != "unpaid":
        raise RequestRefused(
            400, "This session is not waiting for a delayed payment.", "checkout_session_unexpected_state"
        )
    intent = tx.save(tx.load("payment_intent", body["payment_intent"]))
    behaviour = BEHAVIOURS[intent["_method"]]
    if params.get("succeed", "true") in (True, "true"):
        payment_intents.succeed(tx, intent, behaviour)
        body["payment_status"] = "paid"
        tx.emit("checkout.session.async_payment_succeeded", body)
    else:
        payment_intents.mark_declined(tx, intent, behaviour, NO_MONEY, charged=True)
        tx.emit("checkout.session.async_payment_failed", body)
    return body


def expire(tx: Transaction, _params: Json, session: str) -> Json:
    """Close an open page."""
    body = open_session(tx, session)
    expire_now(tx, body)
    return body


def expire_now(tx: Transaction, session: Json) -> None:
    """Expire the session, on request or because its time is up."""
    session.update(status="expired", url=None)
    tx.set_due(session, None)
    tx.emit("checkout.session.expired", session)
