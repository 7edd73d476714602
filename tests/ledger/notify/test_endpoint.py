"""Where warnings are sent."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from ledger.notify.endpoint import InvalidEndpoint, get_endpoint, set_endpoint
from ledger.notify.signed_post import new_secret

URL = "https://acme.example/hook"


def test_there_is_no_address_until_one_is_set(db: Connection) -> None:
    assert get_endpoint(db) is None


def test_the_last_address_counts_and_keeps_the_secret(db: Connection, now: datetime) -> None:
    first = set_endpoint(db, URL, actor="ada", at=now)

    second = set_endpoint(db, f"{URL}/2", actor="bob", at=now + timedelta(days=1), enabled=False)

    assert get_endpoint(db) == second
    assert (second.secret, second.changed_by, second.enabled) == (first.secret, "bob", False)


def test_a_given_secret_is_kept_and_does_not_show_itself(db: Connection, now: datetime) -> None:
    secret = new_secret()

    given = set_endpoint(db, URL, secret=secret, actor="ada", at=now)

    assert given.secret == secret
    assert secret not in repr(given)


def test_an_address_on_this_machine_needs_no_encryption(db: Connection, now: datetime) -> None:
    assert set_endpoint(db, "http://127.0.0.1:8080/hook", actor="ada", at=now).enabled


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://acme.example",
        "http://acme.example/hook",
        "https://",
        "https://ada:secret@acme.example",
        "https://acme.example/ \n",
        "https://acme.example:99999",
    ],
)
def test_an_address_must_be_safe(db: Connection, now: datetime, url: str) -> None:
    with pytest.raises(InvalidEndpoint):
        set_endpoint(db, url, actor="ada", at=now)


@pytest.mark.parametrize("secret", ["plain", "whsec_short", "whsec_***", "whsec_" + "A" * 100])
def test_a_secret_must_be_a_standard_one(db: Connection, now: datetime, secret: str) -> None:
    with pytest.raises(InvalidEndpoint):
        set_endpoint(db, URL, secret=secret, actor="ada", at=now)
