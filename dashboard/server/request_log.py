"""One line of the log for each request that the HTTP interface does not log: screens, sign-in, early refusals."""

import secrets
import time
from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.server.envelope import UNKNOWN_ROUTE, callers_id
from ledger.logs import log_request, request_id

OWN_ADDRESSES = ("_stcore", "static", "api", "metrics", "oauth2callback", "auth", "media")


class ScreenRequests:
    """Log each answered request with its id and the name of its page, never its address, which may name people."""

    def __init__(self, app: ASGIApp, *, pages: Collection[str]) -> None:
        """`pages`: the addresses of the pages, without slashes."""
        self.app = app
        self.known = {"", *pages, *OWN_ADDRESSES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; log it in the end unless the HTTP interface did."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        name = (callers_id(scope) or f"req_{secrets.token_hex(12)}".encode()).decode()
        first = scope["path"].strip("/").partition("/")[0]
        token, started, status = request_id.set(name), time.perf_counter(), 500

        async def watch(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            request_id.reset(token)
            if "route" not in state:
                log_request(
                    name,
                    method=scope["method"],
                    route=f"/{first}" if first in self.known else UNKNOWN_ROUTE,
                    status=status,
                    seconds=time.perf_counter() - started,
                )
