"""Endpoints of other programs over HTTP: add, list, delete, new secret, delivery log, replay."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response
from typing_extensions import TypeAliasType

from dashboard.api.auth import GuardedRoute, actor
from dashboard.api.fields import End, Limit, RequestBody, Start, WorkspaceId
from dashboard.api.responses import reads, writes
from dashboard.api.values import A_TIME, AN_ID, ResponseBody
from dashboard.clock import present
from dashboard.installation import reading, write
from dashboard.server.threads import threads
from ledger.desk import audit
from ledger.notify import events, webhook_endpoints

router = APIRouter(prefix="/api/webhook-endpoints", tags=["webhook endpoints"], route_class=GuardedRoute)
EndpointId = Annotated[UUID, Path(description="Id of the endpoint.", examples=[AN_ID])]
EventType = TypeAliasType(
    "EventType",
    Annotated[
        Literal[webhook_endpoints.EVENT_TYPES],  # type: ignore[valid-type]
        Field(description="What happened. More types may be added: ignore those that you do not know."),
    ],
)
DeliveryState = TypeAliasType(
    "DeliveryState",
    Annotated[
        Literal["pending", "delivered", "dead"],
        Field(
            description="`pending`: not yet, or to be tried again; `dead`: given up, or the endpoint is deleted."
        ),
    ],
)
Url = Annotated[
    str,
    Field(
        min_length=8,
        max_length=2000,
        pattern=r"^https?://[\x21-\x7e]+$",
        description="Where events are posted: an https address (http only on this machine).",
        examples=["https://hooks.example.com/minutes"],
    ),
]
EventTypes = Annotated[
    list[EventType],
    Field(min_length=1, description="The types that the endpoint gets.", examples=[["purchase.paid"]]),
]


class CreateEndpointRequest(RequestBody):
    """A new endpoint. It gets what happens from now on."""

    url: Url
    events: EventTypes


class EndpointResponse(ResponseBody):
    """An endpoint and the types of events it gets."""

    endpoint_id: Annotated[UUID, Field(description="Id of the endpoint.", examples=[AN_ID])]
    url: Url
    events: EventTypes
    created_at: Annotated[datetime, Field(description="When it was added.", examples=[A_TIME])]
    previous_until: Annotated[
        datetime | None,
        Field(description="Until then the secret before this one signs too.", examples=[None]),
    ]


class EndpointSecretResponse(EndpointResponse):
    """An endpoint with its secret, which is shown this once."""

    secret: Annotated[
        str,
        Field(description="Verifies messages, as in Standard Webhooks.", examples=["whsec_MfKQ9r8GKYqrTwjU"]),
    ]


class EndpointsResponse(ResponseBody):
    """All endpoints, oldest first."""

    items: Annotated[list[EndpointResponse], Field(description="Oldest first.")]


class AttemptResponse(ResponseBody):
    """One attempt to deliver an event."""

    at: Annotated[datetime, Field(description="When.", examples=[A_TIME])]
    status: Annotated[
        int | None, Field(description="HTTP status of the answer; null: not reached.", examples=[200])
    ]
    answer: Annotated[str, Field(description="The first 1,000 characters of the answer.", examples=["ok"])]
    error: Annotated[str | None, Field(description="Why it failed; null: it arrived.", examples=[None])]
    milliseconds: Annotated[int, Field(description="How long it took.", examples=[48])]


class DeliveryResponse(ResponseBody):
    """One event on its way to the endpoint, with everything that was sent and answered."""

    event_no: Annotated[int, Field(description="Number of the event.", examples=[17])]
    message_id: Annotated[
        str, Field(description="Its header `webhook-id`: the same for every attempt.", examples=["msg_4f1a"])
    ]
    type: Annotated[EventType, Field(examples=["purchase.paid"])]
    body: Annotated[str, Field(description="The body that is posted.", examples=['{"type":"purchase.paid"}'])]
    state: Annotated[DeliveryState, Field(examples=["delivered"])]
    next_attempt_at: Annotated[
        datetime | None, Field(description="When it is tried next, while pending.", examples=[None])
    ]
    attempts: Annotated[list[AttemptResponse], Field(description="Oldest first.")]


class DeliveriesResponse(ResponseBody):
    """One page of deliveries, newest event first."""

    items: Annotated[list[DeliveryResponse], Field(description="Newest first.")]
    next: Annotated[
        int | None,
        Field(description="Send it as `after` to get the next page; null on the last one.", examples=[None]),
    ]


@router.post(
    "", status_code=201, summary="Add a webhook endpoint", **writes("webhooks:write", "invalid_endpoint")
)
async def create_webhook_endpoint(body: CreateEndpointRequest, request: Request) -> EndpointSecretResponse:
    """Add an endpoint and return its secret, which is shown this once. Sent again, it makes another endpoint."""
    return await threads.run(_add, body, actor(request), present())


@router.get("", summary="List webhook endpoints", **reads("webhooks:write"))
async def list_webhook_endpoints() -> EndpointsResponse:
    """Return the endpoints that are not deleted."""

    def work() -> EndpointsResponse:
        with reading() as db:
            rows = webhook_endpoints.list_endpoints(db)
        return EndpointsResponse(items=[EndpointResponse.model_validate(each) for each in rows])

    return await threads.run(work)


@router.delete(
    "/{endpoint_id}",
    status_code=204,
    summary="Delete a webhook endpoint",
    **writes("webhooks:write", "unknown_endpoint"),
)
async def delete_webhook_endpoint(endpoint_id: EndpointId, request: Request) -> Response:
    """Send nothing more to the endpoint. Its log can still be read."""
    await threads.run(_delete, endpoint_id, actor(request), present())
    return Response(status_code=204)


@router.post(
    "/{endpoint_id}/rotate-secret",
    summary="Replace the secret of an endpoint",
    **writes("webhooks:write", "unknown_endpoint"),
)
async def rotate_webhook_secret(endpoint_id: EndpointId, request: Request) -> EndpointSecretResponse:
    """Return a new secret. For 24 hours every message carries two signatures, of the new secret and of the old one."""
    return await threads.run(_rotate, endpoint_id, actor(request), present())


@router.get(
    "/{endpoint_id}/deliveries",
    summary="Read the delivery log",
    **reads("webhooks:write", "unknown_endpoint"),
)
async def list_webhook_deliveries(
    endpoint_id: EndpointId,
    *,
    state: Annotated[DeliveryState | None, Query(description="Only deliveries in this state.")] = None,
    type: Annotated[EventType | None, Query(description="Only events of this type.")] = None,  # noqa: A002
    workspace_id: Annotated[WorkspaceId | None, Query(description="Only events of this workspace.")] = None,
    start: Start = None,
    end: End = None,
    after: Annotated[int | None, Query(ge=1, le=2**62, description="`next` of the page before.")] = None,
    limit: Limit = 100,
) -> DeliveriesResponse:
    """Return what was sent to the endpoint and what it answered, newest event first. `start` and `end`: when booked."""
    filters = {"state": state, "type": type, "workspace_id": workspace_id, "start": start, "end": end}
    return await threads.run(_deliveries, endpoint_id, after, limit, filters)


@router.post(
    "/{endpoint_id}/deliveries/{event_no}/replay",
    status_code=202,
    response_class=Response,
    summary="Send an event again",
    **writes("webhooks:write", "unknown_delivery"),
)
async def replay_webhook_delivery(
    endpoint_id: EndpointId,
    event_no: Annotated[int, Path(ge=1, le=2**62, description="Number of the event.", examples=[17])],
) -> Response:
    """Send an event to the endpoint again, in whatever state it is, under the same `webhook-id`."""
    at = present()

    def work() -> None:
        write(lambda db: events.replay_delivery(db, endpoint_id, event_no, at=at))

    await threads.run(work)
    return Response(status_code=202)


def _add(body: CreateEndpointRequest, who: str, at: datetime) -> EndpointSecretResponse:
    def work(db: Connection) -> webhook_endpoints.WebhookEndpoint:
        made = webhook_endpoints.create_endpoint(db, body.url, body.events, actor=who, at=at)
        _record(db, "add_webhook_endpoint", made, who, at)
        return made

    return EndpointSecretResponse.model_validate(write(work))


def _rotate(endpoint_id: UUID, who: str, at: datetime) -> EndpointSecretResponse:
    def work(db: Connection) -> webhook_endpoints.WebhookEndpoint:
        made = webhook_endpoints.rotate_secret(db, endpoint_id, at=at)
        _record(db, "rotate_webhook_secret", made, who, at)
        return made

    return EndpointSecretResponse.model_validate(write(work))


def _delete(endpoint_id: UUID, who: str, at: datetime) -> None:
    def work(db: Connection) -> None:
        known = {each.endpoint_id: each for each in webhook_endpoints.list_endpoints(db)}
        webhook_endpoints.delete_endpoint(db, endpoint_id, actor=who, at=at)
        if endpoint_id in known:
            _record(db, "delete_webhook_endpoint", known[endpoint_id], who, at)

    write(work)


def _record(
    db: Connection, action: str, endpoint: webhook_endpoints.WebhookEndpoint, who: str, at: datetime
) -> None:
    audit.record(
        db,
        actor=who,
        role="program",
        action=action,
        at=at,
        request_id=f"{action} {endpoint.endpoint_id} {at.isoformat()}",
        subject=str(endpoint.endpoint_id),
        after={"url": endpoint.url, "events": list(endpoint.events)},
    )


def _deliveries(
    endpoint_id: UUID, before: int | None, limit: int, filters: dict[str, Any]
) -> DeliveriesResponse:
    with reading() as db:
        webhook_endpoints.require_known_endpoint(db, endpoint_id)
        rows = events.list_deliveries(db, endpoint_id, before=before, limit=limit + 1, **filters)
        items = [
            DeliveryResponse(
                event_no=each.event_no,
                message_id=each.message_id,
                type=each.type,
                body=each.body,
                state=each.state,
                next_attempt_at=each.next_attempt_at if each.state == "pending" else None,
                attempts=[AttemptResponse.model_validate(one) for one in events.list_attempts(db, each)],
            )
            for each in rows[:limit]
        ]
    return DeliveriesResponse(items=items, next=items[-1].event_no if len(rows) > limit else None)
