"""Messages to other programs: what a receiver's own library makes of them."""

import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from ledger.notify import signed_post
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


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


@pytest.mark.parametrize(
    ("at_once", "status", "error"),
    [(HEAD, 200, None), (b"HTTP/1.1 200 OK\r\nX: ", None, "the receiver did not answer within 1 seconds")],
    ids=["in the body", "in the head"],
)
def test_an_answer_that_comes_byte_by_byte_is_read_no_longer_than_the_time_limit(
    monkeypatch: pytest.MonkeyPatch, at_once: bytes, status: int | None, error: str | None
) -> None:
    monkeypatch.setattr(signed_post, "ANSWER_SECONDS", 1)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.wfile.write(at_once)
            with suppress(OSError):
                for _ in range(100):
                    self.wfile.write(b"x")
                    time.sleep(0.1)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    attempt = signed_post.attempt_post(url, "{}", message_id="m", secret=None, at=datetime.now(UTC))
    server.shutdown()
    server.server_close()

    assert (attempt.status, attempt.error) == (status, error)
    assert set(attempt.answer) == (set() if status is None else {"x"})
    assert attempt.milliseconds < 3_000
