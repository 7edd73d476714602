"""`GET /metrics`: figures of operation in the text format of Prometheus, for this machine or a key with the scope."""

from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from dashboard.api.auth import authenticate
from dashboard.clock import present
from dashboard.installation import reading
from dashboard.server.counting import requests
from dashboard.server.guards import refusal
from dashboard.server.outages import unavailable
from dashboard.server.problems import Problem, answer
from dashboard.server.threads import threads
from ledger.database import query

MEDIA_TYPE = "text/plain; version=0.0.4"
FIGURES = {
    "worker_lag_seconds": "Age of the oldest event or alert that waits though it is due.",
    "stripe_events_dead": "Events of Stripe that were given up.",
    "event_deliveries_pending": "Events that wait for an endpoint.",
    "event_deliveries_dead": "Events that were given up at an endpoint.",
    "api_keys": "Keys that are not revoked.",
    "restore_drill_failed": "1 when the last restore drill failed, else 0.",
    "restore_drill_age_seconds": "Time since a restore drill last passed; -1 before the first.",
}
"""Name of a figure, without its prefix -> what it says."""


async def serve_figures(request: Request) -> Response:
    """Answer with every figure, or with a problem for whoever may not read them."""
    request.scope.setdefault("state", {})
    try:
        if request.headers.get("authorization") or refusal(request.scope) is not None:
            await authenticate(request, ("operations:read",))
        values = await threads.run(_values)
    except Problem as problem:
        return answer(problem)
    except OperationalError as error:
        return unavailable(error)
    lines = requests.lines()
    for name, meaning in FIGURES.items():
        lines += [
            f"# HELP minutes_{name} {meaning}",
            f"# TYPE minutes_{name} gauge",
            f"minutes_{name} {values[name]:g}",
        ]
    return PlainTextResponse("\n".join([*lines, ""]), media_type=MEDIA_TYPE)


def _values() -> dict[str, float]:
    at = present()
    with reading() as db:
        lag = db.execute(query("worker_lag"), {"at": at}).scalar_one()
        row = db.execute(query("figures_of_operation"), {"at": at}).mappings().one()
    return {"worker_lag_seconds": float(lag), **{name: float(value) for name, value in row.items()}}
