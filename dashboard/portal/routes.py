"""The routes of the customer's page. Whoever holds the address is the customer: no key, no cookie, no script."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import quote

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import FileResponse, Response

from dashboard.installation import current, write
from dashboard.portal.answers import ACTOR, HERE, answered, changed, sent_to
from dashboard.server.threads import threads
from ledger.money import digits_of
from ledger.payments import PortalLink, list_packages, set_auto_top_up

MOST_CENTS = 10**9
SECRET = "payment_intent_client_secret"  # noqa: S105  a parameter that Stripe adds when the bank sends a customer back
router = APIRouter(include_in_schema=False)


@router.get("/api/portal.css")
async def style() -> FileResponse:
    """Return the style of the page."""
    return FileResponse(HERE / "portal.css", media_type="text/css", headers={"Cache-Control": "max-age=3600"})


@router.get("/api/portal/{token}")
async def page(token: str, request: Request) -> Response:
    """Return the page of the workspace that `token` opens; an address with a payment's secret is left at once."""
    if SECRET in request.query_params:
        return sent_to(f"/api/portal/{token}?purchase={quote(request.query_params.get('purchase', ''))}")
    return await threads.run(answered, token, dict(request.query_params))


@router.post("/api/portal/{token}/auto-top-up")
async def save_auto_top_up(token: str, request: Request) -> Response:
    """Save what is bought automatically."""
    return await threads.run(_save_auto_top_up, token, await request.form())


def _save_auto_top_up(token: str, form: FormData) -> Response:
    trigger = str(form.get("trigger", ""))

    def work(link: PortalLink, at: datetime) -> Response:
        enabled = form.get("enabled") == "1"
        card_saved = current().may_top_up(link.workspace_id, enabled=enabled)

        def save(db: Connection) -> None:
            package = str(form.get("package", ""))
            set_auto_top_up(
                db,
                link.workspace_id,
                package=package,
                trigger=int(trigger) if trigger.isascii() and trigger.isdigit() else 0,
                monthly_limit_cents=_cents(str(form.get("limit", "")), _currency(db, link, package, at)),
                enabled=enabled,
                card_saved=card_saved,
                actor=ACTOR,
                at=at,
            )

        write(save)
        return sent_to(f"/api/portal/{token}?saved=1")

    return changed(token, work)


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
