"""What a workspace may still use, and out of which lots."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

import ledger
from dashboard.api.auth import GuardedRoute, needs
from dashboard.api.fields import ReadTime, Told, WorkspaceId
from dashboard.api.responses import problems
from dashboard.installation import reading
from dashboard.server.threads import threads

router = APIRouter(prefix="/api/extra-minutes", tags=["extra minutes"], route_class=GuardedRoute)


class LotTold(Told):
    """One credit of minutes and what remains of it."""

    lot_id: int
    kind: Literal["plan", "purchase", "grant"]
    minutes: int
    remaining: int
    acquired_at: datetime
    purchase_id: UUID | None


class Left(Told):
    """What is left, in both pools and together."""

    plan_minutes: int
    extra_minutes: int
    total_minutes: int


class BalanceTold(Left):
    """What is left: `total_minutes` = `plan_minutes` + `extra_minutes`; `lots` in the order of use."""

    workspace_id: str
    minutes_total: Annotated[
        int, Field(description="The plan's current allocation: 200, or 2,400 when annual.")
    ]
    minutes_used: Annotated[int, Field(description="All minutes ever consumed; never reset.")]
    minutes_reset_date: Annotated[datetime | None, Field(description="Null for annual plans.")]
    percent_used: Annotated[float | None, Field(description="Since the last credit; null before the first.")]
    lots: list[LotTold]


@router.get(
    "/balance", summary="Read a balance", responses=problems(404), openapi_extra=needs("balance:read")
)
async def balance(
    workspace_id: WorkspaceId,
    at: Annotated[ReadTime | None, Query(description="As of this business time; without it: now.")] = None,
) -> BalanceTold:
    """Give the balance of a workspace, now or as of a time in the past."""
    return await threads.run(_balance, workspace_id, at)


def _balance(workspace_id: str, at: datetime | None) -> BalanceTold:
    with reading() as db:
        return BalanceTold.model_validate(ledger.get_balance(db, workspace_id, at=at))
