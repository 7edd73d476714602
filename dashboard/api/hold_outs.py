"""Arms over HTTP: what a workspace takes part in, the hold-outs, and all arms of one of them."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field
from typing_extensions import TypeAliasType

from dashboard.api.auth import GuardedRoute
from dashboard.api.fields import PathId, Source, WorkspaceId
from dashboard.api.purchase_schemas import HoldOutArm
from dashboard.api.responses import reads
from dashboard.api.values import A_TIME, Id, NextPage, ResponseBody
from dashboard.clock import present
from dashboard.installation import reading
from dashboard.server.threads import threads
from ledger.experiments import get_hold_out, list_arms, running_arms
from ledger.experiments import list_hold_outs as every_hold_out
from ledger.minutes import get_workspace

router = APIRouter(prefix="/api", tags=["hold-outs"], route_class=GuardedRoute)
HoldOutName = Annotated[
    str,
    Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="Name of the hold-out.", examples=["spring"]),
]
Begin = Annotated[datetime, Field(description="Start of the hold-out.", examples=[A_TIME])]
Finish = Annotated[
    datetime | None, Field(description="End of the hold-out; null while it runs.", examples=[None])
]
ExperimentKind = TypeAliasType(
    "ExperimentKind",
    Annotated[
        Literal["price_test", "hold_out"],
        Field(description="A price test compares offers; a hold-out compares an offer with no offer."),
    ],
)


class ArmResponse(ResponseBody):
    """The side on which a workspace is in something that runs now."""

    kind: Annotated[ExperimentKind, Field(examples=["hold_out"])]
    name: Annotated[str, Field(description="Name of the test or hold-out.", examples=["spring"])]
    arm: Annotated[
        str, Field(description="For a hold-out: `control` or `treatment`.", examples=["treatment"])
    ]
    starts_at: Begin
    ends_at: Finish


class ArmsResponse(ResponseBody):
    """Everything that a workspace takes part in now; empty when nothing runs."""

    items: Annotated[list[ArmResponse], Field(description="One item for each test and hold-out.")]


class HoldOutResponse(ResponseBody):
    """A hold-out: `share_percent` of the workspaces of `source` see no offer in [starts_at, ends_at)."""

    name: Annotated[str, Field(description="Name of the hold-out.", examples=["spring"])]
    source: Annotated[Source, Field(examples=["live"])]
    share_percent: Annotated[
        int, Field(description="Share of workspaces in the control arm, in percent.", examples=[30])
    ]
    hits_needed: Annotated[
        int, Field(description="First limit hits that the plan requires in the control arm.", examples=[644])
    ]
    starts_at: Begin
    ends_at: Finish


class HoldOutsResponse(ResponseBody):
    """All hold-outs, latest first."""

    items: Annotated[list[HoldOutResponse], Field(description="Latest first.")]


class WorkspaceArmResponse(ResponseBody):
    """The arm of one workspace."""

    workspace_id: Id
    arm: Annotated[HoldOutArm, Field(examples=["treatment"])]


class WorkspaceArmsResponse(ResponseBody):
    """One page of workspaces with their arms, by id."""

    items: Annotated[list[WorkspaceArmResponse], Field(description="By id.")]
    next: NextPage


@router.get(
    "/workspaces/{workspace_id}/arms",
    summary="List the arms of a workspace",
    **reads("balance:read", "unknown_workspace"),
)
async def get_workspace_arms(workspace_id: PathId) -> ArmsResponse:
    """Return the running price tests and hold-outs with the arm of this workspace in each."""
    return await threads.run(_workspace_arms, workspace_id, present())


@router.get("/hold-outs", summary="List hold-outs", **reads("balance:read"))
async def list_hold_outs() -> HoldOutsResponse:
    """Return all hold-outs, running and past, latest first."""
    return await threads.run(_hold_outs)


@router.get(
    "/hold-outs/{name}/arms",
    summary="List the arms of a hold-out",
    **reads("balance:read", "unknown_hold_out"),
)
async def list_hold_out_arms(
    name: HoldOutName,
    after: Annotated[WorkspaceId | None, Query(description="`next` of the previous page.")] = None,
    limit: Annotated[int, Query(ge=1, le=10_000, description="Items per page.")] = 1000,
) -> WorkspaceArmsResponse:
    """Return every workspace of the hold-out's source with its arm, by id."""
    return await threads.run(_hold_out_arms, name, after, limit)


def _workspace_arms(workspace_id: str, at: datetime) -> ArmsResponse:
    with reading() as db:
        get_workspace(db, workspace_id)
        arms = running_arms(db, workspace_id, at=at)
    return ArmsResponse(items=[ArmResponse.model_validate(each) for each in arms])


def _hold_outs() -> HoldOutsResponse:
    with reading() as db:
        hold_outs = every_hold_out(db)
    return HoldOutsResponse(items=[HoldOutResponse.model_validate(each) for each in hold_outs])


def _hold_out_arms(name: str, after: str | None, limit: int) -> WorkspaceArmsResponse:
    with reading() as db:
        arms = list_arms(db, get_hold_out(db, name), after=after or "", limit=limit + 1)
    items = [
        WorkspaceArmResponse.model_validate({"workspace_id": workspace_id, "arm": arm})
        for workspace_id, arm in arms[:limit]
    ]
    return WorkspaceArmsResponse(items=items, next=items[-1].workspace_id if len(arms) > limit else None)
