"""Where warnings are sent, and the secret they are signed with."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.database import query
from ledger.errors import LedgerError
from ledger.notify.signed_post import may_be_sent_to, new_secret
from ledger.validation import require_business_time, require_text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

SECRET_BYTES = range(24, 65)
"""How many bytes a secret may have (Standard Webhooks)."""


class InvalidEndpoint(LedgerError):
    """Warnings go to an https address (http only on this machine), signed with a secret like whsec_... ."""

    code = "invalid_endpoint"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where warnings are sent, and the secret the receiver checks them with.

    `sends_plan_exhausted`: also when extra minutes take over. Addresses older than that kind must ask for it.
    """

    url: str
    secret: str = field(repr=False)
    enabled: bool
    sends_plan_exhausted: bool
    changed_at: datetime
    changed_by: str


def get_endpoint(db: Connection) -> Endpoint | None:
    """Give the address of warnings, or None when none was ever set."""
    row = db.execute(query("warning_endpoint")).mappings().one_or_none()
    return Endpoint(**row) if row else None


def set_endpoint(
    db: Connection,
    url: str,
    *,
    actor: str,
    at: datetime,
    secret: str | None = None,
    enabled: bool = True,
    sends_plan_exhausted: bool | None = None,
) -> Endpoint:
    """Say where warnings go. `secret` None: keep the one there is, else make one. Raises InvalidEndpoint.

    `sends_plan_exhausted` None: keep what there is; the first address gets every warning.

    What was crossed while nobody listened is not sent later; each can be replayed.
    """
    before = get_endpoint(db)
    secret = secret or (before.secret if before else new_secret())
    if sends_plan_exhausted is None:
        sends_plan_exhausted = before.sends_plan_exhausted if before else True
    after = Endpoint(
        url=_checked_url(url),
        secret=_checked_secret(secret),
        enabled=enabled,
        sends_plan_exhausted=sends_plan_exhausted,
        changed_at=require_business_time(at),
        changed_by=require_text(actor, "actor"),
    )
    if enabled and not (before and before.enabled):
        db.execute(query("usage_alerts_skip"), {"at": after.changed_at})
    bind = {
        "url": after.url,
        "secret": after.secret,
        "enabled": enabled,
        "sends_plan_exhausted": sends_plan_exhausted,
        "at": after.changed_at,
        "actor": actor,
    }
    db.execute(query("warning_endpoint_save"), bind)
    return after


def _checked_url(url: str) -> str:
    if not may_be_sent_to(url):
        raise InvalidEndpoint(repr(url)[:100])
    return url


def _checked_secret(secret: str) -> str:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError as error:
        raise InvalidEndpoint("The secret is not base64.") from error
    if not secret.startswith("whsec_") or len(key) not in SECRET_BYTES:
        raise InvalidEndpoint("The secret needs 24 to 64 bytes.")
    return secret
