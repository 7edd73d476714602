"""Who is calling: keys are looked up, cached for a moment, and checked before a body is read."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from dashboard.api.bodies import JsonRequest
from dashboard.api.queries import check_once, check_query, parameters
from dashboard.api.responses import SCHEME
from dashboard.clock import present
from dashboard.installation import reading, write
from dashboard.server.problems import Problem
from dashboard.server.threads import threads
from ledger.desk import keys

REMEMBERED_SECONDS = 2.0
"""A revoked key stops working in every process after at most this long."""
REMEMBERED_KEYS = 10_000
NOTED_EVERY = timedelta(minutes=1)
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


known_keys = KnownKeys(_find)


async def authenticate(request: Request, scopes: tuple[str, ...]) -> keys.ApiKey:
    """Return the key of a request; any of `scopes` is enough.

    Raise Problem: unauthenticated, missing_scope, rate_limited.
    """
    scheme, _, text = (request.headers.get("authorization") or "").partition(" ")
    parts = keys.split_key(text.strip()) if scheme.lower() == "bearer" else None
    if parts is None:
        detail = "Authorization: send 'Bearer' and a key made in the dashboard or by `api-key create`."
        raise Problem("unauthenticated", detail, headers=_CHALLENGE)
    key = await known_keys.get(parts[0])
    if key is None or not key.opens_with(parts[1]):
        raise Problem("unauthenticated", "Authorization: this key is unknown or revoked.", headers=_CHALLENGE)
    if not set(scopes) & set(key.scopes):
        raise Problem("missing_scope", f"The key '{key.name}' does not have the scope {' or '.join(scopes)}.")
    at = present()
    if key.requests_per_minute is not None:
        await _limit(request, key, at)
    if known_keys.due(key, at):
        await threads.run(_note, key.key_id, at)
    return key


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
            return await handle(JsonRequest(request.scope, request.receive))

        return guarded


def actor(request: Request) -> str:
    """Return the caller's name as it is written into the ledger."""
    return f"key:{request.state.key.key_id}"


def sees_customers(request: Request) -> bool:
    """Return whether the caller may read names and e-mail addresses."""
    return "customers:read" in request.state.key.scopes
