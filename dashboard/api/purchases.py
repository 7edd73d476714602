"""Extra minutes over HTTP: what is on sale, buying it, trying a failed payment again, and what was bought."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import Field

from dashboard import installation
from dashboard.api.auth import GuardedRoute, actor, needs
from dashboard.api.fields import Asked, Key, KeyHeader, Told, WorkspaceId, the_key
from dashboard.api.responses import problems
from dashboard.clock import present
from dashboard.installation import current, reading
from dashboard.server.threads import threads
from ledger.experiments.holdouts import HELD, running_arms
from ledger.minutes.workspaces import get_workspace
from ledger.payments import buying
from ledger.payments.catalogue import list_packages

router = APIRouter(prefix="/api/extra-minutes", tags=["extra minutes"], route_class=GuardedRoute)
PaymentMethod = Annotated[
    str,
    Field(
        max_length=255,
        pattern=r"^[A-Za-z0-9_]+$",
        description="A Stripe payment method; without it the browser pays with the client secret.",
        examples=["pm_card_visa"],
    ),
]


class PurchaseAsked(Asked):
    """A purchase. The key comes here or as Idempotency-Key."""

    workspace_id: WorkspaceId
    package: Annotated[
        str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$", description="A code on sale.", examples=["small"])
    ]
    payment_method: PaymentMethod | None = None
    key: Key | None = None


class RetryAsked(Asked):
    """Another attempt to pay. The key comes here or as Idempotency-Key."""

    payment_method: PaymentMethod | None = None
    key: Key | None = None


class PackageTold(Told):
    """A package on sale: `minutes` for `amount_cents` of `currency`."""

    code: str
    name: str
    minutes: int
    amount_cents: int
    currency: str


class HoldOutSide(Told):
    """The hold-out that runs for this workspace, and its arm in it."""

    name: str
    arm: Annotated[Literal["held", "offered"], Field(description="`held`: show no offer.")]


class PriceTestSide(Told):
    """The price test that runs, and the arm whose offer this is."""

    test: str
    arm: str


class PackagesTold(Told):
    """What is on sale, smallest first. Nothing for a workspace that a running hold-out holds: `hold_out` says so."""

    items: list[PackageTold]
    hold_out: HoldOutSide | None
    price_test: PriceTestSide | None


class PurchaseTold(Told):
    """A purchase as it stands. Minutes are credited when the payment is confirmed, never by this answer."""

    purchase_id: UUID
    status: Annotated[
        str,
        Field(
            description="requires_payment, requires_action, processing, paid, failed, canceled, quarantined, "
            "partially_refunded, refunded or disputed."
        ),
    ]
    amount_cents: int
    currency: str
    minutes: int
    payment_intent: str | None
    client_secret: Annotated[str | None, Field(description="For Stripe Elements in the customer's browser.")]
    failure_code: str | None
    failure_message: str | None


class PurchaseInHistory(Told):
    """A purchase of the past, with what became of it."""

    purchase_id: UUID
    package: str
    status: str
    minutes: int
    amount_cents: int
    currency: str
    refunded_cents: int
    payment_intent: str | None
    failure_code: str | None
    failure_message: str | None
    receipt_url: str | None
    created_at: datetime
    paid_at: datetime | None


class PurchasesTold(Told):
    """Purchases, newest first; send `next` as `before` to get older ones."""

    items: list[PurchaseInHistory]
    next: UUID | None


@router.get(
    "/packages", summary="What is on sale", responses=problems(404), openapi_extra=needs("balance:read")
)
async def packages(workspace_id: Annotated[WorkspaceId | None, Query()] = None) -> PackagesTold:
    """Give the packages on sale, smallest first; with a workspace, the offer of its price-test arm.

    A workspace that a running hold-out holds is offered nothing. It may buy all the same, at the normal offer.
    """
    return await threads.run(_packages, workspace_id, present())


@router.post(
    "/purchase",
    status_code=201,
    summary="Buy a package",
    responses=problems(404, 409),
    openapi_extra=needs("purchases:write"),
)
async def purchase(asked: PurchaseAsked, request: Request, idempotency_key: KeyHeader = None) -> PurchaseTold:
    """Begin a purchase. A decline is an answer (201, `failed`), not an error.

    Send the same key again whenever no answer arrived: the payment is read again, never made twice.
    """
    key = the_key(idempotency_key, asked.key)
    return await threads.run(_buy, asked, key, actor(request), present())


@router.post(
    "/purchases/{purchase_id}/retry",
    summary="Pay again after a failure",
    responses=problems(404, 409),
    openapi_extra=needs("purchases:write"),
)
async def retry(
    purchase_id: UUID, asked: RetryAsked | None = None, idempotency_key: KeyHeader = None
) -> PurchaseTold:
    """Try to pay a failed purchase again: the same purchase, the same price, the next attempt."""
    asked = asked or RetryAsked()
    key = the_key(idempotency_key, asked.key)
    return await threads.run(_retry, purchase_id, asked.payment_method, key, present())


@router.get(
    "/purchases", summary="Purchase history", responses=problems(404), openapi_extra=needs("balance:read")
)
async def purchases(
    workspace_id: WorkspaceId,
    before: Annotated[UUID | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> PurchasesTold:
    """Give the purchases of a workspace, newest first."""
    return await threads.run(_purchases, workspace_id, before, limit)


def _packages(workspace_id: str | None, at: datetime) -> PackagesTold:
    with reading() as db:
        if workspace_id is not None:
            get_workspace(db, workspace_id)
        arms = {arm.kind: arm for arm in running_arms(db, workspace_id or "", at=at)}
        hold_out, price_test = arms.get("hold_out"), arms.get("price_test")
        shown = hold_out is None or hold_out.arm != HELD
        items = list_packages(db, workspace_id, at=at) if shown else []
    return PackagesTold(
        items=[PackageTold.model_validate(item) for item in items],
        hold_out=hold_out and HoldOutSide.model_validate(hold_out),
        price_test=price_test and PriceTestSide(test=price_test.name, arm=price_test.arm),
    )


def _buy(asked: PurchaseAsked, key: str, who: str, at: datetime) -> PurchaseTold:
    with reading() as db:
        gateway = current().gateway_of(db, asked.workspace_id)
    bought = buying.buy(
        installation.engine(),
        gateway,
        asked.workspace_id,
        asked.package,
        payment_method=asked.payment_method,
        key=key,
        actor=who,
        at=at,
    )
    return PurchaseTold.model_validate(bought)


def _retry(purchase_id: UUID, payment_method: str | None, key: str, at: datetime) -> PurchaseTold:
    with reading() as db:
        workspace_id = buying.find_purchase(db, purchase_id).workspace_id
        gateway = current().gateway_of(db, workspace_id)
    tried = buying.retry(
        installation.engine(),
        gateway,
        workspace_id,
        purchase_id,
        payment_method=payment_method,
        key=key,
        at=at,
    )
    return PurchaseTold.model_validate(tried)


def _purchases(workspace_id: str, before: UUID | None, limit: int) -> PurchasesTold:
    with reading() as db:
        get_workspace(db, workspace_id)
        found = buying.list_purchases(db, workspace_id, before=before, limit=limit)
    items = [PurchaseInHistory.model_validate(each) for each in found]
    return PurchasesTold(items=items, next=items[-1].purchase_id if len(items) == limit else None)
