"""Where Stripe sends its events: proven by signature, stored as they came, worked on later."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import Field

from dashboard import installation
from dashboard.api.fields import Told
from dashboard.api.responses import problems
from dashboard.clock import present
from dashboard.server.threads import threads
from ledger.webhooks import inbox

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])


class EventTold(Told):
    """What became of a delivery. Stripe needs no more than the 200."""

    event_id: str
    status: Annotated[str, Field(description="`refused`: right signature, wrong mode; without effect.")]
    repeated: Annotated[bool, Field(description="The event was stored before.")]


@router.post(
    "/stripe",
    summary="An event of Stripe",
    responses=problems(400, 408, 413, 415, keyed=False),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The event exactly as Stripe sends it; the signature covers every byte.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
)
async def stripe(
    request: Request,
    signature: Annotated[str, Header(alias="Stripe-Signature", max_length=4096)] = "",
) -> EventTold:
    """Store an event that Stripe signed, once. A wrong signature is refused and nothing is stored."""
    received = await threads.run(_receive, await request.body(), signature, present())
    return EventTold.model_validate(received)


def _receive(raw: bytes, signature: str, at: datetime) -> inbox.Received:
    return inbox.receive(installation.engine(), raw, signature, installation.settings(), at)
