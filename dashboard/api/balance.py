"""What a workspace may still use, and out of which lots."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from typing_extensions import TypeAliasType

import ledger
from dashboard.api.auth import GuardedRoute
from dashboard.api.fields import PastTime, WorkspaceId
from dashboard.api.responses import reads
from dashboard.api.values import (
    A_TIME,
    AN_ID,
    BalanceSummaryResponse,
    Id,
    PercentUsed,
    ResetDate,
    ResponseBody,
)
from dashboard.clock import present
from dashboard.installation import reading
from dashboard.server.threads import threads
from ledger.payments import plan_lines

router = APIRouter(prefix="/api/extra-minutes", tags=["extra minutes"], route_class=GuardedRoute)
LotKind = TypeAliasType(
    "LotKind",
    Annotated[
        Literal["plan", "purchase", "grant"], Field(description="Where the minutes of a lot came from.")
    ],
)


class LotResponse(ResponseBody):
    """One credit of minutes and what remains of it."""

    lot_id: Annotated[int, Field(description="Number of the lot in its workspace.", examples=[1])]
    kind: Annotated[LotKind, Field(examples=["purchase"])]
    minutes: Annotated[int, Field(description="Minutes credited.", examples=[100])]
    remaining: Annotated[int, Field(description="Minutes left in the lot.", examples=[100])]
    acquired_at: Annotated[datetime, Field(description="When they were credited.", examples=[A_TIME])]
    purchase_id: Annotated[
        UUID | None, Field(description="The purchase that paid for the lot.", examples=[AN_ID])
    ]


class BalanceResponse(BalanceSummaryResponse):
    """What is left. The lots, in the order of use, always add up to `total_minutes`."""

    workspace_id: Id
    minutes_total: Annotated[
        int,
        Field(
            description="Minutes of the current plan allocation; twelve months of it when annual.",
            examples=[200],
        ),
    ]
    minutes_used: Annotated[int, Field(description="All minutes ever used; never reset.", examples=[160])]
    minutes_reset_date: ResetDate
    percent_used: PercentUsed
    drawn_later: Annotated[
        int,
        Field(
            description="As of a time in the past: minutes used by then that only later credits covered. They were "
            "unmet at that time, so they are not part of this balance. 0 for the present.",
            examples=[0],
        ),
    ]
    owed_minutes: Annotated[
        int,
        Field(
            description="Used minutes whose money a plan change returned, now: the next plan minutes that the "
            "workspace pays for settle them before they are credited.",
            examples=[0],
        ),
    ] = 0
    lots: Annotated[list[LotResponse], Field(description="Lots that hold minutes, in the order of use.")]


@router.get(
    "/balance", summary="Read a balance", **reads("balance:read", "unknown_workspace", "invalid_time")
)
async def get_balance(
    workspace_id: WorkspaceId,
    at: Annotated[
        PastTime | None, Query(description="As of this business time. Omit for the present.")
    ] = None,
) -> BalanceResponse:
    """Return the balance of a workspace, now or as of a time in the past."""
    return await threads.run(_balance, workspace_id, at)


def _balance(workspace_id: str, at: datetime | None) -> BalanceResponse:
    with reading() as db:
        balance = ledger.get_balance(db, workspace_id, at=at, due_by=present())
        owed = plan_lines.owed_minutes(db, workspace_id)
    return BalanceResponse.model_validate(balance).model_copy(update={"owed_minutes": owed})
