"""What a front end needs to send a customer to pay: Stripe's page, the customer's own page, and auto top-up."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from sqlalchemy import Connection

from dashboard import installation
from dashboard.api.auth import GuardedRoute, actor
from dashboard.api.fields import Key, KeyHeader, PackageCode, PathId, RequestBody, WorkspaceId, the_key
from dashboard.api.purchases import OF_PAYMENTS
from dashboard.api.responses import reads, writes
from dashboard.api.values import A_TIME, PurchaseId, ResponseBody
from dashboard.clock import present
from dashboard.installation import current, reading, write
from dashboard.server.threads import threads
from ledger.payments import (
    AutoTopUp,
    UnknownTopUp,
    billing_portal_url,
    get_auto_top_up,
    open_portal,
    set_auto_top_up,
    start_checkout,
)

router = APIRouter(prefix="/api", tags=["customer pages"], route_class=GuardedRoute)
WebAddress = Annotated[
    str,
    Field(
        pattern=r"^https?://[^\s]+$",
        max_length=2000,
        description="An absolute http(s) address. `{PURCHASE_ID}` stands for the purchase.",
        examples=["https://app.example.com/minutes?purchase={PURCHASE_ID}"],
    ),
]
Trigger = Annotated[
    Literal[80, 90, 100],
    Field(description="Share of minutes used, in percent, at which the package is bought.", examples=[90]),
]


class CheckoutRequest(RequestBody):
    """A purchase on Stripe's own payment page. The key comes here or as Idempotency-Key."""

    workspace_id: WorkspaceId
    package: PackageCode
    success_url: WebAddress
    cancel_url: WebAddress
    key: Key | None = None


class CheckoutResponse(ResponseBody):
    """Where to send the customer. Coming back proves nothing: read the purchase, or wait for its event."""

    purchase_id: PurchaseId
    url: Annotated[
        str, Field(description="Stripe's payment page.", examples=["https://checkout.stripe.com/c/pay/cs_1"])
    ]


class PortalRequest(RequestBody):
    """How the customer's page, or the billing portal, opens."""

    return_url: Annotated[WebAddress | None, Field(description="Where its back link leads.")] = None


class PortalResponse(ResponseBody):
    """The customer's own page: whoever has the address sees this workspace until it expires."""

    url: Annotated[
        str,
        Field(description="The signed address.", examples=["https://minutes.example.com/api/portal/t0k3n"]),
    ]
    expires_at: Annotated[datetime, Field(description="When the address expires.", examples=[A_TIME])]


class BillingPortalResponse(ResponseBody):
    """Stripe's billing portal for the workspace's customer: card, invoices, and what the company allows there."""

    url: Annotated[
        str,
        Field(
            description="Send the customer there at once: Stripe lets an unused address expire within minutes.",
            examples=["https://billing.stripe.com/p/session/test_1"],
        ),
    ]


class AutoTopUpRequest(RequestBody):
    """What a workspace buys by itself."""

    package: PackageCode
    trigger: Trigger
    monthly_limit_cents: Annotated[
        int,
        Field(ge=1, le=99_999_999, description="Maximum charge per calendar month, in UTC.", examples=[5000]),
    ]
    enabled: Annotated[bool, Field(description="Whether auto top-up is on.", examples=[True])]


class AutoTopUpResponse(ResponseBody):
    """The settings and what they do now."""

    workspace_id: WorkspaceId
    package: PackageCode
    trigger: Trigger
    monthly_limit_cents: Annotated[
        int, Field(description="Maximum charge per calendar month.", examples=[5000])
    ]
    enabled: Annotated[bool, Field(description="Whether auto top-up is on.", examples=[True])]
    state: Annotated[
        Literal["off", "ready", "needs_card", "paused"],
        Field(
            description="`needs_card`: nothing can be charged until the customer saves a card, on the customer's page "
            "(`POST .../portal`) or in the billing portal (`POST .../billing-portal`). `paused`: see `paused_reason`.",
            examples=["ready"],
        ),
    ]
    paused_reason: Annotated[
        str | None, Field(description="What to do before auto top-up resumes.", examples=[None])
    ]
    changed_at: Annotated[datetime, Field(description="Last change of the settings.", examples=[A_TIME])]


@router.post(
    "/extra-minutes/checkout",
    status_code=201,
    summary="Start a checkout",
    **writes("purchases:write", "unknown_workspace", "unknown_package", *OF_PAYMENTS),
)
async def create_checkout(
    body: CheckoutRequest, request: Request, idempotency_key: KeyHeader = None
) -> CheckoutResponse:
    """Start a purchase on Stripe's payment page and return its address."""
    key = the_key(idempotency_key, body.key)
    return await threads.run(_checkout, body, key, actor(request), present())


