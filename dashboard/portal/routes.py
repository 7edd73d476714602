"""The routes of the customer's page. Whoever holds the address is the customer: no key, no cookie, no script."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from dashboard import installation
from dashboard.clock import present
from dashboard.installation import current, reading, write
from dashboard.portal.view import view_of
from dashboard.server.threads import threads
from dashboard.text import decimal
from ledger.errors import LedgerError, NotFound
from ledger.money import digits_of
from ledger.payments import (
    PAID,
    WAITING,
    PortalIsReadOnly,
    PortalLink,
    Purchase,
    UnknownPortalLink,
    UnknownPurchase,
    list_packages,
    portal_link,
    retry_on_page,
    set_auto_top_up,
    start_checkout,
    sync_purchase,
)
from ledger.stripe_gateway import GatewayError

HERE = Path(__file__).parent
ACTOR = "customer"
MOST_CENTS = 10**9
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
POLICY = (
    "default-src 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self'; base-uri 'none'; "
    "form-action 'self' https://checkout.stripe.com; frame-ancestors {frames}"
)
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class PageNotice:
    """One sentence at the head of the page about what has just happened."""

    text: str
    is_problem: bool = False


@router.get("/api/portal.css")
async def style() -> FileResponse:
    """Return the style of the page."""
    return FileResponse(HERE / "portal.css", media_type="text/css", headers={"Cache-Control": "max-age=3600"})


@router.get("/api/portal/{token}")
async def page(token: str, request: Request) -> Response:
    """Return the page of the workspace that `token` opens."""
    return await threads.run(_answered, token, dict(request.query_params))


@router.post("/api/portal/{token}/buy")
async def buy(token: str, request: Request) -> Response:
    """Send the customer to Stripe's payment page for the chosen package."""
    return await threads.run(_buy, token, await request.form(), str(request.base_url).rstrip("/"))


@router.post("/api/portal/{token}/confirm")
async def confirm(token: str, request: Request) -> Response:
    """Send the customer to Stripe's payment page to confirm a payment that the bank asks about."""
    return await threads.run(_confirm, token, await request.form(), str(request.base_url).rstrip("/"))


@router.post("/api/portal/{token}/sandbox")
async def pay_in_sandbox(token: str, request: Request) -> Response:
    """Play the customer on Stripe's page, which the sandbox does not have."""
    return await threads.run(_pay_in_sandbox, token, await request.form())


@router.post("/api/portal/{token}/auto-top-up")
async def save_auto_top_up(token: str, request: Request) -> Response:
    """Save what is bought automatically."""
    return await threads.run(_save_auto_top_up, token, await request.form())


def _answered(
    token: str, query: Mapping[str, str], notice: PageNotice | None = None, status: int = 200
) -> Response:
    """Return the page, or the one that says that its address has expired."""
    try:
        with reading() as db:
            link = portal_link(db, token, at=present())
    except UnknownPortalLink as error:
        return _html(_templates().get_template("expired.html").render(text=str(error)), 404, framed=False)
    notice = notice or _notice_of(link, query)
    with reading() as db:
        view = view_of(db, link, at=present())
    text = (
        _templates()
        .get_template("portal.html")
        .render(
            view=view,
            base=f"/api/portal/{token}",
            notice=notice,
            choosing="buy" in query,
            key=uuid4().hex,
            sandbox_session=query.get("sandbox_checkout") if notice is None else None,
            purchase_id=query.get("purchase", ""),
        )
    )
    return _html(text, status, framed=link.read_only)


def _notice_of(link: PortalLink, query: Mapping[str, str]) -> PageNotice | None:
    """Return the state of the purchase that the customer returns from, read from Stripe again."""
    if query.get("saved"):
        return PageNotice("Auto top-up saved.")
    purchase_id = _uuid(query.get("purchase"))
    if purchase_id is None:
        return None
    try:
        with installation.writing() as db:
            gateway = current().gateway_of(db, link.workspace_id)
            purchase = sync_purchase(db, gateway, link.workspace_id, purchase_id, actor=ACTOR, at=present())
    except (GatewayError, NotFound):
        return PageNotice("We can't see this payment yet. Reload the page in a minute.", is_problem=True)
    return None if "sandbox_checkout" in query else _outcome(purchase)


def _outcome(purchase: Purchase) -> PageNotice | None:
    if purchase.status in PAID and purchase.lot_id is not None:
        return PageNotice(f"Paid. {decimal(purchase.minutes)} minutes were added.")
    if purchase.status == "failed":
        return PageNotice(f"Not paid. {purchase.failure_message} Nothing was charged.", is_problem=True)
    if purchase.status in WAITING:
        return PageNotice("Your payment is on its way. The minutes are added as soon as it arrives.")
    return None


