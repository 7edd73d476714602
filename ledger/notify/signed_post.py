"""The signed HTTP POST (Standard Webhooks) behind every outgoing message."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from standardwebhooks import Webhook

from ledger.validation import strip_invalid_chars

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping, Sequence
    from datetime import datetime


CONNECT_SECONDS = 5
ANSWER_SECONDS = 10
ANSWER_BYTES = 1000
_URL = re.compile(r"[\x21-\x7e]{8,2000}")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def may_be_sent_to(url: str) -> bool:
    """Return whether messages may go to an address: https, or http on this machine, without a password in it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    return bool(safe and host and port != 0 and not parts.username and _URL.fullmatch(url))


def new_secret() -> str:
    """Return a new signing secret in the form that Standard Webhooks libraries expect."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def message_id(*names: object) -> str:
    """Return a message id, identical for every attempt so receivers can drop repeats."""
    name = "\n".join(map(str, names))
    return f"msg_{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def utc(value: datetime) -> str:
    """Return a time as every answer and every event writes it: `2026-03-01T12:00:00Z`."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def message_body(kind: str, timestamp: datetime, data: Mapping[str, Any]) -> str:
    """Return the body of a message: its type, when it was written, and its data."""
    message = {"type": kind, "timestamp": utc(timestamp), "data": dict(data)}
    return json.dumps(message, separators=(",", ":"))


def signed_headers(
    secret: str | Sequence[str] | None, message_id: str, body: str, *, at: datetime
) -> dict[str, str]:
    """Return the headers of one attempt at `at`, with one signature per secret; none without a secret.

    Two secrets overlap during a rotation: either verifies the message.
    """
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "minutes-ledger",
        "Accept-Encoding": "identity",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
    }
    every = [secret] if isinstance(secret, str) else list(secret or ())
    if every:
        headers["webhook-signature"] = " ".join(Webhook(each).sign(message_id, at, body) for each in every)
    return headers


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One delivery attempt: the receiver's response, or why it was unreachable. `error` None: delivered."""

    status: int | None
    answer: str
    error: str | None
    milliseconds: int


def post_signed(
    url: str, body: str, *, message_id: str, secret: str | Sequence[str] | None, at: datetime
) -> str | None:
    """Post a message once. Return None for a 2xx response, otherwise the reason."""
    return attempt_post(url, body, message_id=message_id, secret=secret, at=at).error


def attempt_post(
    url: str, body: str, *, message_id: str, secret: str | Sequence[str] | None, at: datetime
) -> Attempt:
    """Post a message once and return the result.

    A redirect is a failure and never followed: a signed message goes only to the configured address.
    """
    started = time.monotonic()
    status, answer, error = asyncio.run(
        _exchange(url, body.encode(), signed_headers(secret, message_id, body, at=at))
    )
    taken = int(1000 * (time.monotonic() - started))
    text = strip_invalid_chars(answer.decode(errors="replace"))
    return Attempt(status=status, answer=text, error=error, milliseconds=taken)


async def _exchange(url: str, body: bytes, headers: dict[str, str]) -> tuple[int | None, bytes, str | None]:
    """Return status, first bytes of the answer, and the error. All of it has one time limit.

    Limits of single reads do not end a receiver that sends its head byte by byte. Once the status is there, the rest
    of the answer decides nothing.
    """
    status, answer = None, b""
    try:
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            httpx.AsyncClient(timeout=httpx.Timeout(None, connect=CONNECT_SECONDS), verify=_tls()) as client,
            client.stream("POST", url, content=body, headers=headers) as response,
        ):
            status = response.status_code
            async for part in response.aiter_raw():
                answer = (answer + part)[:ANSWER_BYTES]
                if len(answer) == ANSWER_BYTES:
                    break
    except TimeoutError:
        if status is None:
            return None, b"", f"the receiver did not answer within {ANSWER_SECONDS} seconds"
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        if status is None:
            return None, b"", f"the receiver was not reached: {type(error).__name__}"
    return status, answer, None if status in range(200, 300) else f"the receiver answered {status}"


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()
