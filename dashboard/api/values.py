"""The fields that several answers have in common, each described once, with an example."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

AN_ID = "019580f4-9c00-7c3a-8f21-5b0c2f1d6a77"
A_TIME = "2026-03-01T12:00:00Z"


class ResponseBody(BaseModel):
    """An answer, built from the dataclasses of the ledger."""

    model_config = ConfigDict(from_attributes=True)


Id = Annotated[str, Field(description="Your own id of the workspace.", examples=["acme"])]
Name = Annotated[
    str | None,
    Field(description="Name of the workspace; null without the scope `customers:read`.", examples=["Acme"]),
]
OwnerEmail = Annotated[
    str | None,
    Field(
        description="Address of its owner; null without the scope `customers:read`.",
        examples=["owner@acme.example"],
    ),
]
Plan = Annotated[str | None, Field(description="Code of the plan; null without one.", examples=["starter"])]
PlanMinutes = Annotated[int, Field(description="Plan minutes left.", examples=[40])]
ExtraMinutes = Annotated[int, Field(description="Extra minutes left, bought or granted.", examples=[60])]
TotalMinutes = Annotated[int, Field(description="Plan and extra minutes together.", examples=[100])]
PercentUsed = Annotated[
    float | None,
    Field(
        description="Share used since the last credit, in percent; null before the first.", examples=[61.5]
    ),
]
ResetDate = Annotated[
    datetime | None,
    Field(
        description="When the plan's minutes are added next; null for annual plans.",
        examples=["2026-04-01T12:00:00Z"],
    ),
]
Size = Annotated[int, Field(description="Minutes of the package.", examples=[60])]
Amount = Annotated[int, Field(description="Price in the smallest unit of the currency.", examples=[999])]
Charged = Annotated[
    int, Field(description="What the customer pays: price - discount + tax.", examples=[1189])
]
Tax = Annotated[int, Field(description="Tax that Stripe's page added to the price.", examples=[190])]
Discount = Annotated[int, Field(description="What a promotion code took off the price.", examples=[0])]
Currency = Annotated[str, Field(description="Three letters, as in ISO 4217, lower case.", examples=["usd"])]
PurchaseId = Annotated[UUID, Field(description="Id of the purchase.", examples=[AN_ID])]
PaymentIntent = Annotated[str | None, Field(description="Stripe's id of the payment.", examples=["pi_3Qx1"])]
FailureCode = Annotated[
    str | None, Field(description="Stripe's reason for the failed payment.", examples=["card_declined"])
]
FailureMessage = Annotated[
    str | None,
    Field(description="A message for the customer.", examples=["Your card was declined."]),
]
NextPage = Annotated[
    str | None,
    Field(description="Send it as `after` to get the next page; null on the last one.", examples=[None]),
]


class BalanceSummaryResponse(ResponseBody):
    """What is left, in both pools and together."""

    plan_minutes: PlanMinutes
    extra_minutes: ExtraMinutes
    total_minutes: TotalMinutes
