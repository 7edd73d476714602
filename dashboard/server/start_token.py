"""The start token: without sign-in only the printed address opens the dashboard, as in Jupyter.

That a request comes from this machine proves nothing: a proxy, another account and every page in the browser do too.
"""

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.server.problems import Problem, answer_in_kind

COOKIE = "start_token"
PARAMETER = "token"
OPEN_FOR_SECONDS = 5.0
"""How long an answer to "is this the demo company alone?" is used again."""
_OPEN = ("/metrics", "/_stcore/health", "/_stcore/script-health-check")
"""Addresses that have a guard of their own, or say only that the process is alive."""


@dataclass(frozen=True)
class Lock:
    """How an installation without sign-in is locked: by the token of the printed address, unless it is open."""

    token: str
    is_open: Callable[[], bool]


def new_token() -> str:
    """Return a token that nobody guesses."""
    return secrets.token_urlsafe(32)


def address(url: str, token: str) -> str:
    """Return the address that opens the dashboard."""
    return f"{url}/?{urlencode({PARAMETER: token})}"


class StartToken:
    """Lets in whoever holds the token: from the printed address once, then by a cookie. `is_open`: everybody may enter.

    The HTTP API, its webhooks and `/metrics` are left to their own keys and signatures.
    """

    def __init__(self, app: ASGIApp, *, token: str, is_open: Callable[[], bool]) -> None:
        self.app = app
        self.token = token
        self.is_open = is_open
        self.checked_at = -OPEN_FOR_SECONDS
        self.was_open = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, keep the token as a cookie, or refuse."""
        if scope["type"] == "lifespan" or self._needs_none(scope["path"]) or self._has_cookie(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "http" and self._has_parameter(scope):
            await self._redirect(scope)(scope, receive, send)
        elif await self._open():
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "the start token is missing"})
        else:
            await answer_in_kind(scope, _refusal())(scope, receive, send)

    def _needs_none(self, path: str) -> bool:
        return path == "/api" or path.startswith("/api/") or path in _OPEN

    def _has_cookie(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name.lower() == b"cookie"]
        return any(self._is_token(value) for text in given for value in _cookies(text.decode("latin-1")))

    def _has_parameter(self, scope: Scope) -> bool:
        return any(name == PARAMETER and self._is_token(value) for name, value in _query(scope))

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self.token.encode())

    def _redirect(self, scope: Scope) -> Response:
        """Return a redirect to the same page without the token, which a cookie carries from now on."""
        rest = urlencode([pair for pair in _query(scope) if pair[0] != PARAMETER])
        path = "/" + scope["path"].lstrip("/\\")
        answer = RedirectResponse(quote(path) + (f"?{rest}" if rest else ""), status_code=303)
        answer.set_cookie(COOKIE, self.token, httponly=True, samesite="lax", path="/")
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    async def _open(self) -> bool:
        if time.monotonic() - self.checked_at >= OPEN_FOR_SECONDS:
            self.was_open = await run_in_threadpool(self.is_open)
            self.checked_at = time.monotonic()
        return self.was_open


def _cookies(text: str) -> list[str]:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(text)
    except CookieError:
        return []
    return [jar[COOKIE].value] if COOKIE in jar else []


def _query(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)


def _refusal() -> Problem:
    return Problem(
        "start_token_missing",
        "Open the address that was printed when the dashboard started: it ends with ?token=...\n"
        "Without sign-in the token is the only key. To let people sign in instead, see "
        "streamlit_config/secrets.example.toml.",
        headers={"Cache-Control": "no-store"},
    )
