"""The statement of a workspace over HTTP: every change, newest first."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from typing_extensions import TypeAliasType

import ledger
from dashboard.api.auth import GuardedRoute
from dashboard.api.fields import End, Limit, PathId, Start
from dashboard.api.responses import reads
from dashboard.api.values import A_TIME, ExtraMinutes, PlanMinutes, ResponseBody
from dashboard.installation import reading
from dashboard.server.threads import threads

router = APIRouter(prefix="/api/workspaces", tags=["workspaces"], route_class=GuardedRoute)
MAX_ENTRY_NO = 2**62
EntryKind = TypeAliasType(
    "EntryKind",
    Annotated[
        Literal["allocation", "reset", "grant", "purchase", "use", "void", "refund", "dispute", "restore"],
        Field(description="What happened."),
    ],
)
OveragePolicy = TypeAliasType(
    "OveragePolicy",
    Annotated[
        Literal["partial", "full", "refused", "extra"],
        Field(
            description="How a use handles missing minutes: `partial` books what is available, `full` is an "
            "all-or-nothing use that was covered, `refused` one that was not, `extra` draws extra minutes only."
        ),
    ],
)


class EntryResponse(ResponseBody):
    """One numbered change; `plan_minutes` and `extra_minutes` are what both pools held after it."""

    entry_no: Annotated[int, Field(description="1, 2, 3 ... in the order of booking.", examples=[3])]
    kind: Annotated[EntryKind, Field(examples=["use"])]
    plan_delta: Annotated[int, Field(description="Change of the plan's minutes.", examples=[-160])]
    extra_delta: Annotated[int, Field(description="Change of the extra minutes.", examples=[0])]
    plan_minutes: PlanMinutes
    extra_minutes: ExtraMinutes
    unmet_minutes: Annotated[int, Field(description="Minutes requested but not available.", examples=[0])]
    at: Annotated[datetime, Field(description="Business time.", examples=[A_TIME])]
    recorded_at: Annotated[datetime, Field(description="When it was booked.", examples=[A_TIME])]
    actor: Annotated[
        str,
        Field(
            description="Who did it: a person, an API key (`key:` and its id), or a part of the ledger.",
            examples=["usage"],
        ),
    ]
    reason: Annotated[str | None, Field(description="Reason given by the actor.", examples=[None])]
    reference: Annotated[str | None, Field(description="Reference, such as an invoice.", examples=[None])]
    key: Annotated[
        str | None, Field(description="The idempotency key it was booked under.", examples=["call-8731"])
    ]
    overage_policy: OveragePolicy | None
    duration_seconds: Annotated[
        int | None, Field(description="Raw length of a use in seconds.", examples=[9552])
    ]
    lot_id: Annotated[
        int | None,
        Field(description="The lot it changed; null for several or none.", examples=[1]),
    ]


class StatementResponse(ResponseBody):
    """One page of entries, newest first."""

    items: Annotated[list[EntryResponse], Field(description="Newest first.")]
    next: Annotated[
        int | None,
        Field(description="Send it as `after` to get the next page; null on the last one.", examples=[None]),
    ]


@router.get(
    "/{workspace_id}/statement",
    summary="Read the statement",
    **reads("balance:read", "unknown_workspace"),
)
async def get_statement(
    workspace_id: PathId,
    *,
    after: Annotated[
        int | None, Query(ge=1, le=MAX_ENTRY_NO, description="`next` of the previous page.")
    ] = None,
    before: Annotated[
        int | None, Query(ge=1, le=MAX_ENTRY_NO, description="Alias of `after`.", deprecated=True)
    ] = None,
    kind: Annotated[EntryKind | None, Query(description="Only entries of this kind.")] = None,
    key: Annotated[
        str | None, Query(max_length=255, description="Only entries booked under this idempotency key.")
    ] = None,
    start: Start = None,
    end: End = None,
    limit: Limit = 100,
) -> StatementResponse:
    """Return the entries of a workspace, newest first. `start` and `end` are business times."""
    filters = {"kind": kind, "key": key, "start": start, "end": end}
    return await threads.run(_statement, workspace_id, after or before, limit, filters)


def _statement(
    workspace_id: str, before: int | None, limit: int, filters: dict[str, Any]
) -> StatementResponse:
    with reading() as db:
        ledger.get_workspace(db, workspace_id)
        entries = ledger.list_entries(db, workspace_id, before=before, limit=limit + 1, **filters)
    items = [EntryResponse.model_validate(entry) for entry in entries[:limit]]
    return StatementResponse(items=items, next=items[-1].entry_no if len(entries) > limit else None)
