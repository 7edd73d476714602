"""Workspaces over HTTP: create, find, read and change."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection

import ledger
from dashboard import installation
from dashboard.api.auth import GuardedRoute, actor, sees_customers
from dashboard.api.fields import AttributeFilter, PathId, PlanCode, attribute_filters
from dashboard.api.plans import in_both_forms, require_plan
from dashboard.api.responses import reads, writes
from dashboard.api.workspace_schemas import (
    CreateWorkspaceRequest,
    SetAttributesRequest,
    UpdateWorkspaceRequest,
    WorkspacePageResponse,
    WorkspaceResponse,
    WorkspaceSummaryResponse,
)
from dashboard.clock import present
from dashboard.installation import reading, write
from dashboard.server.problems import Problem
from dashboard.server.threads import threads
from ledger.desk import SearchFilters, search_workspaces
from ledger.errors import InvalidText, KeyReused, UnknownWorkspace, WorkspaceExists
from ledger.idempotency import WriteResult, idempotent
from ledger.minutes import get_attributes, require_attributes
from ledger.minutes import set_attributes as store_attributes
from ledger.minutes import update_workspace as update

router = APIRouter(prefix="/api/workspaces", tags=["workspaces"], route_class=GuardedRoute)
_CREATION = "created"


@router.post(
    "",
    status_code=201,
    summary="Create a workspace",
    **writes("workspaces:write", "workspace_exists", "unknown_plan", "invalid_time", "invalid_attribute"),
)
async def create_workspace(body: CreateWorkspaceRequest, request: Request) -> WorkspaceResponse:
    """Create a workspace, or return the existing one: its id is its idempotency key.

    Repeating the same id and body changes nothing and returns the workspace with its current balance and
    `repeated: true`, so you can send this at every sign-in. A different body is refused.
    """
    return await threads.run(_create, body, actor(request), present())


@router.get(
    "",
    summary="Find workspaces",
    **reads("balance:read", "unknown_plan", "unknown_attribute", "invalid_cursor"),
)
async def list_workspaces(
    request: Request,
    *,
    q: Annotated[
        str,
        Query(
            max_length=200,
            pattern=r"^[^\x00]*$",
            description="Any part of the id, name or e-mail address, in any case; the whole of an id at Stripe or of a "
            "purchase; or the beginning of an attribute's value. Omit for all workspaces.",
        ),
    ] = "",
    plan: Annotated[PlanCode | None, Query()] = None,
    attribute: AttributeFilter = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Items per page.")] = 50,
    after: Annotated[
        str | None,
        Query(
            min_length=1, max_length=500, pattern=r"^[^\x00]*$", description="`next` of the previous page."
        ),
    ] = None,
) -> WorkspacePageResponse:
    """Return the workspaces that match, the best match first."""
    filters = SearchFilters(plan=plan, attributes=tuple(attribute_filters(attribute).items()))
    page = await threads.run(_search, q, filters, limit, after)
    for each in page.items if not sees_customers(request) else ():
        each.name = each.owner_email = None
    return page


@router.get("/{workspace_id}", summary="Read a workspace", **reads("balance:read", "unknown_workspace"))
async def get_workspace(workspace_id: PathId, request: Request) -> WorkspaceResponse:
    """Return one workspace with its balance."""
    workspace = await threads.run(_read, workspace_id)
    if not sees_customers(request):
        workspace.name = workspace.owner_email = None
    return workspace


@router.patch(
    "/{workspace_id}",
    summary="Change a workspace",
    **writes("workspaces:write", "unknown_workspace"),
)
async def update_workspace(
    workspace_id: PathId, body: UpdateWorkspaceRequest, request: Request
) -> WorkspaceResponse:
    """Change the name or the owner's address. No key is needed: repeating the request has the same effect."""
    return await threads.run(_update, workspace_id, body, actor(request), present())


