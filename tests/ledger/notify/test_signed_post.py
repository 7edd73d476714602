"""Messages to other programs: what a receiver's own library makes of them."""

from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from ledger.notify.signed_post import may_be_sent_to, message_id, new_secret, signed_headers


def test_a_receiver_proves_a_message_with_its_own_secret_alone() -> None:
    mine, other = new_secret(), new_secret()

    headers = signed_headers(mine, message_id("a"), '{"n": 1}', at=datetime.now(UTC))

    assert Webhook(mine).verify('{"n": 1}', headers) == {"n": 1}
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify('{"n": 1}', headers)


def test_the_id_of_a_message_is_that_of_its_names_and_of_no_others() -> None:
    assert message_id("a", 1) == message_id("a", 1)
    assert len({message_id("a", 1), message_id("a", 2), message_id("a1")}) == 3


@pytest.mark.parametrize(
    "url", ["https://hooks.example.com/a?b=c", "http://localhost:8501", "http://[::1]:80/"]
)
def test_messages_go_over_tls_or_stay_on_this_machine(url: str) -> None:
    assert may_be_sent_to(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "ftp://example.com",
        "https://",
        "https://[half",
        "https://example.com:port",
        "https://example.com:0",
        "https://name:password@example.com",
        "https://example.com/a b",
        "https://example.com/" + 2000 * "a",
    ],
)
def test_other_addresses_get_no_messages(url: str) -> None:
    assert not may_be_sent_to(url)


def test_while_one_secret_replaces_another_either_of_them_proves_a_message() -> None:
    old, new = new_secret(), new_secret()

    headers = signed_headers([old, new], message_id("a"), '{"n": 1}', at=datetime.now(UTC))

    assert Webhook(old).verify('{"n": 1}', headers) == Webhook(new).verify('{"n": 1}', headers) == {"n": 1}