def _buy(token: str, form: FormData, base: str) -> Response:
    here = f"{installation.settings().public_url or base}/api/portal/{token}"

    def work(link: PortalLink, at: datetime) -> Response:
        with reading() as db:
            gateway = current().gateway_of(db, link.workspace_id)
        purchase = start_checkout(
            installation.engine(),
            gateway,
            link.workspace_id,
            str(form.get("package", "")),
            success_url=f"{here}?purchase={{PURCHASE_ID}}",
            cancel_url=here,
            save_card=True,
            key=f"portal:{form.get('key', '')}",
            actor=ACTOR,
            at=at,
        )
        return RedirectResponse(purchase.checkout_url or here, status_code=303, headers=HEADERS)

    return _changed(token, work)


def _confirm(token: str, form: FormData, base: str) -> Response:
    here = f"{installation.settings().public_url or base}/api/portal/{token}"
    purchase_id = _uuid(str(form.get("purchase", "")))

    def work(link: PortalLink, at: datetime) -> Response:
        with reading() as db:
            gateway = current().gateway_of(db, link.workspace_id)
        if purchase_id is None:
            raise UnknownPurchase
        purchase = retry_on_page(
            installation.engine(),
            gateway,
            link.workspace_id,
            purchase_id,
            success_url=f"{here}?purchase={{PURCHASE_ID}}",
            cancel_url=here,
            at=at,
        )
        page = purchase.checkout_url or f"{here}?purchase={purchase_id}"
        return RedirectResponse(page, status_code=303, headers=HEADERS)

    return _changed(token, work)


def _pay_in_sandbox(token: str, form: FormData) -> Response:
    back = {"purchase": str(form.get("purchase", ""))}

    def work(link: PortalLink, _: datetime) -> Response:
        with reading() as db:
            gateway = current().gateway_of(db, link.workspace_id)
        session = str(form.get("session", ""))
        if gateway.fetch_checkout_session(session).metadata.get("workspace_id") != link.workspace_id:
            raise UnknownPortalLink
        try:
            gateway.complete_checkout(session, payment_method=str(form.get("method", "")))
        except GatewayError as error:
            return _answered(
                token, {}, PageNotice(f"Not paid. {error} Nothing was charged.", is_problem=True)
            )
        return RedirectResponse(f"/api/portal/{token}?{urlencode(back)}", status_code=303, headers=HEADERS)

    return _changed(token, work)


def _save_auto_top_up(token: str, form: FormData) -> Response:
    trigger = str(form.get("trigger", ""))

    def work(link: PortalLink, at: datetime) -> Response:
        def save(db: Connection) -> None:
            package = str(form.get("package", ""))
            set_auto_top_up(
                db,
                link.workspace_id,
                package=package,
                trigger=int(trigger) if trigger.isascii() and trigger.isdigit() else 0,
                monthly_limit_cents=_cents(str(form.get("limit", "")), _currency(db, link, package, at)),
                enabled=form.get("enabled") == "1",
                actor=ACTOR,
                at=at,
            )

        write(save)
        return RedirectResponse(f"/api/portal/{token}?saved=1", status_code=303, headers=HEADERS)

    return _changed(token, work)


def _changed(token: str, work: Callable[[PortalLink, datetime], Response]) -> Response:
    """Return the answer of `work`; a refusal is the page again with one sentence about it."""
    at = present()
    try:
        with reading() as db:
            link = portal_link(db, token, at=at)
        if link.read_only:
            raise PortalIsReadOnly
        return work(link, at)
    except UnknownPortalLink:
        return _answered(token, {}, status=404)
    except LedgerError as error:
        return _answered(token, {"buy": "1"}, PageNotice(str(error), is_problem=True), status=422)


def _currency(db: Connection, link: PortalLink, package: str, at: datetime) -> str:
    offered = {each.code: each.currency for each in list_packages(db, link.workspace_id, at=at)}
    return offered.get(package, "usd")


def _cents(text: str, currency: str) -> int:
    """Return an amount as a person types it in the smallest unit; 0, which nothing costs, when it is no amount."""
    try:
        amount = Decimal(text.replace(",", "").strip()) * 10 ** digits_of(currency)
    except InvalidOperation:
        return 0
    return int(amount) if amount.is_finite() and abs(amount) < MOST_CENTS and amount == int(amount) else 0


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _html(text: str, status: int, *, framed: bool) -> HTMLResponse:
    policy = POLICY.format(frames="'self'" if framed else "'none'")
    return HTMLResponse(text, status_code=status, headers={**HEADERS, "Content-Security-Policy": policy})


@cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True)
