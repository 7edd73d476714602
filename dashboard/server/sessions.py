"""Sign-in sessions in front of the screens: a cookie opens nothing once the server has ended its session."""

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import installation
from dashboard.clock import present
from dashboard.server.returning import USER_COOKIE, cookies_of, read_cookies
from ledger.desk import audit, sessions

CALLBACK, SIGN_OUT = "/oauth2callback", "/auth/logout"
STREAM = "/_stcore/stream"
FILES = ("/media/", "/_stcore/upload_file")
"""Downloads and uploads: they need a session themselves, not only a name that is hard to guess."""


def session_id(cookies: dict[str, str]) -> bytes | None:
    """Return the session that the sign-in cookie belongs to."""
    return sessions.session_id_of(cookies, USER_COOKIE)


class SignInSessions:
    """Start a session at sign-in, end it at sign-out, and let no request through on a cookie without one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, without the cookie of a session that does not live."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        path, session = scope["path"], session_id(cookies_of(scope))
        needs_one = path == STREAM or path.startswith(FILES)
        lives = needs_one and session is not None and await run_in_threadpool(_lives, session)
        if path == CALLBACK:
            await self.app(scope, receive, _starting(scope, send))
        elif path == SIGN_OUT and session:
            await run_in_threadpool(_end, session)
            await self.app(scope, receive, send)
        elif path == STREAM and not lives:
            await self.app(_signed_out(scope), receive, send)
        elif path.startswith(FILES) and not lives:
            refusal = PlainTextResponse("Sign in first.\n", 403, headers={"Cache-Control": "no-store"})
            await refusal(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _signed_out(scope: Scope) -> Scope:
    """Return the request without any cookie of a sign-in."""
    rest = {name: value for name, value in cookies_of(scope).items() if not name.startswith(USER_COOKIE)}
    others = [(name, value) for name, value in scope["headers"] if name.lower() != b"cookie"]
    line = "; ".join(f"{name}={value}" for name, value in rest.items())
    return {**scope, "headers": [*others, (b"cookie", line.encode("latin-1"))]}


def _starting(scope: Scope, send: Send) -> Send:
    """Return a `send` that records the session before the browser gets its cookie."""

    async def record(message: Message) -> None:
        if message["type"] == "http.response.start":
            lines = (
                value.decode("latin-1").partition(";")[0]
                for name, value in message["headers"]
                if name.lower() == b"set-cookie"
            )
            await run_in_threadpool(_start, scope, session_id(read_cookies(lines)))
        await send(message)

    return record


def _start(scope: Scope, started: bytes | None) -> None:
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    address, at = (scope.get("client") or ("unknown", 0))[0], present()
    with installation.writing() as db:
        if started:
            sessions.start_session(
                db, started, address=address, browser=headers.get(b"user-agent", ""), at=at
            )
        else:
            _note_failure(db, address)


def _note_failure(db: Connection, address: str) -> None:
    """Record that the identity provider sent somebody back without a sign-in, once a minute for each address."""
    at = present()
    request = f"sign-in {address} {at:%Y-%m-%dT%H:%M}"
    if audit.recorded(db, request, "sign_in_failed") is None:
        audit.record(
            db,
            actor="nobody",
            role="none",
            action="sign_in_failed",
            subject=address,
            at=at,
            request_id=request,
        )


def _end(session: bytes) -> None:
    with installation.writing() as db:
        sessions.end_session(db, session, because="signed_out", at=present())


def _lives(session: bytes) -> bool:
    with installation.reading() as db:
        return sessions.live_session(db, session, at=present()) is not None
