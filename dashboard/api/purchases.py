"""Extra minutes over HTTP: what is on sale, buying it, retrying a failed payment, and what was bought."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request

from dashboard import installation
from dashboard.api.auth import GuardedRoute, actor
from dashboard.api.fields import End, KeyHeader, Limit, Start, WorkspaceId, the_key
from dashboard.api.purchase_schemas import (
    HoldOutSideResponse,
    OfferResponse,
    PackageResponse,
    PriceTestSideResponse,
    PurchaseRecordResponse,
    PurchaseRequest,
    PurchaseResponse,
    PurchasesResponse,
    PurchaseStatus,
    RetryPurchaseRequest,
)
from dashboard.api.responses import reads, writes
from dashboard.clock import present
from dashboard.installation import current, reading
from dashboard.server.threads import threads
from ledger.experiments import CONTROL, running_arms
from ledger.minutes import get_workspace
from ledger.payments import buying, list_packages

router = APIRouter(prefix="/api/extra-minutes", tags=["extra minutes"], route_class=GuardedRoute)
OF_PAYMENTS = (
    "key_reused",
    "wrong_source",
    "stripe_key_reused",
    "stripe_refused",
    "unknown_at_stripe",
    "simulation_refused",
    "stripe_unavailable",
    "stripe_permission_missing",
)


@router.get("/packages", summary="List packages", **reads("balance:read", "unknown_workspace"))
async def get_offer(
    workspace_id: Annotated[WorkspaceId | None, Query()] = None,
) -> OfferResponse:
    """Return the packages on sale, smallest first; with a workspace, the offer of its price-test arm.

    A control workspace of a running hold-out gets no offer. It can still buy at the normal offer.
    """
    return await threads.run(_offer, workspace_id, present())


@router.post(
    "/purchase",
    status_code=201,
    summary="Buy a package",
    **writes("purchases:write", "unknown_workspace", "unknown_package", *OF_PAYMENTS),
)
async def create_purchase(
    body: PurchaseRequest, request: Request, idempotency_key: KeyHeader = None
) -> PurchaseResponse:
    """Start a purchase. A decline is a result (201, `failed`), not an error.

    Retry with the same key when no response arrived: the payment is never made twice.
    """
    key = the_key(idempotency_key, body.key)
    return await threads.run(_buy, body, key, actor(request), present())


@router.post(
    "/purchases/{purchase_id}/retry",
    summary="Retry a failed payment",
    **writes("purchases:write", "unknown_purchase", "purchase_not_failed", "payment_too_old", *OF_PAYMENTS),
)
async def retry_purchase(
    purchase_id: UUID, body: RetryPurchaseRequest | None = None, idempotency_key: KeyHeader = None
) -> PurchaseResponse:
    """Retry the payment of a failed purchase at the same price."""
    body = body or RetryPurchaseRequest()
    key = the_key(idempotency_key, body.key)
    return await threads.run(_retry, purchase_id, body.payment_method, key, present())


@router.get(
    "/purchases", summary="List purchases", **reads("balance:read", "unknown_workspace", "invalid_cursor")
)
async def list_purchases(
    workspace_id: WorkspaceId,
    *,
    after: Annotated[UUID | None, Query(description="`next` of the previous page.")] = None,
    before: Annotated[UUID | None, Query(description="Alias of `after`.", deprecated=True)] = None,
    status: Annotated[PurchaseStatus | None, Query(description="Only purchases in this state.")] = None,
    start: Start = None,
    end: End = None,
    limit: Limit = 100,
) -> PurchasesResponse:
    """Return the purchases of a workspace, newest first. `start` and `end` select by start time."""
    filters = {"status": status, "start": start, "end": end}
    return await threads.run(_purchases, workspace_id, after or before, limit, filters)


@router.get(
    "/purchases/{purchase_id}", summary="Read a purchase", **reads("balance:read", "unknown_purchase")
)
async def get_purchase(purchase_id: UUID) -> PurchaseRecordResponse:
    """Return one purchase with its outcome."""
    return await threads.run(_purchase, purchase_id)


def _offer(workspace_id: str | None, at: datetime) -> OfferResponse:
    with reading() as db:
        if workspace_id is not None:
            get_workspace(db, workspace_id)
        arms = {arm.kind: arm for arm in running_arms(db, workspace_id or "", at=at)}
        hold_out, price_test = arms.get("hold_out"), arms.get("price_test")
        shown = hold_out is None or hold_out.arm != CONTROL
        items = list_packages(db, workspace_id, at=at) if shown else []
    return OfferResponse(
        items=[PackageResponse.model_validate(item) for item in items],
        hold_out=HoldOutSideResponse.model_validate(hold_out) if hold_out else None,
        price_test=PriceTestSideResponse(test=price_test.name, arm=price_test.arm) if price_test else None,
    )


def _buy(body: PurchaseRequest, key: str, who: str, at: datetime) -> PurchaseResponse:
    with reading() as db:
        gateway = current().gateway_of(db, body.workspace_id)
    bought = buying.buy(
        installation.engine_at(at),
        gateway,
        body.workspace_id,
        body.package,
        payment_method=body.payment_method,
        key=key,
        actor=who,
        at=at,
    )
    return PurchaseResponse.model_validate(bought)


def _retry(purchase_id: UUID, payment_method: str | None, key: str, at: datetime) -> PurchaseResponse:
    with reading() as db:
        workspace_id = buying.find_purchase(db, purchase_id).workspace_id
        gateway = current().gateway_of(db, workspace_id)
    tried = buying.retry(
        installation.engine_at(at),
        gateway,
        workspace_id,
        purchase_id,
        payment_method=payment_method,
        key=key,
        at=at,
    )
    return PurchaseResponse.model_validate(tried)


def _purchases(
    workspace_id: str, before: UUID | None, limit: int, filters: dict[str, Any]
) -> PurchasesResponse:
    with reading() as db:
        get_workspace(db, workspace_id)
        purchases = buying.list_purchases(db, workspace_id, before=before, limit=limit + 1, **filters)
    items = [PurchaseRecordResponse.model_validate(each) for each in purchases[:limit]]
    return PurchasesResponse(items=items, next=items[-1].purchase_id if len(purchases) > limit else None)


def _purchase(purchase_id: UUID) -> PurchaseRecordResponse:
    with reading() as db:
        return PurchaseRecordResponse.model_validate(buying.find_purchase(db, purchase_id))
