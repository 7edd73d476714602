"""Granting minutes over HTTP, under the daily cap of the key."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from sqlalchemy import Connection

import ledger
from dashboard.api.auth import GuardedRoute
from dashboard.api.fields import MAX_MINUTES, Key, KeyHeader, Line, PathId, RequestBody, the_key
from dashboard.api.responses import writes
from dashboard.api.values import A_TIME, BalanceSummaryResponse, Id
from dashboard.clock import present
from dashboard.installation import write
from dashboard.server.threads import threads
from ledger.desk import ApiKey, grant_with_key

router = APIRouter(prefix="/api/workspaces", tags=["workspaces"], route_class=GuardedRoute)
Reason = Annotated[
    Line,
    Field(
        min_length=1,
        max_length=500,
        description="Reason, shown on the statement and in the audit log.",
        examples=["outage of 3 March"],
    ),
]
Granted = Annotated[int, Field(ge=1, le=MAX_MINUTES, description="Whole minutes to grant.", examples=[60])]


class GrantMinutesRequest(RequestBody):
    """Minutes to give, and why. Send the key here or as Idempotency-Key."""

    minutes: Granted
    reason: Reason
    key: Key | None = None


class GrantMinutesResponse(BalanceSummaryResponse):
    """The lot that was credited, and the present balance."""

    workspace_id: Id
    lot_id: Annotated[int, Field(description="Number of the lot in its workspace.", examples=[2])]
    minutes: Granted
    acquired_at: Annotated[datetime, Field(description="When the minutes were credited.", examples=[A_TIME])]


@router.post(
    "/{workspace_id}/grants",
    status_code=201,
    summary="Grant minutes",
    **writes("workspaces:write", "unknown_workspace", "key_reused", "key_grant_limit", "invalid_text"),
)
async def grant_minutes(
    workspace_id: PathId, body: GrantMinutesRequest, request: Request, idempotency_key: KeyHeader = None
) -> GrantMinutesResponse:
    """Grant extra minutes. The cap of the key limits its grants per UTC day (1,000 minutes by default)."""
    key = the_key(idempotency_key, body.key)
    return await threads.run(_grant, request.state.key, workspace_id, body, key, present())


def _grant(
    api_key: ApiKey, workspace_id: str, body: GrantMinutesRequest, key: str, at: datetime
) -> GrantMinutesResponse:
    def work(db: Connection) -> GrantMinutesResponse:
        lot = grant_with_key(db, api_key, workspace_id, body.minutes, reason=body.reason, key=key, at=at)
        balance = ledger.get_balance(db, workspace_id, due_by=at)
        return GrantMinutesResponse(
            workspace_id=workspace_id,
            lot_id=lot.lot_id,
            minutes=lot.minutes,
            acquired_at=lot.acquired_at,
            plan_minutes=balance.plan_minutes,
            extra_minutes=balance.extra_minutes,
            total_minutes=balance.total_minutes,
        )

    return write(work, at=at)