@router.post(
    "/workspaces/{workspace_id}/portal",
    status_code=201,
    summary="Open the customer's page",
    **writes("purchases:write", "unknown_workspace", "invalid_text"),
)
async def create_portal_link(
    workspace_id: PathId, request: Request, body: PortalRequest | None = None
) -> PortalResponse:
    """Return a short-lived address of the customer's page: usage, packages, auto top-up and purchase history."""
    return_url = body.return_url if body else None
    return await threads.run(_portal, workspace_id, return_url, actor(request), _base(request), present())


@router.post(
    "/workspaces/{workspace_id}/billing-portal",
    status_code=201,
    summary="Open the billing portal",
    **writes(
        "purchases:write",
        "unknown_workspace",
        "invalid_text",
        "no_stripe_customer",
        "unknown_at_stripe",
        "wrong_source",
        "stripe_refused",
        "stripe_unavailable",
        "stripe_permission_missing",
    ),
)
async def create_billing_portal_link(
    workspace_id: PathId, request: Request, body: PortalRequest | None = None
) -> BillingPortalResponse:
    """Return a short-lived address of Stripe's billing portal. A workspace without a Stripe customer gets one.

    Without `return_url` the portal leads back to the customer's page.
    """
    return_url = body.return_url if body else None
    return await threads.run(
        _billing_portal, workspace_id, return_url, actor(request), _base(request), present()
    )


@router.get(
    "/workspaces/{workspace_id}/auto-top-up",
    summary="Read auto top-up",
    **reads("purchases:write", "unknown_workspace", "unknown_top_up"),
)
async def get_auto_top_up_settings(workspace_id: PathId) -> AutoTopUpResponse:
    """Return the auto top-up settings of a workspace."""
    return await threads.run(_settings, workspace_id)


@router.put(
    "/workspaces/{workspace_id}/auto-top-up",
    summary="Set auto top-up",
    **writes("purchases:write", "unknown_workspace", "unknown_package", "invalid_top_up"),
)
async def put_auto_top_up(
    workspace_id: PathId, body: AutoTopUpRequest, request: Request
) -> AutoTopUpResponse:
    """Set the auto top-up of a workspace. Changing a setting clears a pause; repeating the request changes nothing.

    Without a saved card `state` is `needs_card`.
    """
    return await threads.run(_save_settings, workspace_id, body, actor(request), present())


def _checkout(body: CheckoutRequest, key: str, who: str, at: datetime) -> CheckoutResponse:
    with reading() as db:
        gateway = current().gateway_of(db, body.workspace_id)
    purchase = start_checkout(
        installation.engine_at(at),
        gateway,
        body.workspace_id,
        body.package,
        success_url=body.success_url,
        cancel_url=body.cancel_url,
        key=key,
        actor=who,
        at=at,
    )
    return CheckoutResponse(purchase_id=purchase.purchase_id, url=purchase.checkout_url or "")


def _portal(workspace_id: str, return_url: str | None, who: str, base: str, at: datetime) -> PortalResponse:
    token, link = write(lambda db: open_portal(db, workspace_id, return_url=return_url, actor=who, at=at))
    return PortalResponse(url=f"{base}/api/portal/{token}", expires_at=link.expires_at)


def _billing_portal(
    workspace_id: str, return_url: str | None, who: str, base: str, at: datetime
) -> BillingPortalResponse:
    with reading() as db:
        gateway = current().gateway_of(db, workspace_id)
    back = return_url or _portal(workspace_id, None, who, base, at).url
    url = billing_portal_url(installation.engine(), gateway, workspace_id, return_url=back)
    return BillingPortalResponse(url=url)


def _settings(workspace_id: str) -> AutoTopUpResponse:
    with reading() as db:
        settings = get_auto_top_up(db, workspace_id)
    if settings is None:
        raise UnknownTopUp
    return AutoTopUpResponse.model_validate(settings)


def _save_settings(workspace_id: str, body: AutoTopUpRequest, who: str, at: datetime) -> AutoTopUpResponse:
    card_saved = current().may_top_up(workspace_id, enabled=body.enabled)

    def work(db: Connection) -> AutoTopUp:
        settings = body.model_dump()
        return set_auto_top_up(db, workspace_id, **settings, card_saved=card_saved, actor=who, at=at)

    return AutoTopUpResponse.model_validate(write(work))


def _base(request: Request) -> str:
    """Return where customers reach this installation: PUBLIC_URL, else the address of the request."""
    public = installation.settings().public_url
    return public or f"{request.url.scheme}://{request.url.netloc}"
