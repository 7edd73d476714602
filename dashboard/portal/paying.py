"""Paying on the customer's page: with the saved card or on Stripe's page, with the bank's question in between."""

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from dashboard import installation
from dashboard.installation import reading
from dashboard.portal.answers import (
    ACTOR,
    PageNotice,
    answered,
    changed,
    gateway_of,
    sent_to,
    uuid_of,
)
from dashboard.server.threads import threads
from ledger.payments import (
    NoSavedCard,
    PortalLink,
    Purchase,
    UnknownPortalLink,
    UnknownPurchase,
    billing_portal_url,
    buy,
    get_purchase,
    retry_on_page,
    save_test_card,
    saved_card_of,
    start_checkout,
)
from ledger.stripe_gateway import GatewayError, PaymentDeclined

router = APIRouter(include_in_schema=False)


@router.post("/api/portal/{token}/buy")
async def buy_package(token: str, request: Request) -> Response:
    """Charge the saved card for the chosen package, or send the customer to Stripe's payment page."""
    return await threads.run(_buy, token, await request.form(), _base(request))


@router.post("/api/portal/{token}/confirm")
async def confirm(token: str, request: Request) -> Response:
    """Send the customer to Stripe's payment page to confirm a payment, or to pay it with another card."""
    return await threads.run(_confirm, token, await request.form(), _base(request))


@router.post("/api/portal/{token}/billing")
async def manage_billing(token: str, request: Request) -> Response:
    """Send the customer to Stripe's billing portal: cards, invoices and what else the company allows there."""
    return await threads.run(_billing, token, _base(request))


@router.post("/api/portal/{token}/sandbox")
async def pay_in_sandbox(token: str, request: Request) -> Response:
    """Play the customer on Stripe's page, which the sandbox does not have."""
    return await threads.run(_pay_in_sandbox, token, await request.form())


@router.post("/api/portal/{token}/sandbox-bank")
async def answer_sandbox_bank(token: str, request: Request) -> Response:
    """Play the cardholder on the page of the bank, which the sandbox does not have."""
    return await threads.run(_answer_bank, token, await request.form())


@router.post("/api/portal/{token}/sandbox-card")
async def save_sandbox_card(token: str, request: Request) -> Response:
    """Play the customer in the billing portal, which the sandbox does not have."""
    return await threads.run(_save_card, token, await request.form())


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _address(token: str, base: str) -> str:
    """Return the absolute address of the page, to come back to."""
    return f"{installation.settings().public_url or base}/api/portal/{token}"


def _purchase_id(form: FormData) -> UUID:
    """Return the purchase that a form names. Raise UnknownPurchase."""
    purchase_id = uuid_of(str(form.get("purchase", "")))
    if purchase_id is None:
        raise UnknownPurchase
    return purchase_id


def _buy(token: str, form: FormData, base: str) -> Response:
    here = _address(token, base)

    def work(link: PortalLink, at: datetime) -> Response:
        if form.get("pay") == "card":
            return sent_to(f"{here}?purchase={_charge(link, form, here, at).purchase_id}")
        package = str(form.get("package", ""))
        purchase = start_checkout(
            installation.engine_at(at),
            gateway_of(link),
            link.workspace_id,
            package,
            success_url=f"{here}?purchase={{PURCHASE_ID}}",
            cancel_url=here,
            save_card=True,
            key=f"portal:{form.get('key', '')}:{package}",
            actor=ACTOR,
            at=at,
        )
        return sent_to(purchase.checkout_url or here)

    return changed(token, work)


def _charge(link: PortalLink, form: FormData, here: str, at: datetime) -> Purchase:
    """Charge the saved card of the workspace, whatever the form says; the bank may ask the customer afterwards."""
    gateway, package = gateway_of(link), str(form.get("package", ""))
    card = saved_card_of(installation.engine(), gateway, link.workspace_id)
    if card is None:
        raise NoSavedCard
    return buy(
        installation.engine_at(at),
        gateway,
        link.workspace_id,
        package,
        payment_method=card.payment_method,
        return_url=f"{here}?purchase={{PURCHASE_ID}}",
        key=f"portal-card:{form.get('key', '')}:{package}",
        actor=ACTOR,
        at=at,
    )


def _confirm(token: str, form: FormData, base: str) -> Response:
    here = _address(token, base)

    def work(link: PortalLink, at: datetime) -> Response:
        purchase_id = _purchase_id(form)
        purchase = retry_on_page(
            installation.engine_at(at),
            gateway_of(link),
            link.workspace_id,
            purchase_id,
            success_url=f"{here}?purchase={{PURCHASE_ID}}",
            cancel_url=here,
            at=at,
        )
        return sent_to(purchase.checkout_url or f"{here}?purchase={purchase_id}")

    return changed(token, work)


def _billing(token: str, base: str) -> Response:
    def work(link: PortalLink, _: datetime) -> Response:
        here = _address(token, base)
        url = billing_portal_url(installation.engine(), gateway_of(link), link.workspace_id, return_url=here)
        return sent_to(url)

    return changed(token, work)


def _pay_in_sandbox(token: str, form: FormData) -> Response:
    back = {"purchase": str(form.get("purchase", ""))}

    def work(link: PortalLink, _: datetime) -> Response:
        gateway, session = gateway_of(link), str(form.get("session", ""))
        if gateway.fetch_checkout_session(session).metadata.get("workspace_id") != link.workspace_id:
            raise UnknownPortalLink
        try:
            gateway.complete_checkout(session, payment_method=str(form.get("method", "")))
        except GatewayError as error:
            if gateway.fetch_checkout_session(session).status != "open":
                return sent_to(f"/api/portal/{token}?{urlencode(back)}")  # it was paid meanwhile
            why = error.message if isinstance(error, PaymentDeclined) else str(error)
            text = f"Not paid. {why} Nothing was charged."
            return answered(token, {}, PageNotice(text, is_problem=True, retry_id=back["purchase"]))
        return sent_to(f"/api/portal/{token}?{urlencode(back)}")

    return changed(token, work)


def _answer_bank(token: str, form: FormData) -> Response:
    def work(link: PortalLink, _: datetime) -> Response:
        purchase_id = _purchase_id(form)
        with reading() as db:
            purchase = get_purchase(db, link.workspace_id, purchase_id)
        gateway = gateway_of(link)
        gateway.complete_authentication(purchase.payment_intent or "", succeed=form.get("answer") == "yes")
        return sent_to(f"/api/portal/{token}?purchase={purchase_id}")

    return changed(token, work)


def _save_card(token: str, form: FormData) -> Response:
    def work(link: PortalLink, _: datetime) -> Response:
        save_test_card(
            installation.engine(), gateway_of(link), link.workspace_id, str(form.get("method", ""))
        )
        return sent_to(f"/api/portal/{token}?saved=card")

    return changed(token, work)
