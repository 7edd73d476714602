"""Plans over HTTP: what there is, giving one to a workspace, and ending it."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection

import ledger
from dashboard.api.auth import GuardedRoute, actor
from dashboard.api.balance import BalanceResponse
from dashboard.api.business_times import require_after_creation
from dashboard.api.fields import KeyHeader, PathId, the_key
from dashboard.api.responses import reads, writes
from dashboard.api.values import BalanceSummaryResponse
from dashboard.api.workspace_schemas import (
    AllocatePlanRequest,
    AllocationResponse,
    CancelPlanRequest,
    PlanPriceResponse,
    PlanResponse,
    PlansResponse,
)
from dashboard.clock import present
from dashboard.installation import reading, write
from dashboard.server.threads import threads
from ledger.errors import UnknownPlan
from ledger.minutes import BILLING_CYCLES
from ledger.minutes import cancel_plan as end_plan
from ledger.payments import list_plan_prices
from ledger.payments import list_plans as plans_on_file

router = APIRouter(prefix="/api", tags=["plans"], route_class=GuardedRoute)


@router.get("/plans", summary="List plans", **reads("balance:read"))
async def list_plans() -> PlansResponse:
    """Return every plan with its minutes and its Stripe prices, the smallest first."""
    return await threads.run(_plans)


@router.post(
    "/workspaces/{workspace_id}/plan",
    summary="Allocate a plan",
    **writes("workspaces:write", "unknown_workspace", "unknown_plan", "key_reused", "invalid_time"),
)
async def allocate_plan(
    workspace_id: PathId, body: AllocatePlanRequest, request: Request, idempotency_key: KeyHeader = None
) -> AllocationResponse:
    """Add the minutes of a plan to what remains, and start its billing cycle."""
    key = the_key(idempotency_key, body.key)
    return await threads.run(_allocate, workspace_id, body, key, actor(request), body.at or present())


@router.post(
    "/workspaces/{workspace_id}/plan/cancel",
    summary="Cancel a plan",
    **writes("workspaces:write", "unknown_workspace", "key_reused", "invalid_time"),
)
async def cancel_plan(
    workspace_id: PathId,
    request: Request,
    body: CancelPlanRequest | None = None,
    idempotency_key: KeyHeader = None,
) -> BalanceResponse:
    """End the plan and return the balance. Periods due by then are booked, no more follow, and the minutes stay."""
    key = the_key(idempotency_key, body.key if body else None)
    return await threads.run(_cancel, workspace_id, key, actor(request), body.at if body else None)


def require_plan(db: Connection, plan: str | None) -> None:
    """Raise UnknownPlan unless the plan exists; None is no plan at all."""
    if plan is not None and plan not in {known.plan for known in plans_on_file(db)}:
        raise UnknownPlan(repr(plan))


def in_both_forms(balance: ledger.Balance) -> dict[str, Any]:
    """Return what is left beside the whole balance."""
    summary = BalanceSummaryResponse.model_validate(balance).model_dump()
    return {**summary, "balance": BalanceResponse.model_validate(balance)}


def _plans() -> PlansResponse:
    with reading() as db:
        plans, prices = plans_on_file(db), list_plan_prices(db)
    return PlansResponse(
        items=[
            PlanResponse(
                plan=each.plan,
                name=each.name,
                minutes=each.minutes,
                billing_cycles=list(BILLING_CYCLES),
                prices=[
                    PlanPriceResponse.model_validate(price)
                    for price in prices
                    if price.plan == each.plan and price.valid_to is None
                ],
            )
            for each in plans
        ]
    )


def _allocate(
    workspace_id: str, body: AllocatePlanRequest, key: str, who: str, at: datetime
) -> AllocationResponse:
    require_after_creation(workspace_id, body.at)

    def work(db: Connection) -> ledger.Balance:
        return ledger.update_plan_allocation(
            db,
            workspace_id,
            body.plan,
            body.billing_cycle,
            key=key,
            actor=who,
            at=at,
            at_is_explicit=body.at is not None,
        )

    balance = write(work, at=at)
    return AllocationResponse(
        workspace_id=workspace_id,
        plan=body.plan,
        billing_cycle=body.billing_cycle,
        minutes=balance.minutes_total,
        **in_both_forms(balance),
    )


def _cancel(workspace_id: str, key: str, who: str, at: datetime | None) -> BalanceResponse:
    require_after_creation(workspace_id, at)

    def work(db: Connection) -> ledger.Balance:
        end_plan(db, workspace_id, key=key, actor=who, at=at or present(), at_is_explicit=at is not None)
        return ledger.get_balance(db, workspace_id)

    return BalanceResponse.model_validate(write(work))
