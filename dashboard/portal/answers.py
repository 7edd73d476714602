"""What the customer's page answers: itself with what just happened, or the page that says that its address expired."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID, uuid4

from jinja2 import Environment, FileSystemLoader
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dashboard import installation
from dashboard.clock import present
from dashboard.installation import current, reading
from dashboard.portal.view import view_of, with_stripe
from dashboard.text import decimal
from ledger.errors import LedgerError, NotFound
from ledger.payments import (
    PAID,
    WAITING,
    PortalIsReadOnly,
    PortalLink,
    Purchase,
    UnknownPortalLink,
    portal_link,
    sync_purchase,
)
from ledger.stripe_gateway import Gateway, GatewayError

HERE = Path(__file__).parent
ACTOR = "customer"
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",  # with "no-referrer", browsers send forms as if another site had made them
    "X-Content-Type-Options": "nosniff",
}
POLICY = (
    "default-src 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self'; base-uri 'none'; "
    "form-action 'self' https://checkout.stripe.com https://billing.stripe.com; frame-ancestors {frames}"
)


@dataclass(frozen=True)
class PageNotice:
    """One sentence at the head of the page about what has just happened; `retry_id`: a purchase to pay otherwise."""

    text: str
    is_problem: bool = False
    retry_id: str | None = None


def answered(
    token: str, query: Mapping[str, str], notice: PageNotice | None = None, status: int = 200
) -> Response:
    """Return the page, or the one that says that its address has expired."""
    try:
        with reading() as db:
            link = portal_link(db, token, at=present())
    except UnknownPortalLink as error:
        return _html(_templates().get_template("expired.html").render(text=str(error)), 404, framed=False)
    returned = _returned(link, query) if notice is None else None
    notice = notice or _notice_of(query, returned)
    with reading() as db:
        view = view_of(db, link, at=present())
    view = with_stripe(view, offers="buy" in query)
    text = (
        _templates()
        .get_template("portal.html")
        .render(
            view=view,
            base=f"/api/portal/{token}",
            notice=notice,
            choosing="buy" in query,
            key=uuid4().hex,
            sandbox_page=_sandbox_page(query, returned) if notice is None else None,
            query=query,
        )
    )
    return _html(text, status, framed=link.read_only)


def changed(token: str, work: Callable[[PortalLink, datetime], Response]) -> Response:
    """Return the answer of `work`; a refusal is the page again with one sentence about it."""
    at = present()
    try:
        with reading() as db:
            link = portal_link(db, token, at=at)
        if link.read_only:
            raise PortalIsReadOnly
        return work(link, at)
    except UnknownPortalLink:
        return answered(token, {}, status=404)
    except LedgerError as error:
        return answered(token, {"buy": "1"}, PageNotice(str(error), is_problem=True), status=422)


def sent_to(url: str) -> Response:
    """Return the redirect to another page."""
    return RedirectResponse(url, status_code=303, headers=HEADERS)


def gateway_of(link: PortalLink) -> Gateway:
    """Return the gateway that the workspace of a link pays through."""
    with reading() as db:
        return current().gateway_of(db, link.workspace_id)


def uuid_of(text: str | None) -> UUID | None:
    """Return a purchase id as an address or a form carries it; None when it is none."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def outcome(purchase: Purchase) -> PageNotice | None:
    """Return what came of a payment, in a sentence for the customer."""
    if purchase.status in PAID and purchase.lot_id is not None:
        return PageNotice(f"Paid. {decimal(purchase.minutes)} minutes were added.")
    if purchase.status == "failed":
        text = f"Not paid. {purchase.failure_message} Nothing was charged."
        return PageNotice(text, is_problem=True, retry_id=str(purchase.purchase_id))
    if purchase.status in WAITING and purchase.status != "requires_action":
        return PageNotice("Your payment is on its way. The minutes are added as soon as it arrives.")
    return None


def _returned(link: PortalLink, query: Mapping[str, str]) -> Purchase | PageNotice | None:
    """Return the purchase that the customer returns from, read from Stripe again."""
    purchase_id = uuid_of(query.get("purchase"))
    if purchase_id is None:
        return None
    gateway = gateway_of(link)
    try:
        with installation.writing() as db:
            return sync_purchase(db, gateway, link.workspace_id, purchase_id, actor=ACTOR, at=present())
    except (GatewayError, NotFound):
        return PageNotice("We can't see this payment yet. Reload the page in a minute.", is_problem=True)


def _notice_of(query: Mapping[str, str], returned: Purchase | PageNotice | None) -> PageNotice | None:
    if query.get("saved"):
        return PageNotice("Card saved." if query["saved"] == "card" else "Auto top-up saved.")
    if isinstance(returned, PageNotice) or returned is None:
        return returned
    unpaid = returned.status in (*WAITING, "failed") and "sandbox_checkout" in query
    return None if unpaid else outcome(returned)


def _sandbox_page(query: Mapping[str, str], returned: Purchase | PageNotice | None) -> str | None:
    """Return which of Stripe's or the bank's pages the sandbox is to show in their place."""
    if "sandbox_billing" in query:
        return "billing"
    if isinstance(returned, Purchase) and returned.source in ("sandbox", "demo"):
        if "sandbox_checkout" in query:
            return "checkout"
        if returned.status == "requires_action" and "payment_intent" in query:
            return "bank"
    return None


def _html(text: str, status: int, *, framed: bool) -> HTMLResponse:
    policy = POLICY.format(frames="'self'" if framed else "'none'")
    return HTMLResponse(text, status_code=status, headers={**HEADERS, "Content-Security-Policy": policy})


@cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True)
