"""The settings of sign-in, read and checked at start: whoever guesses the cookie secret is an administrator."""

import tomllib
from pathlib import Path
from typing import Any

from ledger.settings import SettingsError

SECRET_LENGTH, SECRET_VARIETY = 32, 10
PUBLISHED = "at least 32 random characters"
"""Stands in the example file, and so is known to everybody."""
RECIPE = "make one with: python3 -c 'import secrets; print(secrets.token_hex())'"


def read_auth(secrets: Path) -> dict[str, Any] | None:
    """Return the `[auth]` settings of the identity provider, None when there are none. Raise SettingsError."""
    if not secrets.exists():
        return None
    auth = tomllib.loads(secrets.read_text("utf-8")).get("auth")
    if not auth:
        return None
    _check_cookie_secret(auth.get("cookie_secret"))
    return dict(auth)


def _check_cookie_secret(secret: object) -> None:
    if not isinstance(secret, str) or not secret.strip():
        raise SettingsError(f"cookie_secret of [auth] is missing; {RECIPE}")
    if PUBLISHED in secret:
        raise SettingsError(f"cookie_secret of [auth] is still the text of the example file; {RECIPE}")
    if len(secret) < SECRET_LENGTH or len(set(secret)) < SECRET_VARIETY:
        raise SettingsError(
            f"cookie_secret of [auth] is too easy to guess, it needs {SECRET_LENGTH} random characters; {RECIPE}"
        )
