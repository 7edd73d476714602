"""Each channel sends the same notice in its own form, and says why a notice did not arrive."""

import json
import socket
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ledger.notify import signed_post
from ledger.notify.channels import CHANNELS, MailServer, Notice, Target, deliver, reaches, secret_for
from tests.mail_room import receiving_letters

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
NOTICE = Notice(
    message_id="msg_1",
    type="usage.limit_hit",
    at=AT,
    subject="Limit",
    text="acme <b> & co",
    data={"workspace_id": "acme"},
)
NO_MAIL = MailServer(url=None)


@contextmanager
def listener(status: int = 204, headers: dict[str, str] | None = None):
    """A program on this machine that keeps what it receives and answers `status`."""
    got: list[tuple[dict[str, str], str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"])).decode()))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_args):
            """Write nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_slack_receives_one_sentence_in_which_nothing_is_markup() -> None:
    with listener(200) as (address, got):
        failure = deliver("slack", NOTICE, Target(address=address), NO_MAIL, at=AT)

    [(headers, body)] = got
    assert failure is None
    assert json.loads(body) == {"text": "acme &lt;b&gt; &amp; co"}
    assert "webhook-signature" not in headers


def test_a_webhook_receives_the_data_and_the_sentence_signed() -> None:
    with listener() as (address, got):
        failure = deliver(
            "webhook", NOTICE, Target(address=address, secret=secret_for("webhook")), NO_MAIL, at=AT
        )

    [(headers, body)] = got
    assert failure is None
    assert json.loads(body) == {
        "type": "usage.limit_hit",
        "timestamp": "2026-11-30T12:00:00Z",
        "data": {"workspace_id": "acme", "text": "acme <b> & co"},
    }
    assert headers["webhook-signature"].startswith("v1,")


@pytest.mark.parametrize("status", [199, 300, 302, 400, 500])
def test_only_an_answer_in_the_two_hundreds_is_a_delivery(status: int) -> None:
    with listener(status, {"Location": "/elsewhere"}) as (address, got):
        failure = deliver("webhook", NOTICE, Target(address=address), NO_MAIL, at=AT)

    assert failure is not None
    assert len(got) == 1, "a redirect is never followed"


@pytest.mark.parametrize("status", [200, 299])
def test_every_answer_in_the_two_hundreds_is_a_delivery(status: int) -> None:
    with listener(status) as (address, _):
        assert deliver("slack", NOTICE, Target(address=address), NO_MAIL, at=AT) is None


def test_a_receiver_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_post, "ANSWER_SECONDS", 0.2)
    silent = socket.create_server(("127.0.0.1", 0))
    began = time.monotonic()

    failure = deliver(
        "slack", NOTICE, Target(address=f"http://127.0.0.1:{silent.getsockname()[1]}/"), NO_MAIL, at=AT
    )

    silent.close()
    assert failure == "the receiver did not answer within 0.2 seconds"
    assert time.monotonic() - began < 5


def test_a_mail_server_that_cannot_be_read_is_a_reason_and_stops_nothing() -> None:
    server = MailServer(url="smtp://mail.example.com:port")

    failure = deliver("email", NOTICE, Target(address="team@example.com"), server, at=AT)

    assert failure is not None
    assert failure.startswith("the mail server did not accept it")


def test_a_channel_that_is_not_there_is_a_reason() -> None:
    assert deliver("pigeon", NOTICE, Target(address="x"), NO_MAIL, at=AT) == "there is no channel 'pigeon'"
    assert not reaches("pigeon", "team@example.com")


def test_channels_that_make_this_server_call_an_address_say_so() -> None:
    assert {name for name, channel in CHANNELS.items() if channel.calls_out} == {"webhook", "slack"}
    assert [name for name in CHANNELS if reaches(name, "https://hooks.example.com/a")] == ["webhook", "slack"]
    assert [name for name in CHANNELS if reaches(name, "team@example.com")] == ["email"]


def test_a_letter_names_the_sender_of_the_settings_else_an_address_at_the_mail_server() -> None:
    with receiving_letters() as (url, letters):
        with_a_login = url.replace("//", "//apikey@")

        for server in (
            MailServer(url=url, sender="Minutes <minutes@example.com>"),
            MailServer(url=with_a_login),
        ):
            assert deliver("email", NOTICE, Target(address="team@example.com"), server, at=AT) is None

    first, second = letters
    assert "From: Minutes <minutes@example.com>\n" in first
    assert "To: team@example.com\n" in first
    assert "From: minutes@127.0.0.1\n" in second
    assert "apikey" not in second
