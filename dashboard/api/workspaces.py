"""Workspaces over HTTP: make, find, read, give a plan, and read the statement."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field, StringConstraints, model_validator
from sqlalchemy import Connection

import ledger
from dashboard import installation
from dashboard.api.auth import GuardedRoute, actor, needs
from dashboard.api.balance import BalanceTold, Left
from dashboard.api.fields import Asked, Key, KeyHeader, Line, Told, When, WorkspaceId, the_key
from dashboard.api.responses import problems
from dashboard.clock import present
from dashboard.installation import reading, write
from dashboard.server.threads import threads
from ledger.desk.search import search_workspaces
from ledger.errors import KeyReused, WorkspaceExists
from ledger.idempotency import WriteResult, idempotent
from ledger.minutes.balances import balance_after

router = APIRouter(prefix="/api/workspaces", tags=["workspaces"], route_class=GuardedRoute)
PathId = Annotated[WorkspaceId, Path()]
Plan = Annotated[
    Literal["starter", "pro"], Field(description="`starter` (200 a month) or `pro` (300 a month).")
]
Cycle = Annotated[
    Literal["monthly", "annual"],
    Field(description="`annual` gives twelve months at once and is never reset."),
]
_CREATION = "created"


class WorkspaceAsked(Asked):
    """A new workspace; with `plan` and `billing_cycle` its first allocation too."""

    workspace_id: WorkspaceId
    name: Annotated[Line, StringConstraints(max_length=200, strip_whitespace=False), Field(examples=["Acme"])]
    owner_email: Annotated[
        str,
        Field(
            max_length=320,
            pattern=r"^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+$",
            examples=["owner@acme.example"],
        ),
    ]
    plan: Plan | None = None
    billing_cycle: Cycle | None = None
    at: When | None = None

    @model_validator(mode="after")
    def _plan_has_a_cycle(self) -> "WorkspaceAsked":
        if (self.plan is None) != (self.billing_cycle is None):
            msg = "plan and billing_cycle are given together or not at all"
            raise ValueError(msg)
        if not self.name.strip():
            msg = "name: must not be blank"
            raise ValueError(msg)
        return self


class PlanAsked(Asked):
    """An allocation: adds the plan's minutes to what remains. The key comes here or as Idempotency-Key."""

    plan: Plan
    billing_cycle: Cycle
    key: Key | None = None
    at: When | None = None


class WorkspaceTold(Left):
    """A workspace and what it may still use."""

    workspace_id: str
    name: str
    owner_email: str
    source: Annotated[str, Field(description="`live`, `stripe_test`, `sandbox` or `demo`.")]
    created_at: datetime
    plan: str | None
    billing_cycle: str | None
    balance: BalanceTold


class WorkspaceFound(Left):
    """One result of a search."""

    workspace_id: str
    name: str
    owner_email: str
    source: str
    plan: str | None
    billing_cycle: str | None


class WorkspacesTold(Told):
    """One page of a search; send `next` as `after` to get the one behind it."""

    items: list[WorkspaceFound]
    next: str | None


class AllocationTold(Left):
    """What an allocation gave, and the balance right after it."""

    workspace_id: str
    plan: str
    billing_cycle: str
    minutes: Annotated[int, Field(description="Minutes added by this allocation.")]
    balance: BalanceTold


class EntryTold(Told):
    """One numbered change; `plan_minutes` and `extra_minutes` are what both pools held after it."""

    entry_no: int
    kind: Literal["allocation", "reset", "grant", "purchase", "use", "void", "refund", "dispute", "restore"]
    plan_delta: int
    extra_delta: int
    plan_minutes: int
    extra_minutes: int
    unmet_minutes: int
    at: datetime
    recorded_at: datetime
    actor: str
    reason: str | None
    reference: str | None


class StatementTold(Told):
    """Entries, newest first; send `next` as `before` to get older ones."""

    items: list[EntryTold]
    next: int | None


@router.post(
    "",
    status_code=201,
    summary="Make a workspace",
    responses=problems(409),
    openapi_extra=needs("workspaces:write"),
)
async def create(asked: WorkspaceAsked, request: Request, idempotency_key: KeyHeader = None) -> WorkspaceTold:
    """Make a workspace. Its id is its key: the same id with the same body gets the first answer again."""
    if idempotency_key is not None:
        the_key(idempotency_key, None)
    return await threads.run(_create, asked, actor(request), present())