@router.put(
    "/{workspace_id}/attributes",
    summary="Set attributes",
    **writes("workspaces:write", "unknown_workspace", "invalid_attribute"),
)
async def set_attributes(
    workspace_id: PathId, body: SetAttributesRequest, request: Request
) -> WorkspaceResponse:
    """Set attributes of a workspace: seats, country, channel, or any key you choose.

    Keys in the body are set, or removed with null; others stay. No key is needed: repeating the request has the same
    effect. Numbers are grouped into bands in metrics (1, 2-4, 5-9, 10-19 ...), texts count as they are.
    """
    return await threads.run(_set_attributes, workspace_id, body, actor(request), present())


def _create(body: CreateWorkspaceRequest, who: str, now: datetime) -> WorkspaceResponse:
    at = body.at or now
    plan, cycle = body.plan, body.billing_cycle

    def work(db: Connection) -> WorkspaceResponse:
        existed = _exists(db, body.workspace_id)
        repeated = True
        created = ledger.create_workspace(
            db,
            body.workspace_id,
            name=body.name,
            owner_email=body.owner_email,
            actor=who,
            at=at,
            source=installation.settings().mode,
        )
        if body.at and created.created_at != body.at:
            raise WorkspaceExists(body.workspace_id)

        def begin() -> WriteResult:
            nonlocal repeated
            repeated = existed
            store_attributes(db, body.workspace_id, body.attributes, actor=who, at=at)
            if plan is None or cycle is None:
                return WriteResult(entry_no=0)
            balance = ledger.update_plan_allocation(
                db, body.workspace_id, plan, cycle, key=_CREATION, actor=who, at=at
            )
            return WriteResult(entry_no=balance.entry_no)

        first: dict[str, object] = {"plan": plan, "billing_cycle": cycle}
        if body.attributes:
            first |= {"attributes": body.attributes}
        idempotent(db, body.workspace_id, "create", _CREATION, body=first, write=begin)
        return _present(db, body.workspace_id, repeated=repeated)

    try:
        return write(work)
    except KeyReused:
        raise WorkspaceExists(body.workspace_id) from None


def _exists(db: Connection, workspace_id: str) -> bool:
    try:
        ledger.get_workspace(db, workspace_id)
    except UnknownWorkspace:
        return False
    return True


def _present(db: Connection, workspace_id: str, *, repeated: bool = False) -> WorkspaceResponse:
    workspace = asdict(ledger.get_workspace(db, workspace_id))
    both = in_both_forms(ledger.get_balance(db, workspace_id, due_by=present()))
    known = {"attributes": get_attributes(db, workspace_id), "repeated": repeated}
    return WorkspaceResponse.model_validate({**workspace, **both, **known})


def _read(workspace_id: str) -> WorkspaceResponse:
    with reading() as db:
        return _present(db, workspace_id)


def _update(workspace_id: str, body: UpdateWorkspaceRequest, who: str, at: datetime) -> WorkspaceResponse:
    def work(db: Connection) -> WorkspaceResponse:
        update(db, workspace_id, name=body.name, owner_email=body.owner_email, actor=who, at=at)
        return _present(db, workspace_id)

    return write(work)


def _set_attributes(
    workspace_id: str, body: SetAttributesRequest, who: str, at: datetime
) -> WorkspaceResponse:
    def work(db: Connection) -> WorkspaceResponse:
        store_attributes(db, workspace_id, body.attributes, actor=who, at=at)
        return _present(db, workspace_id)

    return write(work)


def _search(q: str, filters: SearchFilters, limit: int, after: str | None) -> WorkspacePageResponse:
    with reading() as db:
        require_plan(db, filters.plan)
        require_attributes(db, [key for key, _ in filters.attributes])
        try:
            matches = search_workspaces(db, q, filters=filters, after=after, limit=limit + 1)
        except InvalidText:
            raise Problem("invalid_cursor", "after: this is not the `next` of a page of this list.") from None
    items = [WorkspaceSummaryResponse.model_validate(each) for each in matches[:limit]]
    return WorkspacePageResponse(items=items, next=matches[limit - 1].after if len(matches) > limit else None)
