"""Messages to other programs, signed as in Standard Webhooks: where they may go, their secrets, what proves one."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from standardwebhooks import Webhook

if TYPE_CHECKING:
    from datetime import datetime


_URL = re.compile(r"[\x21-\x7e]{8,2000}")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def may_be_sent_to(url: str) -> bool:
    """Tell whether messages may go to an address: https, http on this machine only, and no password in it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    return bool(safe and host and port != 0 and not parts.username and _URL.fullmatch(url))


def new_secret() -> str:
    """Make a secret of the form that Standard Webhooks libraries take."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def message_id(*names: object) -> str:
    """Give the id of a message: the same for every attempt, so that receivers can drop repeats."""
    name = "\n".join(map(str, names))
    return f"msg_{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def signed_headers(secret: str | None, message_id: str, body: str, *, at: datetime) -> dict[str, str]:
    """Give the headers of one attempt at `at`; without a secret all but the signature."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "minutes-ledger",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
    }
    if secret:
        headers["webhook-signature"] = Webhook(secret).sign(message_id, at, body)
    return headers
