"""Messages to other programs: what a receiver's own library makes of them."""

from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from ledger.standard_webhooks import message_id, new_secret, signed_headers


def test_a_receiver_proves_a_message_with_its_own_secret_alone() -> None:
    mine, other = new_secret(), new_secret()

    headers = signed_headers(mine, message_id("a"), '{"n": 1}', at=datetime.now(UTC))

    assert Webhook(mine).verify('{"n": 1}', headers) == {"n": 1}
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify('{"n": 1}', headers)


def test_the_id_of_a_message_is_that_of_its_names_and_of_no_others() -> None:
    assert message_id("a", 1) == message_id("a", 1)
    assert len({message_id("a", 1), message_id("a", 2), message_id("a1")}) == 3
