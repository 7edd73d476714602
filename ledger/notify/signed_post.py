"""The signed HTTP POST (Standard Webhooks) behind every outgoing message."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from standardwebhooks import Webhook
from urllib3.exceptions import HTTPError

from ledger.validation import strip_invalid_chars

if TYPE_CHECKING:
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

    def ended(status: int | None, answer: str, error: str | None) -> Attempt:
        taken = int(1000 * (time.monotonic() - started))
        return Attempt(status=status, answer=answer, error=error, milliseconds=taken)

    try:
        with requests.post(
            url,
            data=body.encode(),
            headers=signed_headers(secret, message_id, body, at=at),
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            allow_redirects=False,
            stream=True,  # an endless or slow response is never read to its end
        ) as response:
            status, delivered = response.status_code, response.status_code in range(200, 300)
            answer = _beginning(response, started + ANSWER_SECONDS)
            return ended(
                status, strip_invalid_chars(answer), None if delivered else f"the receiver answered {status}"
            )
    except requests.RequestException as error:
        return ended(None, "", f"the receiver was not reached: {type(error).__name__}")


def _beginning(response: requests.Response, until: float) -> str:
    """Return the first bytes of an answer that arrive by `until`. A connection that breaks off changes nothing."""
    parts, missing = [], ANSWER_BYTES
    with suppress(HTTPError, OSError):
        while missing > 0 and time.monotonic() < until and (part := response.raw.read1(missing, True)):
            parts.append(part)
            missing -= len(part)
    return b"".join(parts)[:ANSWER_BYTES].decode(errors="replace")
