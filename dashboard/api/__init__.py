"""The HTTP interface of the ledger: `app` runs alone (`uvicorn dashboard.api:app`) or mounted at /api.

Its paths begin with /api in both cases, so that the OpenAPI document is right wherever it is served.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.api import (
    balance,
    docs,
    document,
    health,
    hold_outs,
    metrics,
    purchases,
    usage,
    webhooks,
    workspaces,
)
from dashboard.api.limits import BodyLimits
from dashboard.installation import close
from dashboard.server.problems import OURS, Problem, answer, of_code, of_status, sentence
from ledger.database import disk_is_full
from ledger.errors import LedgerError

log = logging.getLogger("dashboard.api")
MOUNT = "/api"


class WholePaths:
    """Undoes the mount: routes are written with their whole path, wherever the application sits."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the mount's part of the path back to the routes."""
        if scope.get("root_path", "").endswith(MOUNT):
            scope = {**scope, "root_path": scope["root_path"].removesuffix(MOUNT)}
        await self.app(scope, receive, send)


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Close the connections in the end. Not run when mounted; then the dashboard closes its own."""
    yield
    close()


async def _http(request: Request, error: Exception) -> Response:
    if isinstance(error, Problem):
        return answer(error)
    assert isinstance(error, HTTPException)  # noqa: S101 - tells the type checker
    problem = of_status(error)
    if problem.status_code == 405:  # noqa: PLR2004
        problem.headers = {"Allow": document.allowed_methods(request)}
    return answer(problem)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - tells the type checker
    return answer(Problem("invalid_request", sentence(list(error.errors()))))


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, LedgerError)  # noqa: S101 - tells the type checker
    problem = of_code(error.code, str(error))
    if problem.code == "internal":
        log.error("an error without a place in the table of problems", exc_info=error)
    return answer(problem)


async def _unavailable(_request: Request, error: Exception) -> Response:
    if disk_is_full(error):
        log.error("the disk of the database is full")
        detail = (
            "The disk of the ledger is full. Nothing of this was booked: send it again with the same key."
        )
    else:
        log.error("the database did not answer", exc_info=error)
        detail = "The ledger cannot be reached. What was asked may have been done: send it again with the same key."
    return answer(Problem("unavailable", detail, headers={"Retry-After": "2"}))


async def _failed(request: Request, error: Exception) -> Response:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return await _unavailable(request, error)
    log.error("a request failed", exc_info=error)
    return answer(Problem("internal", OURS))


def _name(route: APIRoute) -> str:
    """Name a route in the document: usage-track-minute."""
    return f"{route.tags[0] if route.tags else 'docs'}-{route.name}".replace(" ", "-").replace("_", "-")


def _build() -> FastAPI:
    built = FastAPI(
        title="Minutes ledger",
        version="1",
        lifespan=_lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_name,
        exception_handlers={
            HTTPException: _http,
            RequestValidationError: _invalid,
            LedgerError: _refused,
            OperationalError: _unavailable,
            PoolTimeoutError: _unavailable,
            Exception: _failed,
        },
    )
    for room in (usage, workspaces, balance, purchases, hold_outs, metrics, webhooks, health, docs):
        built.include_router(room.router)
    built.add_middleware(BodyLimits)
    built.add_middleware(WholePaths)
    return built


app = _build()
