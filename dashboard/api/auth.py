"""Authentication of callers: keys are looked up, cached for a moment, and checked before a body is read."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from fastapi.routing import APIRoute
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from dashboard.api.bodies import JsonRequest
from dashboard.api.own_workspace import require_own_workspace
from dashboard.api.queries import check_once, check_query, parameters
from dashboard.api.responses import SCHEME
from dashboard.clock import present
from dashboard.installation import reading, write
from dashboard.server.problems import Problem
from dashboard.server.threads import threads
from dashboard.server.wrong_keys import WRONG_PER_MINUTE, WrongKeys
from ledger.desk import audit, keys

REMEMBERED_SECONDS = 2.0
"""A revoked key stops working in every process after at most this long."""
REMEMBERED_KEYS = 10_000
NOTED_EVERY = timedelta(minutes=1)
log = logging.getLogger("dashboard.api")
_CHALLENGE = {"WWW-Authenticate": "Bearer"}


class KnownKeys:
    """Keys as the database had them a moment ago; unknown ids too, so that guessing stays cheap."""

    def __init__(
        self, find: Callable[[str], keys.ApiKey | None], *, seconds: float = REMEMBERED_SECONDS
    ) -> None:
        """`find` asks the database; it runs in a thread."""
        self._find = find
        self._seconds = seconds
        self._known: dict[str, tuple[float, keys.ApiKey | None]] = {}
        self._noted: dict[str, datetime] = {}

    async def get(self, key_id: str) -> keys.ApiKey | None:
        """Return the key of this id, or None."""
        until, key = self._known.get(key_id, (0.0, None))
        if asyncio.get_running_loop().time() < until:
            return key
        key = await threads.run(self._find, key_id)
        if len(self._known) >= REMEMBERED_KEYS:
            self._known.clear()
        self._known[key_id] = (asyncio.get_running_loop().time() + self._seconds, key)
        return key

    def forget(self) -> None:
        """Forget every key: the next look-up of each asks the database."""
        self._known.clear()
        self._noted.clear()

    def due(self, key: keys.ApiKey, at: datetime) -> bool:
        """Whether to record the use of a key at `at`: at most once a minute."""
        last = max(filter(None, (key.last_used_at, self._noted.get(key.key_id))), default=None)
        if last is not None and at - last < NOTED_EVERY:
            return False
        self._noted[key.key_id] = at
        return True


def _find(key_id: str) -> keys.ApiKey | None:
    with reading() as db:
        return keys.find_key(db, key_id)


def _note(key_id: str, at: datetime) -> None:
    write(lambda db: keys.note_use(db, key_id, at=at))


def _count(key: keys.ApiKey, at: datetime) -> keys.Window | None:
    return write(lambda db: keys.count_request(db, key, at=at))


def _record_wrong(address: str, at: datetime) -> None:
    def work(db: Connection) -> None:
        audit.record(
            db,
            actor=address,
            role="stranger",
            action="wrong_api_keys",
            at=at,
            request_id=f"wrong keys {address} {at.isoformat()}",
            reason=f"{WRONG_PER_MINUTE} wrong API keys within a minute; more are refused until it is over",
        )

    write(work)


known_keys = KnownKeys(_find)
wrong_keys = WrongKeys()


async def authenticate(request: Request, scopes: tuple[str, ...]) -> keys.ApiKey:
    """Return the key of a request; any of `scopes` is enough.

    Raise Problem: unauthenticated, missing_scope, rate_limited.
    """
    scheme, _, text = (request.headers.get("authorization") or "").partition(" ")
    parts = keys.split_key(text.strip()) if scheme.lower() == "bearer" else None
    if parts is None:
        detail = "Authorization: send 'Bearer' and a key made in the dashboard or by `api-key create`."
        raise Problem("unauthenticated", detail, headers=_CHALLENGE)
    at = present()
    key = await _opened(request.client.host if request.client else "unknown", *parts, at)
    if not set(scopes) & set(key.scopes):
        raise Problem("missing_scope", f"The key '{key.name}' does not have the scope {' or '.join(scopes)}.")
    if key.requests_per_minute is not None:
        await _limit(request, key, at)
    if known_keys.due(key, at):
        await threads.run(_note, key.key_id, at)
    return key


async def _opened(address: str, key_id: str, secret: str, at: datetime) -> keys.ApiKey:
    """Return the key that this secret opens at `at`. Raise Problem: unauthenticated, rate_limited."""
    if seconds := wrong_keys.wait_seconds(address, key_id):
        detail = "Too many wrong keys came from this address."
        raise Problem("rate_limited", detail, headers={"Retry-After": str(seconds)})
    key = await known_keys.get(key_id)
    if key is not None and key.opens_with(secret) and key.state_at(at) == "active":
        wrong_keys.note_right(key_id)
        return key
    log.warning("a wrong API key came from %s", address)
    if wrong_keys.note_wrong(address):
        await threads.run(_record_wrong, address, at)
    raise Problem(
        "unauthenticated", "Authorization: this key is unknown, expired or revoked.", headers=_CHALLENGE
    )


async def _limit(request: Request, key: keys.ApiKey, at: datetime) -> None:
    """Count the request, and let its answer say what is left. Raise Problem: rate_limited."""
    window = await threads.run(_count, key, at)
    if window is None:
        return
    values = {"limit": key.requests_per_minute, "remaining": window.remaining, "reset": window.seconds_left}
    request.scope["state"]["limit_headers"] = [
        (f"ratelimit-{name}".encode(), str(value).encode()) for name, value in values.items()
    ]
    if window.refused:
        detail = f"The key '{key.name}' may make {key.requests_per_minute} requests a minute."
        raise Problem("rate_limited", detail, headers={"Retry-After": str(window.seconds_left)})


class GuardedRoute(APIRoute):
    """A route that checks the key before anything else is read, and reads queries and bodies strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with the check in front of it."""
        handle = super().get_route_handler()
        security = (self.openapi_extra or {}).get("security", [])
        scopes = tuple(scope for needed in security for scope in needed[SCHEME])
        documented = parameters(self)

        async def guarded(request: Request) -> Response:
            if scopes:
                request.state.key = await authenticate(request, scopes)
            check_query(request.query_params, documented)
            check_once(request.headers, "idempotency-key")
            read = JsonRequest(request.scope, request.receive)
            if scopes and request.state.key.workspace_id is not None:
                await require_own_workspace(read, request.state.key.workspace_id)
            return await handle(read)

        return guarded


def actor(request: Request) -> str:
    """Return the caller's name as it is written into the ledger."""
    return f"key:{request.state.key.key_id}"


def sees_customers(request: Request) -> bool:
    """Return whether the caller may read names and e-mail addresses."""
    return "customers:read" in request.state.key.scopes
