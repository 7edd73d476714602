"""The HTTP interface of the ledger: `app` runs alone (`uvicorn dashboard.api:app`) or mounted at /api.

Its paths begin with /api in both cases, so that the OpenAPI document is right wherever it is served.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dashboard.api import (
    balance,
    customer_pages,
    docs,
    document,
    exports,
    grants,
    health,
    hold_outs,
    metrics,
    moving_in,
    offers,
    plans,
    purchases,
    statement,
    stripe_links,
    usage,
    webhook_endpoints,
    webhooks,
    workspaces,
)
from dashboard.api.limits import BodyLimits
from dashboard.installation import close
from dashboard.portal import paying
from dashboard.portal import routes as portal
from dashboard.server.envelope import Envelope, RestoreMountPrefix
from dashboard.server.outages import unavailable
from dashboard.server.problems import OURS, Problem, answer, invalid, of_code, of_status
from ledger.errors import LedgerError
from ledger.logs import configure, request_id
from ledger.settings import load_settings

log = logging.getLogger("dashboard.api")


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Set up the log, and close the connections in the end. Not run when mounted: the dashboard does its own."""
    configure(load_settings().log_format)
    yield
    close()


async def _http(request: Request, error: Exception) -> Response:
    if isinstance(error, Problem):
        return answer(error)
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type checker
    problem = of_status(error)
    if problem.status_code == 405:  # noqa: PLR2004
        problem.headers = {"Allow": document.allowed_methods(request)}
    return answer(problem)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - for the type checker
    return answer(invalid(error.errors()))


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, LedgerError)  # noqa: S101 - for the type checker
    problem = of_code(error.code, str(error))
    if problem.code == "internal":
        log.error("request %s: an error without a problem code", request_id.get(), exc_info=error)
    return answer(problem)


async def _unavailable(_request: Request, error: Exception) -> Response:
    return unavailable(error)


async def _failed(request: Request, error: Exception) -> Response:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return await _unavailable(request, error)
    log.error("request %s failed", request_id.get(), exc_info=error)
    return answer(Problem("internal", OURS))


ROOMS = (
    usage,
    workspaces,
    grants,
    statement,
    plans,
    stripe_links,
    moving_in,
    balance,
    purchases,
    offers,
    customer_pages,
    hold_outs,
    metrics,
    exports,
    webhook_endpoints,
    webhooks,
    health,
    docs,
    portal,
    paying,
)
"""Modules with routes, in the order of the document."""


def _build() -> FastAPI:
    built = FastAPI(
        title="Minutes ledger",
        version="1",
        lifespan=_lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=document.operation_id,
        exception_handlers={
            HTTPException: _http,
            RequestValidationError: _invalid,
            LedgerError: _refused,
            OperationalError: _unavailable,
            PoolTimeoutError: _unavailable,
            Exception: _failed,
        },
    )
    for room in ROOMS:
        built.include_router(room.router)
    built.add_middleware(BodyLimits)
    built.add_middleware(RestoreMountPrefix)
    built.add_middleware(Envelope)
    return built


app = _build()
