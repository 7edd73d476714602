"""Moving a company in over HTTP: lists of links, the first sync with its dry run, and the comparison of the books."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field
from sqlalchemy import Connection

from dashboard import installation
from dashboard.api.auth import GuardedRoute, actor
from dashboard.api.fields import RequestBody, When, WorkspaceId
from dashboard.api.responses import reads, writes
from dashboard.api.stripe_links import CustomerId, SubscriptionId
from dashboard.api.values import A_TIME, Id, ResponseBody
from dashboard.clock import present
from dashboard.installation import current, reading, write
from dashboard.server.threads import threads
from ledger.payments import link_lists, moving_in, old_system

router = APIRouter(prefix="/api/stripe", tags=["stripe"], route_class=GuardedRoute)
OF_STRIPE = ("stripe_refused", "stripe_unavailable", "stripe_permission_missing")
MOST_LINES = 10_000
COMPARISONS = 30
Minutes = Annotated[int, Field(description="Number of minutes.", examples=[200])]


class LinkLine(RequestBody):
    """One link of a list."""

    workspace_id: WorkspaceId
    customer_id: CustomerId | None = None
    subscription_id: SubscriptionId | None = None
    starts_at: When | None = None


class LinkListRequest(RequestBody):
    """Many links at once; a dry run changes nothing."""

    links: Annotated[list[LinkLine], Field(min_length=1, max_length=MOST_LINES)]
    dry_run: Annotated[bool, Field(description="Check every line without linking.", examples=[True])] = False


class LinkLineResponse(ResponseBody):
    """The result of one line."""

    line: Annotated[int, Field(description="Number of the line, from 1.", examples=[1])]
    workspace_id: Id
    problem: Annotated[
        str | None,
        Field(description="Why the line was not linked; null when it was.", examples=["No such workspace."]),
    ]


class LinkListResponse(ResponseBody):
    """The result of each line, in order."""

    linked: Annotated[int, Field(description="Lines linked, or valid in a dry run.", examples=[40])]
    items: list[LinkLineResponse]


class SubscriptionPreviewResponse(ResponseBody):
    """What a sync of one subscription would do now."""

    subscription: Annotated[str, Field(description="Stripe's id of it.", examples=["sub_1Q"])]
    customer: Annotated[str | None, Field(description="Stripe's id of its customer.", examples=["cus_Q1"])]
    status: Annotated[str, Field(description="Status at Stripe.", examples=["active"])]
    workspace_id: Annotated[
        str | None, Field(description="The linked workspace; null when not linked yet.", examples=["acme"])
    ]
    plan: Annotated[str | None, Field(description="Plan and billing cycle.", examples=["starter monthly"])]
    paid_invoices: Annotated[int, Field(description="Paid invoices at Stripe.", examples=[25])]
    new_invoices: Annotated[int, Field(description="Paid invoices not booked here yet.", examples=[25])]
    new_minutes: Minutes
    new_cents: Annotated[int, Field(description="Amount paid for them.", examples=[47500])]
    unexplained_cents: Annotated[
        int, Field(description="By how much booked invoices differ from what Stripe was paid.", examples=[0])
    ]
    currency: Annotated[
        str | None, Field(description="Currency of the amounts; null without an invoice.", examples=["usd"])
    ]
    open: Annotated[bool, Field(description="Whether the books differ from Stripe's.", examples=[True])]
    cause: Annotated[str, Field(description="Reason for the difference.", examples=["not synced yet"])]


class SubscriptionPreviewsResponse(ResponseBody):
    """Every subscription of the account."""

    items: list[SubscriptionPreviewResponse]


class SyncedSubscriptionResponse(ResponseBody):
    """What a sync of one subscription did."""

    subscription: Annotated[str, Field(description="Stripe's id of it.", examples=["sub_1Q"])]
    summary: Annotated[str, Field(description="What was booked.", examples=["in_1Q: +200 minutes"])]


class SyncResponse(ResponseBody):
    """Every subscription of the account, with what the sync did."""

    items: list[SyncedSubscriptionResponse]


class OldBalance(RequestBody):
    """What the old system says that one workspace has left."""

    workspace_id: WorkspaceId
    minutes: Annotated[int, Field(ge=0, le=10**12, description="All minutes left.", examples=[275])]


class OldBalancesRequest(RequestBody):
    """The balances of the old system; the newest one of a workspace counts."""

    balances: Annotated[list[OldBalance], Field(min_length=1, max_length=MOST_LINES)]


class OldBalancesResponse(ResponseBody):
    """How many balances are stored."""

    saved: Annotated[int, Field(description="Balances of this request.", examples=[40])]


class ComparisonResponse(ResponseBody):
    """Our books beside Stripe's and the old system's."""

    comparison_id: Annotated[int, Field(description="Number of the comparison.", examples=[7])]
    compared_at: Annotated[datetime, Field(description="Time of the comparison.", examples=[A_TIME])]
    equal: Annotated[int, Field(description="Subscriptions and balances that agree.", examples=[80])]
    open: Annotated[int, Field(description="Differences that can be resolved.", examples=[0])]
    unexplained_minutes: Annotated[
        int, Field(description="Minutes that differ from the old system.", examples=[0])
    ]
    unexplained_cents: Annotated[
        int, Field(description="Money without a booking, in minor units.", examples=[0])
    ]
    may_go_live: Annotated[bool, Field(description="Whether there are no differences.", examples=[True])]
    went_live_by: Annotated[
        str | None, Field(description="Who went live on this comparison.", examples=[None])
    ]
    differences: Annotated[
        list[dict[str, Any]], Field(description="The differences, each with its cause.", examples=[[]])
    ]


class ComparisonsResponse(ResponseBody):
    """The latest comparisons, newest first."""

    items: list[ComparisonResponse]


@router.post("/links", summary="Link many customers or subscriptions", **writes("workspaces:write"))
async def post_links(body: LinkListRequest, request: Request) -> LinkListResponse:
    """Link every valid line and return why the others were not linked. Repeating a list changes nothing."""
    return await threads.run(_links, body, actor(request), present())


@router.get(
    "/subscriptions", summary="Preview a sync of every subscription", **reads("balance:read", *OF_STRIPE)
)
async def preview_subscriptions() -> SubscriptionPreviewsResponse:
    """Return what a sync would credit for each subscription of the account, and why. Books nothing."""
    return await threads.run(_preview)


@router.post("/sync", summary="Sync every subscription", **writes("workspaces:write", *OF_STRIPE))
async def sync_subscriptions() -> SyncResponse:
    """Read every subscription of the account and book what is paid, each in a transaction of its own."""
    return await threads.run(_sync, present())


@router.put("/old-balances", summary="Store the old system's balances", **writes("workspaces:write"))
async def put_old_balances(body: OldBalancesRequest, request: Request) -> OldBalancesResponse:
    """Store the remaining minutes reported by the old system, for comparisons."""
    minutes = {each.workspace_id: each.minutes for each in body.balances}

    def work(db: Connection) -> None:
        old_system.save_old_balances(db, minutes, actor=actor(request), at=present())

    await threads.run(write, work)
    return OldBalancesResponse(saved=len(minutes))


@router.post(
    "/comparisons", status_code=201, summary="Compare the books", **writes("workspaces:write", *OF_STRIPE)
)
async def create_comparison(request: Request) -> ComparisonResponse:
    """Compare the ledger with Stripe and the old system now, and store the result."""
    return await threads.run(_compare, actor(request), present())


@router.get("/comparisons", summary="List comparisons", **reads("balance:read"))
async def list_comparisons() -> ComparisonsResponse:
    """Return the last 30 comparisons. One runs every day."""
    return await threads.run(_comparisons)


@router.post(
    "/comparisons/{comparison_id}/go-live", summary="Go live", **writes("workspaces:write", "still_different")
)
async def go_live(comparison_id: int, request: Request) -> ComparisonsResponse:
    """End the trial. The latest comparison must have no differences."""

    def work(db: Connection) -> None:
        moving_in.require_live(db, comparison_id, actor=actor(request))

    await threads.run(write, work)
    return await threads.run(_comparisons)


def _links(body: LinkListRequest, who: str, at: datetime) -> LinkListResponse:
    rows = [
        link_lists.LinkRow(line=number, **each.model_dump())
        for number, each in enumerate(body.links, start=1)
    ]
    with installation.writing() as db:
        done = link_lists.apply_links(db, rows, actor=who, at=at)
        if body.dry_run:
            db.rollback()
    linked = sum(row.problem is None for row in done)
    return LinkListResponse(linked=linked, items=[LinkLineResponse.model_validate(row) for row in done])


def _preview() -> SubscriptionPreviewsResponse:
    with reading() as db:
        previews = moving_in.preview_subscriptions(db, current().gateway(), at=present())
        items = [SubscriptionPreviewResponse.model_validate(each) for each in previews]
    return SubscriptionPreviewsResponse(items=items)


def _sync(at: datetime) -> SyncResponse:
    synced = moving_in.sync_subscriptions(installation.engine_at(at), current().gateway(), at=at)
    return SyncResponse(
        items=[SyncedSubscriptionResponse(subscription=each, summary=summary) for each, summary in synced]
    )


def _compare(who: str, at: datetime) -> ComparisonResponse:
    report = moving_in.compare_move_in(installation.engine_at(at), current().gateway(), actor=who, at=at)
    return ComparisonResponse.model_validate(report)


def _comparisons() -> ComparisonsResponse:
    with reading() as db:
        reports = moving_in.list_comparisons(db, limit=COMPARISONS)
    return ComparisonsResponse(items=[ComparisonResponse.model_validate(each) for each in reports])
