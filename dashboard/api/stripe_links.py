"""Stripe over HTTP: which customers and subscriptions belong to a workspace, and which prices stand for plans."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field, model_validator
from sqlalchemy import Connection

from dashboard import installation
from dashboard.api.auth import GuardedRoute, actor
from dashboard.api.fields import BillingCycle, PathId, PlanCode, RequestBody, When
from dashboard.api.responses import writes
from dashboard.api.values import A_TIME, Amount, Currency, Id, ResponseBody
from dashboard.clock import present
from dashboard.installation import write
from dashboard.server.threads import threads
from ledger.payments import billing_start, owners, price_mapping

router = APIRouter(prefix="/api", tags=["stripe"], route_class=GuardedRoute)

CustomerId = Annotated[
    str,
    Field(
        pattern=r"^cus_[A-Za-z0-9_]{1,250}$", description="Stripe's id of the customer.", examples=["cus_Q1"]
    ),
]
SubscriptionId = Annotated[
    str,
    Field(
        pattern=r"^sub_[A-Za-z0-9_]{1,250}$",
        description="Stripe's id of the subscription.",
        examples=["sub_1Q"],
    ),
]
PriceId = Annotated[
    str,
    Path(
        pattern=r"^price_[A-Za-z0-9_]{1,250}$",
        description="Stripe's id of the price.",
        examples=["price_1Qx1"],
    ),
]


class LinkStripeRequest(RequestBody):
    """What of Stripe belongs to the workspace; with `starts_at` the first paid period that gives minutes."""

    customer_id: CustomerId | None = None
    subscription_id: SubscriptionId | None = None
    starts_at: When | None = None

    @model_validator(mode="after")
    def _names_something(self) -> "LinkStripeRequest":
        if self.customer_id is None and self.subscription_id is None and self.starts_at is None:
            msg = "customer_id, subscription_id or starts_at is needed"
            raise ValueError(msg)
        return self


class StripeLinkResponse(ResponseBody):
    """What of Stripe belongs to a workspace."""

    workspace_id: Id
    customers: Annotated[list[str], Field(description="Its customers at Stripe.", examples=[["cus_Q1"]])]
    subscriptions: Annotated[list[str], Field(description="Its subscriptions.", examples=[["sub_1Q"]])]
    starts_at: Annotated[
        datetime | None,
        Field(
            description="Paid periods that begin earlier give nothing; null: the workspace's first moment decides.",
            examples=[A_TIME],
        ),
    ]


class MapPriceRequest(RequestBody):
    """The plan and cycle that a Stripe price stands for."""

    plan: PlanCode
    billing_cycle: BillingCycle


class MappedPriceResponse(ResponseBody):
    """A Stripe price with the plan it stands for."""

    price_id: Annotated[str, Field(description="Stripe's id of the price.", examples=["price_1Qx1"])]
    plan: Annotated[str, Field(description="Code of the plan.", examples=["starter"])]
    billing_cycle: BillingCycle
    amount_cents: Amount
    currency: Currency
    minutes: Annotated[int, Field(description="Minutes that one paid period gives.", examples=[200])]


@router.put(
    "/workspaces/{workspace_id}/stripe",
    summary="Link Stripe to a workspace",
    **writes("workspaces:write", "unknown_workspace", "link_conflict", "invalid_time"),
)
async def put_stripe_link(
    workspace_id: PathId, body: LinkStripeRequest, request: Request
) -> StripeLinkResponse:
    """Link a customer or a subscription of Stripe to a workspace. Events that wait for it run again at once.

    Links add up and stay; what belongs to another workspace is refused.
    """
    link = await threads.run(_link, workspace_id, body, actor(request), present())
    return StripeLinkResponse.model_validate(link)


@router.put(
    "/plan-prices/{price_id}",
    summary="Map a Stripe price to a plan",
    **writes(
        "workspaces:write",
        "invalid_catalogue",
        "catalogue_conflict",
        "unknown_plan",
        "stripe_refused",
        "unknown_at_stripe",
        "stripe_unavailable",
        "stripe_permission_missing",
    ),
)
async def put_plan_price(price_id: PriceId, body: MapPriceRequest, request: Request) -> MappedPriceResponse:
    """Let an existing recurring price of Stripe stand for a plan. Invoices that wait for it are booked at once."""
    return await threads.run(_map, price_id, body, actor(request), present())


def _link(workspace_id: str, body: LinkStripeRequest, who: str, at: datetime) -> owners.StripeLink:
    def work(db: Connection) -> owners.StripeLink:
        if body.starts_at is not None:
            billing_start.choose_billing_start(db, workspace_id, body.starts_at, actor=who, at=at)
        if body.customer_id is None and body.subscription_id is None:
            return owners.stripe_link(db, workspace_id)
        ids = {"customer_id": body.customer_id, "subscription_id": body.subscription_id}
        return owners.link_stripe(db, workspace_id, **ids, actor=who, at=at)

    return write(work)


def _map(price_id: str, body: MapPriceRequest, who: str, at: datetime) -> MappedPriceResponse:
    gateway = installation.current().gateway()

    def work(db: Connection) -> MappedPriceResponse:
        made = price_mapping.map_price(
            db, gateway, price_id, plan=body.plan, billing_cycle=body.billing_cycle, actor=who, at=at
        )
        return MappedPriceResponse.model_validate(made)

    return write(work)
