"""Addresses of the customer's own page: short-lived, for one workspace, and only their hashes are stored."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Connection

from ledger.database import query
from ledger.errors import InvalidText
from ledger.payments.errors import UnknownPortalLink
from ledger.payments.purchases import source_of
from ledger.validation import require_business_time, require_text

LIFETIME = timedelta(hours=1)
CONFIRMATION_LIFETIME = timedelta(days=3)
"""Of an address that is sent to a customer who is away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalLink:
    """One address: the workspace it shows, where its "Back" leads, and until when it opens."""

    workspace_id: str
    return_url: str | None
    read_only: bool
    expires_at: datetime


def open_portal(
    db: Connection,
    workspace_id: str,
    *,
    return_url: str | None = None,
    read_only: bool = False,
    lifetime: timedelta = LIFETIME,
    actor: str,
    at: datetime,
) -> tuple[str, PortalLink]:
    """Return a new token and what it opens; expired addresses are forgotten.

    Raise UnknownWorkspace, InvalidText (a return address that is not http or https).
    """
    at = require_business_time(at)
    source_of(db, workspace_id)
    if return_url is not None and not _is_web_address(require_text(return_url, "return_url", at_most=2000)):
        raise InvalidText("return_url: an address that begins with https:// or http:// is needed.")
    link = PortalLink(
        workspace_id=workspace_id, return_url=return_url, read_only=read_only, expires_at=at + lifetime
    )
    token = secrets.token_urlsafe(32)
    row: dict[str, object] = {
        "token_sha256": _digest(token),
        "workspace_id": workspace_id,
        "return_url": return_url,
    }
    row |= {"read_only": read_only, "actor": actor, "at": at, "expires_at": link.expires_at}
    db.execute(query("portal_links_purge"), {"at": at})
    db.execute(query("portal_link_add"), row)
    return token, link


def confirmation_url(
    db: Connection, workspace_id: str, public_url: str | None, *, actor: str, at: datetime
) -> str | None:
    """Return an address of the customer's page to send to a customer; None without PUBLIC_URL."""
    if public_url is None:
        return None
    token, _ = open_portal(db, workspace_id, lifetime=CONFIRMATION_LIFETIME, actor=actor, at=at)
    return f"{public_url}/api/portal/{token}"


def portal_link(db: Connection, token: str, *, at: datetime) -> PortalLink:
    """Return what a token opens. Raise UnknownPortalLink when it never existed or has expired."""
    row = (
        db.execute(query("portal_link"), {"token_sha256": _digest(token), "at": at}).mappings().one_or_none()
    )
    if row is None:
        raise UnknownPortalLink
    return PortalLink(**row)


def _is_web_address(text: str) -> bool:
    address = urlsplit(text)
    return address.scheme in ("https", "http") and bool(address.hostname)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
