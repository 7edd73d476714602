"""Whether we are alive, and whether we can work."""

import shutil
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError
from starlette.responses import JSONResponse

from dashboard import installation
from dashboard.api.responses import open_to_all
from dashboard.api.values import ResponseBody
from dashboard.clock import present
from dashboard.installation import reading
from dashboard.server.outages import log_unanswered
from dashboard.server.threads import threads
from ledger.clocks import CLOCK_TOLERANCE, clock_difference
from ledger.database import query
from ledger.errors import LedgerError
from ledger.migrations import list_migrations

BYTES_TO_WRITE = 32 << 20
"""What PostgreSQL may ask for at once: a segment of its log, and pages of tables."""

router = APIRouter(prefix="/api", tags=["health"])


class HealthResponse(ResponseBody):
    """This process answers."""

    status: Annotated[Literal["ok"], Field(description="Always `ok`.", examples=["ok"])]


class ReadyResponse(ResponseBody):
    """What this process needs to work, and whether it is there."""

    status: Annotated[
        Literal["ready", "not_ready"],
        Field(description="`ready` when requests can be served.", examples=["ready"]),
    ]
    database: Annotated[
        Literal["ok", "full", "unreachable", "clocks_differ"],
        Field(
            description="`full`: the disk of the embedded server is; balances are read, nothing is booked. "
            "`clocks_differ`: this machine and the database disagree by minutes. Monthly minutes and top-ups wait; "
            "while this machine is ahead, nothing is booked.",
            examples=["ok"],
        ),
    ]
    migrations: Annotated[
        Literal["ok", "missing", "unknown"],
        Field(description="Whether the schema is this version's.", examples=["ok"]),
    ]
    worker_lag_seconds: Annotated[
        float | None,
        Field(
            description="Age of the oldest overdue event or alert; 0 when none waits.",
            examples=[0.0],
        ),
    ]


@router.get("/health", summary="Check that the process answers", **open_to_all())
async def get_health() -> HealthResponse:
    """Answer as soon as the process takes requests."""
    return HealthResponse(status="ok")


_READY = open_to_all()
_READY["responses"][503] = {"model": ReadyResponse, "description": "Not ready."}


@router.get("/ready", summary="Check that the process can work", response_model=ReadyResponse, **_READY)
async def get_ready() -> JSONResponse:
    """Return whether the database and its schema are ready, and how far the worker is behind."""
    try:
        state = await threads.run(_ready)
    except (SQLAlchemyError, LedgerError) as error:
        log_unanswered(error)
        state = _not_ready("unreachable", "unknown")
    return JSONResponse(state.model_dump(mode="json"), 200 if state.status == "ready" else 503)


def _ready() -> ReadyResponse:
    try:
        with reading() as db:
            applied = set(db.execute(query("applied_migrations")).scalars())
            if not applied.issuperset(path.name.split("_")[0] for path in list_migrations()):
                return _not_ready("ok", "missing")
            at = present()
            if abs(clock_difference(db, at)) > CLOCK_TOLERANCE:
                return _not_ready("clocks_differ", "ok")
            lag = db.execute(query("worker_lag"), {"at": at}).scalar_one()
    except ProgrammingError:  # it answers, but has no tables of ours
        return _not_ready("ok", "missing")
    if _no_room():
        return _not_ready("full", "ok")
    return ReadyResponse(status="ready", database="ok", migrations="ok", worker_lag_seconds=float(lag))


def _no_room() -> bool:
    """Return whether the embedded server has no disk left; of another server only its own machine knows."""
    settings = installation.settings()
    if settings.database_url or not settings.data_dir.exists():
        return False
    return shutil.disk_usage(settings.data_dir).free < BYTES_TO_WRITE


def _not_ready(
    database: Literal["ok", "full", "unreachable", "clocks_differ"],
    schema: Literal["ok", "missing", "unknown"],
) -> ReadyResponse:
    return ReadyResponse(status="not_ready", database=database, migrations=schema, worker_lag_seconds=None)
