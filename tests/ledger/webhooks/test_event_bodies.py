"""Bodies of events: what is never stored, and what most roles never see."""

import json

import pytest

import ledger
from ledger.payments.errors import UnknownEvent
from ledger.webhooks.event_bodies import event_body, without_secrets
from tests.shop import EVENTS, NEVER_STORED


@pytest.mark.parametrize("path", sorted(EVENTS.glob("*.json")), ids=lambda path: path.stem)
def test_client_secrets_and_card_data_are_never_stored(path):
    stored = without_secrets(path.read_bytes()).decode()

    assert not [trace for trace in NEVER_STORED if trace in stored]
    assert json.loads(stored)["type"] == path.stem


def test_who_the_customer_is_is_shown_only_to_roles_that_may_see_it(shop):
    received = shop.delivers("charge.succeeded")

    with ledger.reading(shop.engine) as db:
        hidden = json.dumps(event_body(db, received.event_id, personal=False))
        shown = json.dumps(event_body(db, received.event_id, personal=True))

    assert "someone@example.com" in shown
    assert "someone@example.com" not in hidden
    assert "Someone" not in hidden


def test_odd_characters_in_names_survive(shop):
    raw = (
        (EVENTS / "customer.updated.json")
        .read_bytes()
        .replace(b"someone@", b"\\ud800 \\u0000 \xf0\x9f\x98\x80@")
    )

    received = shop.receives(raw)

    with ledger.reading(shop.engine) as db:
        body = event_body(db, received.event_id, personal=True)
    assert body["data"]["object"]["email"] == "\ud800 \x00 \U0001f600@example.com"


def test_a_purged_body_is_gone_and_an_unknown_event_is_unknown(shop):
    received = shop.delivers("customer.updated")
    shop.runs("UPDATE stripe_events SET raw = NULL, next_attempt_at = NULL, status = 'ignored'")

    with ledger.reading(shop.engine) as db:
        assert event_body(db, received.event_id, personal=True) is None
        with pytest.raises(UnknownEvent):
            event_body(db, "evt_nobody", personal=True)
