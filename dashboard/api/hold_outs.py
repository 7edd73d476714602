"""Arms over HTTP: what a workspace takes part in, the hold-outs, and all arms of one of them."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field

from dashboard.api.auth import GuardedRoute, needs
from dashboard.api.fields import Told, WorkspaceId
from dashboard.api.responses import problems
from dashboard.clock import present
from dashboard.installation import reading
from dashboard.server.threads import threads
from ledger.experiments.holdouts import get_hold_out, list_arms, list_hold_outs, running_arms
from ledger.minutes.workspaces import get_workspace

router = APIRouter(prefix="/api", tags=["hold-outs"], route_class=GuardedRoute)
Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", examples=["spring"])]
Side = Annotated[
    Literal["held", "offered"],
    Field(description="`held`: shown no offer while the hold-out runs. For ever the same for a workspace."),
]


class ArmTold(Told):
    """The side on which a workspace is in something that runs now."""

    kind: Literal["price_test", "hold_out"]
    name: str
    arm: Annotated[str, Field(description="Of a hold-out: `held` or `offered`.")]
    starts_at: datetime
    ends_at: datetime | None


class ArmsTold(Told):
    """Everything that a workspace takes part in now; empty when nothing runs."""

    items: list[ArmTold]


class HoldOutTold(Told):
    """A hold-out: `share_percent` of the workspaces of `source` see no offer in [starts_at, ends_at)."""

    name: str
    source: Literal["live", "stripe_test", "sandbox", "demo"]
    share_percent: int
    hits_needed: Annotated[int, Field(description="First limit hits that the held arm was planned to need.")]
    starts_at: datetime
    ends_at: Annotated[datetime | None, Field(description="Null while it runs.")]


class HoldOutsTold(Told):
    """All hold-outs, latest first."""

    items: list[HoldOutTold]


class HoldOutArmTold(Told):
    """The arm of one workspace."""

    workspace_id: str
    arm: Side


class HoldOutArmsTold(Told):
    """Workspaces with their arms, by id; send `next` as `after` to get the page behind it."""

    items: list[HoldOutArmTold]
    next: str | None


@router.get(
    "/workspaces/{workspace_id}/arms",
    summary="Read what a workspace takes part in",
    responses=problems(404),
    openapi_extra=needs("balance:read"),
)
async def workspace_arms(workspace_id: Annotated[WorkspaceId, Path()]) -> ArmsTold:
    """Give the price tests and hold-outs that run now, with the arm of this workspace in each."""
    return await threads.run(_workspace_arms, workspace_id, present())


@router.get("/hold-outs", summary="List hold-outs", responses=problems(), openapi_extra=needs("balance:read"))
async def hold_outs() -> HoldOutsTold:
    """Give all hold-outs, running and past, latest first."""
    return await threads.run(_hold_outs)


@router.get(
    "/hold-outs/{name}/arms",
    summary="Read all arms of a hold-out",
    responses=problems(404),
    openapi_extra=needs("balance:read"),
)
async def hold_out_arms(
    name: Name,
    after: Annotated[WorkspaceId | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> HoldOutArmsTold:
    """Give every workspace of the hold-out's source with its arm, by id, in pages."""
    return await threads.run(_hold_out_arms, name, after, limit)


def _workspace_arms(workspace_id: str, at: datetime) -> ArmsTold:
    with reading() as db:
        get_workspace(db, workspace_id)
        found = running_arms(db, workspace_id, at=at)
    return ArmsTold(items=[ArmTold.model_validate(each) for each in found])


def _hold_outs() -> HoldOutsTold:
    with reading() as db:
        found = list_hold_outs(db)
    return HoldOutsTold(items=[HoldOutTold.model_validate(each) for each in found])


def _hold_out_arms(name: str, after: str | None, limit: int) -> HoldOutArmsTold:
    with reading() as db:
        found = list_arms(db, get_hold_out(db, name), after=after or "", limit=limit)
    items = [HoldOutArmTold(workspace_id=workspace_id, arm=arm) for workspace_id, arm in found]
    return HoldOutArmsTold(items=items, next=items[-1].workspace_id if len(items) == limit else None)
