"""Messages to other programs, signed as in Standard Webhooks: their secrets, and the headers that prove one."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import TYPE_CHECKING

from standardwebhooks import Webhook

if TYPE_CHECKING:
    from datetime import datetime


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
