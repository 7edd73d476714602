"""Endpoints: which addresses and types are accepted, and what deleting and rotating do."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Connection

from ledger.notify import webhook_endpoints as endpoints

URL = "https://hooks.example.com/minutes"


def test_endpoints_are_listed_with_their_types_until_they_are_deleted(db: Connection, now: datetime) -> None:
    first = endpoints.create_endpoint(db, URL, ["purchase.paid", "usage.threshold"], actor="ada", at=now)
    second = endpoints.create_endpoint(db, URL, ["purchase.paid"], actor="ada", at=now + timedelta(seconds=1))

    endpoints.delete_endpoint(db, first.endpoint_id, actor="ada", at=now)
    endpoints.delete_endpoint(db, first.endpoint_id, actor="ada", at=now)

    assert first.events == ("usage.threshold", "purchase.paid")
    assert endpoints.list_endpoints(db) == [second]
    assert first.secret.startswith("whsec_")
    assert first.secret not in repr(first)


@pytest.mark.parametrize(
    ("url", "events"),
    [
        ("http://hooks.example.com", ["purchase.paid"]),
        ("https://user:secret@hooks.example.com", ["purchase.paid"]),
        ("nonsense", ["purchase.paid"]),
        (URL, []),
        (URL, ["purchase.paid", "everything"]),
        (URL, ["usage.alerts"]),
    ],
)
def test_other_addresses_and_types_are_refused(
    db: Connection, now: datetime, url: str, events: list[str]
) -> None:
    with pytest.raises(endpoints.InvalidWebhookEndpoint):
        endpoints.create_endpoint(db, url, events, actor="ada", at=now)


def test_an_endpoint_that_is_not_there_is_unknown(db: Connection, now: datetime) -> None:
    for call in (
        endpoints.rotate_secret,
        lambda db, name, at: endpoints.delete_endpoint(db, name, actor="a", at=at),
    ):
        with pytest.raises(endpoints.UnknownEndpoint):
            call(db, uuid4(), at=now)


def test_both_secrets_sign_until_the_overlap_ends(db: Connection, now: datetime) -> None:
    old = endpoints.create_endpoint(db, URL, ["purchase.paid"], actor="ada", at=now)

    new = endpoints.rotate_secret(db, old.endpoint_id, at=now)

    assert old.secrets_at(now) == [old.secret]
    assert new.secrets_at(now + timedelta(hours=24, seconds=-1)) == [new.secret, old.secret]
    assert new.secrets_at(now + timedelta(hours=24)) == [new.secret]
