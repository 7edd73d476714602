"""What requests and answers about workspaces and plans look like."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from dashboard.api.balance import BalanceResponse
from dashboard.api.fields import BillingCycle, Key, Line, PlanCode, RequestBody, Source, When, WorkspaceId
from dashboard.api.values import (
    A_TIME,
    Amount,
    BalanceSummaryResponse,
    Currency,
    Id,
    Name,
    NextPage,
    OwnerEmail,
    Plan,
    ResponseBody,
)
from ledger.errors import InvalidEmail
from ledger.validation import require_email

WorkspaceName = Annotated[
    Line,
    StringConstraints(max_length=200, strip_whitespace=False),
    Field(description="Name of the workspace, as people know it.", examples=["Acme"]),
]


def _email(address: str) -> str:
    try:
        return require_email(address)
    except InvalidEmail as error:
        raise ValueError(str(error)) from error


Email = Annotated[
    str,
    AfterValidator(_email),
    Field(
        max_length=254,
        description="Address of the owner.",
        examples=["owner@acme.example"],
        json_schema_extra={"format": "email"},
    ),
]
Cycle = Annotated[BillingCycle, Field(examples=["monthly"])]
AttributeKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Attributes = Annotated[
    dict[str, str | int | float],
    Field(
        description="Attributes such as seats, country, channel or anything you set. Every key filters "
        "every metric.",
        examples=[{"country": "DE", "seats": 25}],
    ),
]


def _not_blank(name: str | None) -> str | None:
    if name is not None and not name.strip():
        msg = "the name must not be blank"
        raise ValueError(msg)
    return name


class CreateWorkspaceRequest(RequestBody):
    """A new workspace; with `plan` and `billing_cycle` its first allocation too."""

    workspace_id: WorkspaceId
    name: WorkspaceName
    owner_email: Email
    plan: PlanCode | None = None
    billing_cycle: Cycle | None = None
    at: When | None = None
    attributes: Annotated[
        dict[AttributeKey, str | int | float],
        Field(
            max_length=50,
            description="Attributes by key.",
            examples=[{"country": "DE", "seats": 25}],
        ),
    ] = Field(default_factory=dict)

    _name = field_validator("name")(_not_blank)

    @model_validator(mode="after")
    def _plan_has_a_cycle(self) -> "CreateWorkspaceRequest":
        if (self.plan is None) != (self.billing_cycle is None):
            msg = "plan and billing_cycle are sent together or not at all"
            raise ValueError(msg)
        return self


class AllocatePlanRequest(RequestBody):
    """An allocation: adds the plan's minutes to what remains. Send the key here or as Idempotency-Key."""

    plan: PlanCode
    billing_cycle: Cycle
    key: Key | None = None
    at: When | None = None


class SetAttributesRequest(RequestBody):
    """Attributes to set; null removes one, and those that are not named stay."""

    attributes: Annotated[
        dict[AttributeKey, str | int | float | None],
        Field(
            max_length=50,
            description="Texts of up to 200 characters, numbers, or null.",
            examples=[{"country": "DE", "seats": 25, "channel": None}],
        ),
    ]


class WorkspaceSummaryResponse(BalanceSummaryResponse):
    """A workspace in a list, and what it may still use."""

    workspace_id: Id
    name: Name
    owner_email: OwnerEmail
    source: Annotated[Source, Field(examples=["live"])]
    plan: Plan
    billing_cycle: Cycle | None
    attributes: Attributes


class WorkspaceResponse(WorkspaceSummaryResponse):
    """A workspace and its balance."""

    created_at: Annotated[datetime, Field(description="When it was created.", examples=[A_TIME])]
    balance: BalanceResponse
    repeated: Annotated[
        bool,
        Field(
            description="Whether the workspace existed before this request; then nothing changed.",
            examples=[False],
        ),
    ]


class WorkspacePageResponse(ResponseBody):
    """One page of workspaces."""

    items: Annotated[list[WorkspaceSummaryResponse], Field(description="The best match first.")]
    next: NextPage


class AllocationResponse(BalanceSummaryResponse):
    """What an allocation gave, and the balance right after it."""

    workspace_id: Id
    plan: Annotated[str, Field(description="Code of the plan.", examples=["starter"])]
    billing_cycle: Cycle
    minutes: Annotated[int, Field(description="Minutes that this allocation added.", examples=[200])]
    balance: BalanceResponse


class CancelPlanRequest(RequestBody):
    """The end of a plan. Send the key here or as Idempotency-Key."""

    key: Key | None = None
    at: When | None = None


class UpdateWorkspaceRequest(RequestBody):
    """New name, new owner address, or both; what is left out stays."""

    name: WorkspaceName | None = None
    owner_email: Email | None = None

    _name = field_validator("name")(_not_blank)


class PlanPriceResponse(ResponseBody):
    """A Stripe price that stands for a plan."""

    price_id: Annotated[str, Field(description="Stripe's id of the price.", examples=["price_1Qx1"])]
    billing_cycle: Cycle
    amount_cents: Amount
    currency: Currency


class PlanResponse(ResponseBody):
    """A plan, what it gives and what it costs."""

    plan: Annotated[str, Field(description="Code of the plan.", examples=["starter"])]
    name: Annotated[str, Field(description="Name of the plan, for people.", examples=["Starter"])]
    minutes: Annotated[
        int,
        Field(description="Minutes per month; an annual plan adds twelve months at once.", examples=[200]),
    ]
    billing_cycles: Annotated[
        list[BillingCycle], Field(description="Available billing cycles.", examples=[["monthly", "annual"]])
    ]
    prices: Annotated[list[PlanPriceResponse], Field(description="Stripe prices mapped to this plan.")]


class PlansResponse(ResponseBody):
    """All plans, the smallest first."""

    items: Annotated[list[PlanResponse], Field(description="The plans.")]
