"""Stripe over HTTP: which customers and subscriptions belong to a workspace, and which prices stand for plans."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field, model_validator
from sqlalchemy import Connection

from dashboard import installation
from dashboard.api.auth import GuardedRoute, actor
from dashboard.api.fields import BillingCycle, PathId, PlanCode, RequestBody, When
from dashboard.api.responses import reads, writes
from dashboard.api.values import A_TIME, Currency, Id, ResponseBody
from dashboard.clock import present
from dashboard.installation import reading, write
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
            description="Paid periods that start earlier add nothing; null uses the creation time of the workspace.",
            examples=[A_TIME],
        ),
    ]


class MapPriceRequest(RequestBody):
    """The plan and cycle that a Stripe price stands for; a plan of null: it pays for something else."""

    plan: PlanCode | None
    billing_cycle: BillingCycle | None = None

    @model_validator(mode="after")
    def _names_both_or_neither(self) -> "MapPriceRequest":
        if (self.plan is None) != (self.billing_cycle is None):
            msg = "plan and billing_cycle are needed together"
            raise ValueError(msg)
        return self


class MappedPriceResponse(ResponseBody):
    """A Stripe price with the plan it stands for."""

    price_id: Annotated[str, Field(description="Stripe's id of the price.", examples=["price_1Qx1"])]
    plan: Annotated[
        str | None,
        Field(description="Code of the plan; null when the price is not a plan.", examples=["starter"]),
    ]
    billing_cycle: BillingCycle | None
    minutes: Annotated[int, Field(description="Minutes that one paid period adds.", examples=[200])]


class StripePriceResponse(ResponseBody):
    """An active recurring price of the Stripe account, with what it stands for here."""

    price_id: Annotated[str, Field(description="Stripe's id of the price.", examples=["price_1Qx1"])]
    product_id: Annotated[str, Field(description="Stripe's id of its product.", examples=["prod_Q1"])]
    product_name: Annotated[str, Field(description="Name of the product.", examples=["Starter"])]
    amount_cents: Annotated[
        int | None, Field(description="Price of one period; null for tiered prices.", examples=[1900])
    ]
    currency: Currency
    interval: Annotated[str, Field(description="day, week, month or year.", examples=["month"])]
    interval_count: Annotated[int, Field(description="Intervals of one period.", examples=[3])]
    months: Annotated[
        int | None, Field(description="Months of one period; null for days and weeks.", examples=[3])
    ]
    plan: Annotated[
        str | None, Field(description="Plan mapped to this price; null for none yet.", examples=["starter"])
    ]
    billing_cycle: BillingCycle | None
    is_other: Annotated[
        bool, Field(description="Whether the price is marked as not a plan.", examples=[False])
    ]


class StripePricesResponse(ResponseBody):
    """Every active recurring price."""

    items: list[StripePriceResponse]


@router.put(
    "/workspaces/{workspace_id}/stripe",
    summary="Link Stripe to a workspace",
    **writes("workspaces:write", "unknown_workspace", "link_conflict", "invalid_time"),
)
async def put_stripe_link(
    workspace_id: PathId, body: LinkStripeRequest, request: Request
) -> StripeLinkResponse:
    """Link a Stripe customer or subscription to a workspace. Waiting events run again at once.

    Links are permanent. An object that belongs to another workspace is refused.
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
    """Map an existing recurring Stripe price to a plan, or mark it as not a plan.

    Waiting invoices are booked at once. A plan can have several prices, in any currency.
    """
    return await threads.run(_map, price_id, body, actor(request), present())


@router.get(
    "/stripe/prices",
    summary="List the prices of the Stripe account",
    **reads("balance:read", "stripe_refused", "stripe_unavailable", "stripe_permission_missing"),
)
async def list_stripe_prices() -> StripePricesResponse:
    """Return the active recurring prices of the account with their mappings, newest first."""
    return await threads.run(_prices)


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
        if body.plan is None or body.billing_cycle is None:
            price_mapping.mark_as_other(db, gateway, price_id, actor=who, at=at)
            return MappedPriceResponse(price_id=price_id, plan=None, billing_cycle=None, minutes=0)
        made = price_mapping.map_price(
            db, gateway, price_id, plan=body.plan, billing_cycle=body.billing_cycle, actor=who, at=at
        )
        return MappedPriceResponse.model_validate(made)

    return write(work)


def _prices() -> StripePricesResponse:
    gateway = installation.current().gateway()
    with reading() as db:
        choices = price_mapping.list_price_choices(db, gateway)
    return StripePricesResponse(items=[StripePriceResponse.model_validate(each) for each in choices])
