"""What a body may be: not too large, not compressed, not too slow. Decided while it streams in."""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.server.problems import Problem, answer

MAX_BODY = 8 * 1024 * 1024
MAX_WEBHOOK_BODY = 256 * 1024
WEBHOOKS = "/api/webhooks/"
SECONDS = 30.0
"""A body that has not arrived whole by then is given up."""
LINGER_SECONDS = 5.0
LINGER_BODIES = 4
"""Of a refused body so much more is read and dropped: a client that sends all of it before it looks gets the answer."""


class BodyLimits:
    """Refuse large bodies: by their headers where possible, else as soon as one byte too many arrives."""

    def __init__(self, app: ASGIApp, *, seconds: float = SECONDS) -> None:
        """`seconds`: how long a body may take to arrive."""
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a body that cannot exceed its limits."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = MAX_WEBHOOK_BODY if scope["path"].startswith(WEBHOOKS) else MAX_BODY
        try:
            _check_headers(dict(scope["headers"]), most)
        except Problem as problem:
            await answer(problem)(scope, receive, _left_open(send))
            await _drop(receive, LINGER_BODIES * most, min(LINGER_SECONDS, self.seconds))
            await send({"type": "http.response.body", "body": b""})
            return
        await self.app(scope, _limited(receive, most, self.seconds), send)


def _left_open(send: Send) -> Send:
    """Send an answer whole, but leave the exchange open: closed over unread bytes, it would take the answer with it."""

    async def send_open(message: Message) -> None:
        await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

    return send_open


async def _drop(receive: Receive, most: int, seconds: float) -> None:
    """Read and forget what a refused client still sends, within bounds."""
    dropped = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while dropped < most:
                message = await receive()
                if not message.get("more_body", False):
                    return
                dropped += len(message["body"])


def _check_headers(headers: dict[bytes, bytes], most: int) -> None:
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if encoding not in {b"", b"identity"}:
        raise Problem("unsupported_encoding", "Content-Encoding: send the body as it is, not compressed.")
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length) > most:
        raise _too_large(most)


def _limited(receive: Receive, most: int, seconds: float) -> Receive:
    taken = 0
    whole = False
    until: float | None = None

    async def next_part() -> Message:
        nonlocal taken, until, whole
        if whole:  # what comes now is only news of the connection
            return await receive()
        until = until or asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            detail = f"The body did not arrive within {seconds:g} seconds."
            raise Problem("slow_request", detail, headers={"Connection": "close"}) from None
        taken += len(message.get("body", b""))
        if taken > most:
            raise _too_large(most)
        whole = not message.get("more_body", False)
        return message

    return next_part


def _too_large(most: int) -> Problem:
    detail = f"The body may have at most {most:,} bytes."
    return Problem("body_too_large", detail, headers={"Connection": "close"})
