"""Where Stripe sends its events: proven by signature, stored as they came, processed later."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request
from pydantic import Field
from typing_extensions import TypeAliasType

from dashboard import installation
from dashboard.api.responses import OF_BODIES, open_to_all
from dashboard.api.values import ResponseBody
from dashboard.clock import present
from dashboard.server.threads import threads
from ledger.webhooks import inbox

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])
EventStatus = TypeAliasType(
    "EventStatus",
    Annotated[
        Literal["pending", "processing", "done", "ignored", "refused", "failed", "dead"],
        Field(
            description="`pending`: stored, to be processed; `done`: it had its effect; `ignored`: it has none; "
            "`refused`: right signature, wrong mode, no effect; `failed`: to be tried again; `dead`: given up."
        ),
    ],
)
_ROUTE = open_to_all("bad_signature", "no_webhook_secret", *OF_BODIES)
_ROUTE["openapi_extra"] |= {
    "requestBody": {
        "required": True,
        "description": "The event exactly as Stripe sends it; the signature covers every byte.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


class StripeEventResponse(ResponseBody):
    """The result of a delivery. Stripe needs no more than the 200."""

    event_id: Annotated[str, Field(description="Stripe's id of the event.", examples=["evt_1Qx1"])]
    status: Annotated[EventStatus, Field(examples=["pending"])]
    repeated: Annotated[bool, Field(description="Whether the event was stored before.", examples=[False])]


@router.post("/stripe", summary="Receive a Stripe event", **_ROUTE)
async def receive_stripe_event(
    request: Request,
    signature: Annotated[
        str,
        Header(alias="Stripe-Signature", max_length=4096, description="Stripe's signature of the body."),
    ] = "",
) -> StripeEventResponse:
    """Store an event signed by Stripe, once. A wrong signature is refused and nothing is stored."""
    received = await threads.run(_receive, await request.body(), signature, present())
    return StripeEventResponse.model_validate(received)


def _receive(raw: bytes, signature: str, at: datetime) -> inbox.Received:
    return inbox.receive(installation.engine(), raw, signature, installation.settings(), at)
