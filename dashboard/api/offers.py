"""The front end reports that a customer saw the offer: a step of the conversion funnel."""

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from dashboard.api.auth import GuardedRoute
from dashboard.api.business_times import require_after_creation
from dashboard.api.fields import Key, KeyHeader, RequestBody, When, WorkspaceId, the_key
from dashboard.api.responses import writes
from dashboard.clock import present
from dashboard.installation import write
from dashboard.server.threads import threads
from ledger.experiments import record_offer_seen

router = APIRouter(prefix="/api/extra-minutes", tags=["extra minutes"], route_class=GuardedRoute)


class OfferSeenRequest(RequestBody):
    """A customer was shown the packages. Send a key here or as Idempotency-Key to count each time."""

    workspace_id: WorkspaceId
    key: Key | None = None
    at: When | None = None


@router.post(
    "/offer-seen",
    status_code=204,
    response_class=Response,
    summary="Report that the offer was shown",
    **writes("usage:write", "unknown_workspace", "key_reused", "invalid_time"),
)
async def report_offer_seen(body: OfferSeenRequest, idempotency_key: KeyHeader = None) -> Response:
    """Record that a customer saw the packages. The conversion funnel shows it between limit and purchase.

    Without a key, one report per workspace and minute counts.
    """
    named = body.key is not None or idempotency_key is not None
    at = body.at or present()
    key = the_key(idempotency_key, body.key) if named else f"shown at {at:%Y-%m-%d %H:%M}"
    await threads.run(_report, body, key, at, named)
    return Response(status_code=204)


def _report(body: OfferSeenRequest, key: str, at: datetime, named: bool) -> None:
    require_after_creation(body.workspace_id, body.at)
    compares_at = named and body.at is not None
    write(lambda db: record_offer_seen(db, body.workspace_id, key=key, at=at, at_is_explicit=compares_at))