@router.get("", summary="Find workspaces", responses=problems(), openapi_extra=needs("balance:read"))
async def search(
    q: Annotated[
        str,
        Query(max_length=200, pattern=r"^[^\x00]*$", description="Beginning or part of id, name or e-mail."),
    ] = "",
    plan: Annotated[Literal["starter", "pro"] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[
        str | None,
        Query(min_length=1, max_length=500, pattern=r"^[^\x00]*$", description="`next` of the page before."),
    ] = None,
) -> WorkspacesTold:
    """Give the workspaces that match, in pages."""
    return await threads.run(_search, q, plan, limit, after)


@router.get(
    "/{workspace_id}",
    summary="Read a workspace",
    responses=problems(404),
    openapi_extra=needs("balance:read"),
)
async def read(workspace_id: PathId) -> WorkspaceTold:
    """Give one workspace with its balance."""
    return await threads.run(_read, workspace_id)


@router.post(
    "/{workspace_id}/plan",
    summary="Allocate a plan",
    responses=problems(404, 409),
    openapi_extra=needs("workspaces:write"),
)
async def allocate(
    workspace_id: PathId, asked: PlanAsked, request: Request, idempotency_key: KeyHeader = None
) -> AllocationTold:
    """Add the minutes of a plan to what remains, and start its billing cycle."""
    key = the_key(idempotency_key, asked.key)
    return await threads.run(_allocate, workspace_id, asked, key, actor(request), asked.at or present())


@router.get(
    "/{workspace_id}/statement",
    summary="Read the statement",
    responses=problems(404),
    openapi_extra=needs("balance:read"),
)
async def statement(
    workspace_id: PathId,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="Only entries numbered lower.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> StatementTold:
    """Give the entries of a workspace, newest first."""
    return await threads.run(_statement, workspace_id, before, limit)


def _create(asked: WorkspaceAsked, who: str, now: datetime) -> WorkspaceTold:
    at = asked.at or now
    names = {"name": asked.name, "owner_email": asked.owner_email}
    first_plan = {"plan": asked.plan, "billing_cycle": asked.billing_cycle}

    def work(db: Connection) -> WorkspaceTold:
        made = ledger.create_workspace(
            db, asked.workspace_id, **names, actor=who, at=at, source=installation.settings().mode
        )

        def allocate_first() -> WriteResult:
            if asked.plan is None or asked.billing_cycle is None:
                return WriteResult(entry_no=0)
            balance = ledger.update_plan_allocation(
                db, made.workspace_id, asked.plan, asked.billing_cycle, key=_CREATION, actor=who, at=at
            )
            return WriteResult(entry_no=balance.entry_no)

        done = idempotent(db, made.workspace_id, "create", _CREATION, body=first_plan, write=allocate_first)
        balance = balance_after(db, made.workspace_id, done.entry_no)
        return _told(made, balance, **first_plan)

    try:
        return write(work)
    except KeyReused:
        raise WorkspaceExists(asked.workspace_id) from None


def _read(workspace_id: str) -> WorkspaceTold:
    with reading() as db:
        return _told(ledger.get_workspace(db, workspace_id), ledger.get_balance(db, workspace_id))


def _allocate(workspace_id: str, asked: PlanAsked, key: str, who: str, at: datetime) -> AllocationTold:
    def work(db: Connection) -> ledger.Balance:
        return ledger.update_plan_allocation(
            db, workspace_id, asked.plan, asked.billing_cycle, key=key, actor=who, at=at
        )

    balance = write(work)
    return AllocationTold(
        workspace_id=workspace_id,
        plan=asked.plan,
        billing_cycle=asked.billing_cycle,
        minutes=balance.minutes_total,
        **_both(balance),
    )


def _search(q: str, plan: str | None, limit: int, after: str | None) -> WorkspacesTold:
    with reading() as db:
        page = search_workspaces(db, q, plan=plan, after=after, limit=limit)
    items = [WorkspaceFound.model_validate(each) for each in page]
    return WorkspacesTold(items=items, next=page[-1].after if len(page) == limit else None)


def _statement(workspace_id: str, before: int | None, limit: int) -> StatementTold:
    with reading() as db:
        ledger.get_workspace(db, workspace_id)
        entries = ledger.list_entries(db, workspace_id, before=before, limit=limit)
    more = len(entries) == limit and entries[-1].entry_no > 1
    items = [EntryTold.model_validate(entry) for entry in entries]
    return StatementTold(items=items, next=entries[-1].entry_no if more else None)


def _told(workspace: ledger.Workspace, balance: ledger.Balance, **first: Any) -> WorkspaceTold:
    """Put both together; `first`: the plan as it was at first, on a repeated creation."""
    return WorkspaceTold.model_validate({**asdict(workspace), **first, **_both(balance)})


def _both(balance: ledger.Balance) -> dict[str, Any]:
    """Give what is left beside the whole balance."""
    return {**Left.model_validate(balance).model_dump(), "balance": BalanceTold.model_validate(balance)}
