"""Checkout Sessions in payment mode: Stripe's page, on which the sandbox lets you play the customer."""

from ledger.stripe_sandbox import payment_intents
from ledger.stripe_sandbox.answers import Json, Refusal
from ledger.stripe_sandbox.catalogue import price_for_sale
from ledger.stripe_sandbox.exchange import Exchange
from ledger.stripe_sandbox.money import check_amount
from ledger.stripe_sandbox.payment_methods import BEHAVIOURS

LIFETIME_SECONDS = 86_400
NO_MONEY = ("payment_failed", "generic_decline", "The bank did not deliver the money.")


def create(x: Exchange, params: Json) -> Json:
    """An open session. Its `url` leads back to the asker with `sandbox_checkout`, who offers the choices."""
    if params.get("mode") != "payment":
        raise Refusal(
            400, "The sandbox implements Checkout in payment mode.", "sandbox_unimplemented", "mode"
        )
    if not params.get("success_url"):
        raise Refusal(400, "Missing required param: success_url.", "parameter_missing", "success_url")
    if params.get("customer"):
        x.load("customer", params["customer"])
    amount, currency = total(x, params.get("line_items") or [])
    check_amount(amount, currency)
    session = x.add(
        "cs",
        "checkout.session",
        amount_subtotal=amount,
        amount_total=amount,
        cancel_url=params.get("cancel_url"),
        client_reference_id=params.get("client_reference_id"),
        currency=currency,
        customer=params.get("customer"),
        customer_details=None,
        expires_at=params.get("expires_at") or x.now + LIFETIME_SECONDS,
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
    x.set_due(session, session["expires_at"])
    return session


def page_of(session: Json) -> str:
    """The address to send the customer to: the success page itself, told that nothing is paid yet."""
    page: str = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
    return f"{page}{'&' if '?' in page else '?'}sandbox_checkout={session['id']}"


def total(x: Exchange, items: list[Json]) -> tuple[int, str]:
    """Amount and currency of what is bought."""
    if not items:
        raise Refusal(400, "Missing required param: line_items.", "parameter_missing", "line_items")
    amount, currencies = 0, set()
    for item in items:
        priced = item.get("price_data") or price_for_sale(x, item.get("price", ""), recurring=False)
        amount += priced["unit_amount"] * item.get("quantity", 1)
        currencies.add(priced["currency"])
    if len(currencies) != 1:
        raise Refusal(400, "All prices must have the same currency.", None, "line_items")
    return amount, currencies.pop()


def complete(x: Exchange, params: Json, session: str) -> Json:
    """The customer pays on the page. A declined card leaves the page open."""
    body = open_session(x, session)
    intent = payment_of(x, body)
    payment_intents.choose(x, intent, params.get("payment_method", "pm_card_visa"))
    behaviour = BEHAVIOURS[intent["_method"]]
    if behaviour.decline:
        raise payment_intents.decline(x, intent, behaviour, behaviour.decline)
    if params.get("delayed") in (True, "true"):
        intent["status"] = "processing"
        x.emit("payment_intent.processing", intent)
    else:
        payment_intents.succeed(x, intent, behaviour)
        body["payment_status"] = "paid"
    body.update(status="complete", url=None)
    x.set_due(body, None)
    x.emit("checkout.session.completed", body)
    return body


def open_session(x: Exchange, session: str) -> Json:
    """A session that waits for its customer."""
    body = x.save(x.load("checkout.session", session))
    if body["status"] != "open":
        raise Refusal(400, f"This session is {body['status']}.", "checkout_session_unexpected_state")
    return body


def payment_of(x: Exchange, session: Json) -> Json:
    """The session's payment; it comes into being at the first attempt."""
    if session["payment_intent"]:
        return x.save(x.load("payment_intent", session["payment_intent"]))
    params = {
        "amount": session["amount_total"],
        "currency": session["currency"],
        "customer": session["customer"],
    }
    details = {name: session["_payment"].get(name) for name in ("metadata", "description")}
    intent = payment_intents.new_intent(x, params | details)
    session["payment_intent"] = intent["id"]
    x.emit("payment_intent.created", intent)
    return intent


def settle(x: Exchange, params: Json, session: str) -> Json:
    """The delayed money arrives, or does not."""
    body = x.save(x.load("checkout.session", session))
    if body["status"] != "complete" or body["payment_status"] != "unpaid":
        raise Refusal(400, "This session does not wait for money.", "checkout_session_unexpected_state")
    intent = x.save(x.load("payment_intent", body["payment_intent"]))
    behaviour = BEHAVIOURS[intent["_method"]]
    if params.get("succeed", "true") in (True, "true"):
        payment_intents.succeed(x, intent, behaviour)
        body["payment_status"] = "paid"
        x.emit("checkout.session.async_payment_succeeded", body)
    else:
        payment_intents.mark_declined(x, intent, behaviour, NO_MONEY, charged=True)
        x.emit("checkout.session.async_payment_failed", body)
    return body


def expire(x: Exchange, _params: Json, session: str) -> Json:
    """Close an open page."""
    body = open_session(x, session)
    expire_now(x, body)
    return body


def expire_now(x: Exchange, session: Json) -> None:
    """The page is closed, now or because its time is over."""
    session.update(status="expired", url=None)
    x.set_due(session, None)
    x.emit("checkout.session.expired", session)
