"""The events that are posted to endpoints, as they stand in the OpenAPI document."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, create_model

from dashboard.api.fields import Source
from dashboard.api.metric_schemas import Currencies, MetricUnit, SlugValue
from dashboard.api.purchase_schemas import PurchaseStatus
from dashboard.api.values import (
    A_TIME,
    AN_ID,
    Amount,
    BalanceSummaryResponse,
    Charged,
    Currency,
    FailureCode,
    FailureMessage,
    Id,
    PercentUsed,
    ResponseBody,
    Size,
)

EntryNo = Annotated[int, Field(description="Number of the entry in the statement.", examples=[3])]
EventTime = Annotated[datetime, Field(description="Business time.", examples=[A_TIME])]


class EventBalanceResponse(BalanceSummaryResponse):
    """The balance right after the event."""

    percent_used: PercentUsed


class UsageEventData(ResponseBody):
    """A use that crossed a threshold or met the limit."""

    workspace_id: Id
    entry_no: EntryNo
    key: Annotated[str, Field(description="Idempotency key of the use.", examples=["call-8731"])]
    minutes: Annotated[int, Field(description="Minutes requested.", examples=[160])]
    unmet_minutes: Annotated[int, Field(description="Minutes requested but not available.", examples=[0])]
    balance: EventBalanceResponse
    threshold: Annotated[int | None, Field(description="80, 90 or 100, of `usage.threshold`.", examples=[80])]
    reason: Annotated[
        Literal["threshold_reached", "plan_used_up", "emptied", "cut_short", "refused"],
        Field(
            description="`emptied`: nothing is left; `cut_short`: the use got less than requested; `refused`: an "
            "all-or-nothing use was refused, `balance` is still there.",
            examples=["threshold_reached"],
        ),
    ]
    at: EventTime


class PurchaseEventData(ResponseBody):
    """A purchase that reached a new state."""

    workspace_id: Id
    purchase_id: Annotated[UUID, Field(description="Id of the purchase.", examples=[AN_ID])]
    package: Annotated[str, Field(description="Code of the package.", examples=["small"])]
    minutes: Size
    amount_cents: Amount
    currency: Currency
    charged_cents: Charged
    refunded_cents: Annotated[int, Field(description="Refunded so far.", examples=[0])]
    taken_back_minutes: Annotated[int, Field(description="Minutes taken back so far.", examples=[0])]
    shortfall_minutes: Annotated[
        int,
        Field(
            description="Minutes that could not be taken back because they were already used.", examples=[0]
        ),
    ]
    status: Annotated[PurchaseStatus, Field(examples=["paid"])]
    failure_code: FailureCode
    failure_message: FailureMessage
    reason: Annotated[str, Field(description="The failure code, else the status.", examples=["paid"])]
    balance: EventBalanceResponse
    at: EventTime


class MinutesEventData(ResponseBody):
    """Minutes that were credited or taken back."""

    workspace_id: Id
    entry_no: EntryNo
    lot_id: Annotated[int | None, Field(description="The lot that changed.", examples=[2])]
    minutes: Annotated[int, Field(description="Number of minutes.", examples=[60])]
    balance: EventBalanceResponse
    reason: Annotated[
        str,
        Field(
            description="Kind of the entry, such as `purchase`, `reset` or `refund`.", examples=["purchase"]
        ),
    ]
    note: Annotated[str | None, Field(description="Reason of a grant or void.", examples=[None])]
    reference: Annotated[str | None, Field(description="Reference, such as an invoice.", examples=[None])]
    at: EventTime


class TopUpEventData(ResponseBody):
    """What came of an auto top-up. Without a purchase nothing was bought; `reason` says why."""

    workspace_id: Id
    epoch: Annotated[
        int, Field(description="From one credit to the next; each has one top-up.", examples=[3])
    ]
    purchase_id: Annotated[UUID | None, Field(description="Id of the purchase.", examples=[AN_ID])]
    package: Annotated[str, Field(description="Code of the package.", examples=["small"])]
    minutes: Annotated[int | None, Field(description="Minutes of the package.", examples=[60])]
    amount_cents: Annotated[
        int | None, Field(description="Price in the smallest unit of the currency.", examples=[999])
    ]
    currency: Annotated[str | None, Field(description="Three letters, lower case.", examples=["usd"])]
    trigger: Annotated[int, Field(description="80, 90 or 100 percent used.", examples=[90])]
    reason: Annotated[
        Literal["paid", "needs_confirmation", "declined", "over_limit", "no_card", "not_on_sale"],
        Field(
            description="`needs_confirmation`: the bank asks the customer, send them to `confirm_url`; `over_limit`: "
            "the limit of the month is reached.",
            examples=["needs_confirmation"],
        ),
    ]
    detail: Annotated[str | None, Field(description="The same in words.", examples=[None])]
    next_attempt_at: Annotated[
        datetime | None, Field(description="When it is tried again; null: not by itself.", examples=[A_TIME])
    ]
    paused: Annotated[
        bool, Field(description="True when nothing is bought until the settings change.", examples=[False])
    ]
    confirm_url: Annotated[
        str | None,
        Field(
            description="The customer's page, where the payment is confirmed; it opens for three days. Null without "
            "PUBLIC_URL.",
            examples=["https://minutes.example.com/api/portal/t0k3n"],
        ),
    ]
    balance: EventBalanceResponse
    at: EventTime


class MetricAlertData(ResponseBody):
    """An alert on a metric of the whole installation, no single workspace: it crossed its threshold, or recovered."""

    alert_id: Annotated[UUID, Field(description="Id of the alert.", examples=[AN_ID])]
    metric: SlugValue
    source: Annotated[Source, Field(examples=["live"])]
    days: Annotated[int, Field(description="The last complete days that are measured.", examples=[30])]
    direction: Annotated[
        Literal["below", "above"], Field(description="On which side it alerts.", examples=["below"])
    ]
    threshold: Annotated[float, Field(description="Where it alerts, in `unit`.", examples=[20.0])]
    value: Annotated[float, Field(description="The metric now, in `unit`.", examples=[18.4])]
    unit: Annotated[MetricUnit, Field(examples=["percent"])]
    currency: Currencies
    beyond: Annotated[bool, Field(description="Whether it is beyond the threshold now.", examples=[True])]
    reason: Annotated[
        Literal["crossed", "recovered"],
        Field(description="`recovered`: it is no longer beyond the threshold.", examples=["crossed"]),
    ]
    text: Annotated[
        str,
        Field(
            description="The same for people.",
            examples=[
                "Conversion (conversion, live) over the last 30 days is below 20 percent: 18.4",
            ],
        ),
    ]
    at: EventTime


EVENTS: dict[str, tuple[str, type[ResponseBody]]] = {
    "usage.threshold": ("A workspace has used 80, 90 or 100% of its minutes", UsageEventData),
    "usage.limit_hit": ("A workspace met its limit, once after each credit", UsageEventData),
    "usage.refused": ("An all-or-nothing use was refused", UsageEventData),
    "usage.plan_exhausted": ("The plan is used up, extra minutes take over", UsageEventData),
    "purchase.paid": ("A purchase is paid and its minutes are credited", PurchaseEventData),
    "purchase.failed": ("A payment failed; it can be retried", PurchaseEventData),
    "purchase.refunded": ("A purchase was refunded, in full or in part", PurchaseEventData),
    "purchase.disputed": ("A payment is disputed", PurchaseEventData),
    "minutes.credited": ("Minutes were added", MinutesEventData),
    "minutes.taken_back": ("Minutes were taken back", MinutesEventData),
    "top_up.paid": ("An auto top-up is paid and its minutes are credited", TopUpEventData),
    "top_up.failed": ("An auto top-up bought nothing yet", TopUpEventData),
    "metric.alert": ("A metric crossed the threshold of an alert, or recovered", MetricAlertData),
}
"""Type of an event -> what it means, and what it carries."""
_HEADERS = {
    "webhook-id": "The same for every attempt: drop what you have seen.",
    "webhook-timestamp": "When this attempt was made, in seconds since 1970.",
    "webhook-signature": "One or two signatures, as in Standard Webhooks.",
}


def described_events(document: dict[str, Any]) -> None:
    """Add the events to a document, under `webhooks`, with their schemas."""
    schemas = document["components"]["schemas"]
    document["webhooks"] = {}
    document["components"]["parameters"] = {
        header: _header(header, text) for header, text in _HEADERS.items()
    }
    for name, (meaning, data) in EVENTS.items():
        noun = "".join(part.capitalize() for part in name.replace("_", ".").split("."))
        fields: dict[str, Any] = {
            "type": Annotated[Literal[name], Field(description="Type of the event.", examples=[name])],
            "timestamp": Annotated[datetime, Field(description="When it was booked.", examples=[A_TIME])],
            "data": data,
        }
        event = create_model(f"{noun}Event", __base__=ResponseBody, __doc__=f"{meaning}.", **fields)
        schema = event.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
        schemas |= schema.pop("$defs", {})
        schemas[event.__name__] = schema
        document["webhooks"][name] = {"post": _operation(name, noun, meaning)}


def _header(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}


def _operation(name: str, noun: str, meaning: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{noun}Event"}}}
    return {
        "tags": ["webhook endpoints"],
        "summary": meaning,
        "description": "Answer 2xx within 10 seconds; anything else is tried again.",
        "operationId": f"on{noun}",
        "parameters": [{"$ref": f"#/components/parameters/{header}"} for header in _HEADERS],
        "requestBody": {"required": True, "content": content},
        "security": [],
        "responses": {
            "2XX": {"description": f"`{name}` arrived."},
            "4XX": {"description": "Not accepted; it is tried again."},
        },
    }
