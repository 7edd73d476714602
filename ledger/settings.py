"""The one place that reads the environment.

Settings are read and checked once, at start: later changes do not affect a running process. A
wrong setting raises `SettingsError`: one line that names the variable and never repeats a secret.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import localedata
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

Mode = Literal["sandbox", "stripe_test", "live"]

Receipts = Literal["none", "email", "invoice"]
RECEIPTS: tuple[Receipts, ...] = get_args(Receipts)

LogFormat = Literal["text", "json"]
LOG_FORMATS: tuple[LogFormat, ...] = get_args(LogFormat)

Word = TypeVar("Word", bound=str)

MODE_OF_KEY_PREFIX: Mapping[str, Mode] = {
    "sk_test_": "stripe_test",
    "rk_test_": "stripe_test",
    "sk_live_": "live",
    "rk_live_": "live",
}
DEFAULT_LOCALE = "en_US"
LOCALE = re.compile(r"[a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?")
POSTGRESQL_DRIVERS = ("postgresql", "postgres", "postgresql+psycopg")
DIFFERENT_CHARACTERS = 8
SECRETS_AT_MOST = 2  # the current secret and its replacement


class SettingsError(Exception):
    """A setting is wrong; the text names the variable."""


class Secret(str):
    """Text hidden in its repr, and so in logs of settings and in tracebacks."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return asterisks for any value."""
        return "'***'"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The operator's settings; `None` means not set."""

    database_url: Secret | None = None
    """URL of a PostgreSQL server, in SQLAlchemy's form; `None`: the embedded server in `data_dir`."""
    database_url_owner: Secret | None = None
    """URL of the database's owner, who migrates and backs up; `None`: `database_url` serves for both."""
    database_url_read: Secret | None = None
    """URL of a database replica for the screens' reads; `None`: they read the database itself."""
    data_dir: Path
    stripe_api_key: Secret | None = None
    stripe_webhook_secrets: tuple[Secret, ...] = ()
    report_timezone: str = "UTC"
    """Time zone of days and months in reports."""
    report_locale: str = DEFAULT_LOCALE
    """Locale of numbers, money and dates in reports."""
    public_url: str | None = None
    """External URL of the dashboard, without a trailing slash."""
    smtp_url: Secret | None = None
    """Mail server of alerts: smtp://user:password@host:port, smtps:// for TLS at once; `None`: no e-mail."""

    mail_from: str | None = None
    """Sender of alerts; `None`: minutes@ the mail server's name."""
    stripe_receipts: Receipts = "none"
    """What Stripe sends for a package: nothing, a receipt by e-mail, or an invoice where its page was used."""
    stripe_automatic_tax: bool = False
    """Whether Stripe's page adds tax to the price of a package."""
    stripe_promotion_codes: bool = False
    """Whether Stripe's page accepts promotion codes for packages."""
    start_token: Secret | None = None
    """Access token of the dashboard's address without sign-in; `None`: a new one at each start."""
    log_format: LogFormat = "text"
    """Form of the log: for a person, or one JSON object a line."""

    @property
    def mode(self) -> Mode:
        """Return the payment mode, which the Stripe key decides."""
        return mode_of(self.stripe_api_key)

    @property
    def report_zone(self) -> ZoneInfo:
        """Return the report time zone for Python's datetimes."""
        return ZoneInfo(self.report_timezone)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the checked settings of `environ`; without it, those of this process, read on the first call.

    An empty variable counts as not set. Raise `SettingsError`.
    """
    return settings_of_process() if environ is None else _settings_from(environ)


@cache
def settings_of_process() -> Settings:
    """Return the settings with which this process started. Raise `SettingsError`."""
    return _settings_from(os.environ)


def _settings_from(environ: Mapping[str, str]) -> Settings:
    given = {name: value.strip() for name, value in environ.items()}
    return Settings(
        database_url=_database_url("DATABASE_URL", given.get("DATABASE_URL")),
        database_url_owner=_database_url("DATABASE_URL_OWNER", given.get("DATABASE_URL_OWNER")),
        database_url_read=_database_url("DATABASE_URL_READ", given.get("DATABASE_URL_READ")),
        data_dir=_data_dir(given.get("DATA_DIR")),
        stripe_api_key=_stripe_api_key(given.get("STRIPE_API_KEY")),
        stripe_webhook_secrets=_webhook_secrets(given.get("STRIPE_WEBHOOK_SECRET")),
        report_timezone=_timezone(given.get("REPORT_TIMEZONE")),
        report_locale=_locale(given.get("REPORT_LOCALE")),
        public_url=_public_url(given.get("PUBLIC_URL")),
        smtp_url=_smtp_url(given.get("SMTP_URL")),
        mail_from=_mail_from(given.get("MAIL_FROM")),
        stripe_receipts=_one_of(RECEIPTS, "STRIPE_RECEIPTS", given.get("STRIPE_RECEIPTS")),
        stripe_automatic_tax=_switch("STRIPE_AUTOMATIC_TAX", given.get("STRIPE_AUTOMATIC_TAX")),
        stripe_promotion_codes=_switch("STRIPE_PROMOTION_CODES", given.get("STRIPE_PROMOTION_CODES")),
        start_token=_start_token(given.get("START_TOKEN")),
        log_format=_one_of(LOG_FORMATS, "LOG_FORMAT", given.get("LOG_FORMAT")),
    )


def mode_of(stripe_api_key: str | None) -> Mode:
    """Return the mode of a Stripe key; no key means the built-in sandbox. Raise `SettingsError`."""
    if not stripe_api_key:
        return "sandbox"
    for prefix, mode in MODE_OF_KEY_PREFIX.items():
        if stripe_api_key.startswith(prefix) and len(stripe_api_key) > len(prefix):
            return mode
    allowed = ", ".join(MODE_OF_KEY_PREFIX)
    msg = f"STRIPE_API_KEY must begin with one of {allowed}; leave it unset for the built-in sandbox"
    raise SettingsError(msg)


def _database_url(name: str, value: str | None) -> Secret | None:
    if not value:
        return None
    form = "postgresql://user:password@host:port/database"
    if value.partition("://")[0] not in POSTGRESQL_DRIVERS:
        raise SettingsError(f"{name} must be a PostgreSQL URL: {form}")
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise SettingsError(
            f"{name} cannot be read; expected {form}"
        ) from None  # the cause would show the password
    if not url.database:
        raise SettingsError(f"{name} names no database; expected {form}")
    return Secret(url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False))


def _data_dir(value: str | None) -> Path:
    try:
        path = Path(value or ".data").expanduser().absolute()
        nearest = next(parent for parent in (path, *path.parents) if parent.exists())
    except (
        OSError,
        RuntimeError,
    ) as error:  # another user's folder, a name that is too long, an unknown ~user
        msg = f"DATA_DIR must be a writable folder; {value or '.data'}: {getattr(error, 'strerror', error)}"
        raise SettingsError(msg) from None
    if not nearest.is_dir():
        msg = f"DATA_DIR must be a folder, but {nearest} is a file"
        raise SettingsError(msg)
    return path


def _stripe_api_key(value: str | None) -> Secret | None:
    mode_of(value)
    return Secret(value) if value else None


def _smtp_url(value: str | None) -> Secret | None:
    if not value:
        return None
    form = "SMTP_URL must be smtp://user:password@host:port, or smtps:// for TLS at once"
    try:
        server = urlsplit(value)
        usable = server.scheme in {"smtp", "smtps"} and bool(server.hostname) and server.port != 0
    except ValueError:  # a port that is not a number or out of range
        usable = False
    if not usable:
        raise SettingsError(form)
    if (server.username is None) != (server.password is None) or server.path.strip("/") or server.query:
        raise SettingsError(f"{form}: a user needs a password, and nothing may follow the port")
    return Secret(value)


def _mail_from(value: str | None) -> str | None:
    if not value:
        return None
    try:
        address = Address(addr_spec=parseaddr(value)[1])
    except (HeaderParseError, ValueError, IndexError):
        address = Address()
    if not address.username or "." not in address.domain:
        raise SettingsError(f"MAIL_FROM must be an address such as minutes@example.com; it is {value!r}")
    return value


def _one_of(words: tuple[Word, ...], name: str, value: str | None) -> Word:
    """Return the word that is chosen, or the first one."""
    for word in words:
        if word == (value or words[0]):
            return word
    raise SettingsError(f"{name} must be one of {', '.join(words)}; it is {value!r}")


def _switch(name: str, value: str | None) -> bool:
    if value not in (None, "", "on", "off"):
        raise SettingsError(f"{name} must be on or off; it is {value!r}")
    return value == "on"


def _locale(value: str | None) -> str:
    name = (value or DEFAULT_LOCALE).replace("-", "_")
    if not LOCALE.fullmatch(name) or not localedata.exists(name):
        raise SettingsError(f"REPORT_LOCALE must be like en_US or de_DE; it is {value!r}")
    return name


def _start_token(value: str | None) -> Secret | None:
    if not value:
        return None
    if not re.fullmatch(r"[A-Za-z0-9_-]{32,200}", value) or len(set(value)) < DIFFERENT_CHARACTERS:
        msg = "START_TOKEN must be at least 32 random characters of A-Z a-z 0-9 _ -"
        raise SettingsError(msg)
    return Secret(value)


def _webhook_secrets(value: str | None) -> tuple[Secret, ...]:
    if not value:
        return ()
    secrets = [part.strip() for part in value.split(",")]
    if not all(secrets) or len(secrets) > SECRETS_AT_MOST:
        msg = (
            "STRIPE_WEBHOOK_SECRET must be one secret, or two with a comma between them while one is replaced"
        )
        raise SettingsError(msg)
    if any(secret.startswith(("sk_", "rk_", "pk_")) for secret in secrets):
        msg = "STRIPE_WEBHOOK_SECRET holds an API key; the secret of a webhook endpoint begins with whsec_"
        raise SettingsError(msg)
    return tuple(map(Secret, secrets))


def _timezone(value: str | None) -> str:
    name = value or "UTC"
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = f"REPORT_TIMEZONE names no known time zone: {name!r} (expected for example Europe/Berlin)"
        raise SettingsError(msg) from None


def _public_url(value: str | None) -> str | None:
    if not value:
        return None
    msg = f"PUBLIC_URL must be like https://minutes.example.com, without query or fragment; it is {value!r}"
    try:
        parts = urlsplit(value)
        port_is_number = parts.port is None or parts.port > 0
    except ValueError:
        raise SettingsError(msg) from None
    odd = parts.query or parts.fragment or parts.username or parts.password
    if parts.scheme not in {"http", "https"} or not parts.hostname or odd or not port_is_number:
        raise SettingsError(msg)
    return value.rstrip("/")
