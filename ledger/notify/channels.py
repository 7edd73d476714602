"""Alert channels: each is one entry of CHANNELS, the only list of them."""

from __future__ import annotations

import html
import json
import smtplib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from ledger.errors import InvalidEmail
from ledger.notify.signed_post import may_be_sent_to, message_body, new_secret, post_signed
from ledger.validation import require_email

if TYPE_CHECKING:
    from datetime import datetime

MAIL_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """The mail server: `url` is smtp://user:password@host:port or smtps:// (implicit TLS); None: no e-mail.

    `sender`: the From address; None: minutes@ the server's name. A login is no address, and never shown.
    """

    url: str | None = field(repr=False)
    sender: str | None = None


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One notification, written `at`: a subject, a sentence for people, and the same as data for programs."""

    message_id: str
    type: str
    at: datetime
    subject: str
    text: str
    data: Mapping[str, Any]
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    """PDF files by name, for e-mail."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """The recipient of one notice. `secret` signs webhook messages."""

    address: str
    secret: str | None = field(repr=False, default=None)


class Channel(NamedTuple):
    """One channel for notices.

    `deliver` returns None when the notice arrived, otherwise the reason. `calls_out`: this server
    calls a user-supplied address, so choosing it requires the right to manage API keys. `signs`: it has a
    secret, shown once.
    """

    label: str
    accepts: Callable[[str], bool]
    deliver: Callable[[Notice, Target, MailServer, datetime], str | None]
    calls_out: bool
    signs: bool


def _is_email(address: str) -> bool:
    try:
        require_email(address)
    except InvalidEmail:
        return False
    return True


def _mail(notice: Notice, target: Target, server: MailServer, _at: datetime) -> str | None:
    if server.url is None:
        return "SMTP_URL is not set, so no e-mail can be sent"
    try:
        parts = urlsplit(server.url)
        message = EmailMessage()
        message["Subject"] = " ".join(notice.subject.split())[:200]
        message["From"] = server.sender or f"minutes@{parts.hostname}"
        message["To"] = target.address
        message["Message-ID"] = f"<{notice.message_id}@{parts.hostname}>"
        message.set_content(notice.text)
        for name, content in notice.attachments.items():
            message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
        kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
        with kind(parts.hostname or "localhost", parts.port or 0, timeout=MAIL_SECONDS) as smtp:
            if parts.password:
                if parts.scheme == "smtp":
                    smtp.starttls()
                smtp.login(unquote(parts.username or ""), unquote(parts.password))
            smtp.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return f"the mail server did not accept it: {type(error).__name__}: {error}"[:500]
    return None


def _webhook(notice: Notice, target: Target, _server: MailServer, at: datetime) -> str | None:
    body = message_body(notice.type, notice.at, {**notice.data, "text": notice.text})
    return post_signed(target.address, body, message_id=notice.message_id, secret=target.secret, at=at)


def _slack(notice: Notice, target: Target, _server: MailServer, at: datetime) -> str | None:
    """Send the sentence as Slack's incoming webhooks (and those of Mattermost and Discord's /slack) expect it."""
    shown = html.escape(notice.text, quote=False)
    return post_signed(
        target.address, json.dumps({"text": shown}), message_id=notice.message_id, secret=None, at=at
    )


CHANNELS: Mapping[str, Channel] = {
    "email": Channel("E-mail", _is_email, _mail, calls_out=False, signs=False),
    "webhook": Channel("Webhook", may_be_sent_to, _webhook, calls_out=True, signs=True),
    "slack": Channel("Slack", may_be_sent_to, _slack, calls_out=True, signs=False),
}
"""Channels of all alerts: usage, payments and metrics. Add a channel here."""


def reaches(channel: str, address: str) -> bool:
    """Return whether the channel exists and can send to this address."""
    return channel in CHANNELS and CHANNELS[channel].accepts(address)


def secret_for(channel: str) -> str | None:
    """Return a new signing secret where the channel signs its messages, otherwise None."""
    return new_secret() if CHANNELS[channel].signs else None


def deliver(channel: str, notice: Notice, target: Target, server: MailServer, *, at: datetime) -> str | None:
    """Send a notice at `at`. Return None when it arrived, otherwise the reason."""
    known = CHANNELS.get(channel)
    return known.deliver(notice, target, server, at) if known else f"there is no channel {channel!r}"
