"""What every request and answer of the HTTP interface has in common: paths, request ids, HEAD, headers."""

import re
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.server.counting import requests
from ledger.logs import log_request, request_id

MOUNT = "/api"
UNKNOWN_ROUTE = "unknown"
VERSIONED = "/api/v1"
REQUEST_ID = b"request-id"
_CALLERS_ID = re.compile(rb"[A-Za-z0-9_.:-]{1,128}")


class RestoreMountPrefix:
    """Undo the mount and the version: routes are written with their whole path, wherever the application sits."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under the path that routes know: `/api/v1/x` is `/api/x`."""
        if scope["type"] == "http":
            scope = {**scope, "root_path": scope.get("root_path", "").removesuffix(MOUNT)}
            if scope["path"] == VERSIONED or scope["path"].startswith(f"{VERSIONED}/"):
                scope["path"] = MOUNT + scope["path"].removeprefix(VERSIONED)
        try:
            await self.app(scope, receive, send)
        finally:
            scope.get("state", {})["route"] = getattr(scope.get("route"), "path", UNKNOWN_ROUTE)


class Envelope:
    """Add `Request-Id`, `Cache-Control` and limits to every answer, and answer HEAD wherever GET is answered."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the headers of its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        name = callers_id(scope) or f"req_{secrets.token_hex(12)}".encode()
        token = request_id.set(name.decode())
        state = scope.setdefault("state", {})
        without_body = scope["method"] == "HEAD"
        if without_body:
            scope = {**scope, "method": "GET"}

        started, method, status = time.perf_counter(), "HEAD" if without_body else scope["method"], 500

        async def complete(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                requests.count(status, time.perf_counter() - started)
                headers = list(message["headers"])
                if not any(header == b"cache-control" for header, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                message["headers"] = [*headers, (REQUEST_ID, name), *state.get("limit_headers", ())]
            elif without_body:
                message = {**message, "body": b""}
            await send(message)

        try:
            await self.app(scope, receive, complete)
        finally:
            request_id.reset(token)
            log_request(
                name.decode(),
                method=method,
                route=state.get("route", UNKNOWN_ROUTE),
                status=status,
                seconds=time.perf_counter() - started,
            )


def callers_id(scope: Scope) -> bytes | None:
    """Return the id that the caller gave the request, or None when there is none that can be used."""
    for name, value in scope["headers"]:
        if name == REQUEST_ID and _CALLERS_ID.fullmatch(value):
            return bytes(value)
    return None
