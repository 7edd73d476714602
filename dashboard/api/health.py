"""Whether we are alive, and whether we can work."""

import logging
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError
from starlette.responses import JSONResponse

from dashboard.api.fields import Told
from dashboard.api.responses import problems
from dashboard.api.state import reading
from dashboard.api.threads import threads
from dashboard.clock import present
from ledger.database import migrations, query
from ledger.errors import LedgerError

log = logging.getLogger("dashboard.api")
router = APIRouter(prefix="/api", tags=["health"])


class Alive(Told):
    """This process answers."""

    status: Literal["ok"]


class Ready(Told):
    """What this process needs to work, and whether it is there."""

    status: Literal["ready", "not_ready"]
    database: Literal["ok", "unreachable"]
    migrations: Annotated[
        Literal["ok", "missing", "unknown"], Field(description="Whether the schema is this version's.")
    ]
    worker_lag_seconds: Annotated[
        float | None,
        Field(description="Age of the oldest event or warning that waits though it is due; 0: none waits."),
    ]


@router.get("/health", summary="Alive?")
async def health() -> Alive:
    """Answer as soon as the process takes requests."""
    return Alive(status="ok")


@router.get(
    "/ready",
    summary="Able to work?",
    responses={**problems(keyed=False), 503: {"model": Ready, "description": "Not ready"}},
)
async def ready() -> JSONResponse:
    """Tell whether database and schema are there, and how far the worker is behind."""
    found = await threads.run(_ready)
    return JSONResponse(found.model_dump(mode="json"), 200 if found.status == "ready" else 503)


def _ready() -> Ready:
    try:
        with reading() as db:
            applied = set(db.execute(query("applied_migrations")).scalars())
            if not applied.issuperset(path.name.split("_")[0] for path in migrations()):
                return _not_ready("ok", "missing")
            lag = db.execute(query("worker_lag"), {"at": present()}).scalar_one()
    except ProgrammingError:  # it answers, but has no tables of ours
        return _not_ready("ok", "missing")
    except (SQLAlchemyError, LedgerError):
        log.exception("the database does not answer")
        return _not_ready("unreachable", "unknown")
    return Ready(status="ready", database="ok", migrations="ok", worker_lag_seconds=float(lag))


def _not_ready(database: Literal["ok", "unreachable"], schema: Literal["missing", "unknown"]) -> Ready:
    return Ready(status="not_ready", database=database, migrations=schema, worker_lag_seconds=None)
