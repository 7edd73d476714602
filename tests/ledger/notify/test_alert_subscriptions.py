"""Subscriptions to alerts: an address that its channel accepts, saved once, with a secret that is shown once."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Connection

from ledger.notify.alert_subscriptions import InvalidAlert, list_subscriptions, subscribe
from ledger.notify.channels import CHANNELS

AT = datetime(2026, 3, 1, tzinfo=UTC)


def subscribed(db: Connection, number: int = 1, kind: str = "usage", **about: str) -> str | None:
    """Subscribe a webhook to live alerts."""
    to = {"source": "live", "channel": "webhook", "target": "https://hooks.example.com/alerts"} | about
    return subscribe(db, UUID(int=number), kind, **to, actor="ada", at=AT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "metric"},
        {"kind": "weather"},
        {"source": "demo"},
        {"channel": "pigeon"},
        {"channel": "email", "target": "nobody"},
        {"channel": "slack", "target": "http://example.com/plain"},
    ],
)
def test_a_subscription_that_reaches_nobody_is_refused_with_the_name_of_every_channel(
    db: Connection, wrong: dict[str, str]
) -> None:
    with pytest.raises(InvalidAlert) as refused:
        subscribed(db, **wrong)

    assert all(channel.label in str(refused.value) for channel in CHANNELS.values())
    assert list_subscriptions(db) == []


def test_the_same_subscription_again_is_one_and_shows_no_second_secret(db: Connection) -> None:
    secrets = [subscribed(db), subscribed(db), subscribed(db, 2, "payment", channel="slack")]

    slack, webhook = sorted(list_subscriptions(db), key=lambda each: each.channel)
    assert secrets == [webhook.secret, None, None]
    assert str(webhook.secret) not in repr(webhook)
    assert (webhook.kind, slack.kind, slack.secret) == ("usage", "payment", None)
