"""An alert fires when a number crosses its threshold and when it returns, once each; a failed delivery is retried."""

import json
import smtplib
import socket
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar
from uuid import UUID

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook

from ledger.database import reading, writing
from ledger.errors import UnknownMetric
from ledger.metrics.rollups import refresh_rollups
from ledger.notify.channels import MailServer
from ledger.notify.metric_alerts import (
    InvalidAlert,
    add_metric_alert,
    alert_history,
    check_metric_alerts,
    list_metric_alerts,
    sender,
    sentence,
    stop_metric_alert,
)
from ledger.settings import SettingsError, load_settings
from tests import mini_ledger
from tests.mini_ledger import AS_OF
from tests.receiver import add_receiver, receiving, sends

ALERT = UUID(int=7)


def save_alert(db, **other):
    arguments = {
        "metric": "revenue-gross", "source": "live", "days": 20, "direction": "below", "threshold": 9000,
        "channel": "email", "target": "team@example.com",
    } | other  # fmt: skip
    return add_metric_alert(db, ALERT, arguments.pop("metric"), **arguments, actor="ada", at=AS_OF)


@pytest.fixture
def story(engine):
    with writing(engine) as db:
        mini_ledger.live_through(db)
        refresh_rollups(db, at=AS_OF)
    return engine


def test_an_alert_fires_once_and_once_more_when_it_is_over(story):
    sent = []
    with writing(story) as db:
        save_alert(db)  # 59.99 were paid in the last 20 days
    for hours in (1, 2):
        check_metric_alerts(
            story, at=AS_OF + timedelta(hours=hours), send=lambda _alert, firing: sent.append(firing.beyond)
        )
    with writing(story) as db:
        db.execute(text("UPDATE alert_subscriptions SET threshold = 10"))

    check_metric_alerts(
        story, at=AS_OF + timedelta(hours=3), send=lambda _alert, firing: sent.append(firing.beyond)
    )

    assert sent == [True, False]
    with reading(story) as db:
        history = alert_history(db, ALERT)
    assert [(one.beyond, one.value) for one in history] == [(False, 5999.0), (True, 5999.0)]
    assert all(one.delivered_at for one in history)


def test_what_did_not_arrive_is_tried_again_and_the_failure_is_stored(story):
    with writing(story) as db:
        save_alert(db)
    failing = iter(["no route"])

    def send(_alert, _firing):
        return next(failing, None)

    first = check_metric_alerts(story, at=AS_OF + timedelta(hours=1), send=send)
    with reading(story) as db:
        noted = alert_history(db, ALERT)[0].error
    second = check_metric_alerts(story, at=AS_OF + timedelta(hours=2), send=send)

    assert (first, second) == (0, 1)
    assert noted == "no route"


def test_a_number_that_cannot_be_given_fires_nothing(story):
    with writing(story) as db:
        save_alert(db, metric="conversion", days=1, threshold=50)

    output = check_metric_alerts(story, at=AS_OF, send=lambda _alert, _firing: pytest.fail("nothing to send"))

    assert output == 0


def test_a_stopped_alert_is_silent(story):
    with writing(story) as db:
        save_alert(db)
        stop_metric_alert(db, ALERT, at=AS_OF)

    assert check_metric_alerts(story, at=AS_OF, send=lambda _alert, _firing: pytest.fail("stopped")) == 0
    with reading(story) as db:
        assert list_metric_alerts(db) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": "nobody"},
        {"target": "a@b\nBcc: everyone@example.com"},
        {"channel": "webhook", "target": "http://example.com"},
        {"channel": "webhook", "target": "https://user:secret@example.com"},
        {"channel": "webhook", "target": "https://[half of an address"},
        {"channel": "webhook", "target": "https://example.com:port"},
        {"channel": "pigeon"},
        {"direction": "sideways"},
        {"days": 0},
    ],
)
def test_an_alert_that_could_not_be_sent_is_refused(db, wrong):
    with pytest.raises(InvalidAlert):
        save_alert(db, **wrong)


def test_an_alert_on_no_metric_is_refused(db):
    with pytest.raises(UnknownMetric):
        save_alert(db, metric="happiness")


class AlertReceiver(BaseHTTPRequestHandler):
    received: ClassVar[list[tuple[dict, str]]] = []
    answers: ClassVar[list[int]] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.received.append((dict(self.headers), body))
        self.send_response(self.answers.pop(0) if self.answers else 204)
        self.end_headers()

    def log_message(self, *_args):
        """Write nothing."""


@pytest.fixture
def receiver_url():
    """The address of a program that records what it receives."""
    AlertReceiver.received.clear()
    server = HTTPServer(("127.0.0.1", 0), AlertReceiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_gets_the_number_as_json_signed_with_the_secret_that_was_shown_once(story, receiver_url):
    with writing(story) as db:
        secret = save_alert(db, channel="webhook", target=receiver_url)
        assert save_alert(db, channel="webhook", target=receiver_url) is None, (
            "stored already: not shown again"
        )
    now = datetime.now(UTC)  # receivers refuse what was signed long ago
    AlertReceiver.answers[:] = [500, 204]

    output = [
        check_metric_alerts(story, at=AS_OF, send=sender(MailServer(url=None), at=now)) for _ in range(2)
    ]

    (first, _), (headers, body) = AlertReceiver.received
    number = Webhook(secret).verify(body, headers)["data"]
    assert {"metric": "revenue-gross", "beyond": True, "value": 5999.0}.items() <= number.items()
    assert (output, first["webhook-id"]) == ([0, 1], headers["webhook-id"])
    with reading(story) as db:
        assert secret not in repr(list_metric_alerts(db))


def test_a_webhook_from_before_messages_were_signed_goes_on_unsigned(story, receiver_url):
    with writing(story) as db:
        save_alert(db, channel="webhook", target=receiver_url)
        db.execute(text("UPDATE alert_subscriptions SET secret = NULL"))

    check_metric_alerts(story, at=AS_OF, send=sender(MailServer(url=None), at=AS_OF))

    [(headers, body)] = AlertReceiver.received
    assert json.loads(body)["data"]["beyond"]
    assert "webhook-signature" not in headers


def test_without_a_mail_server_the_history_says_so(story):
    with writing(story) as db:
        save_alert(db)

    output = check_metric_alerts(story, at=AS_OF, send=sender(MailServer(url=None), at=AS_OF))

    with reading(story) as db:
        (firing,) = alert_history(db, ALERT)
    assert output == 0
    assert "SMTP_URL is not set" in firing.error


def test_an_email_goes_through_the_mail_server(story, monkeypatch):
    sent = []
    monkeypatch.setattr(
        smtplib.SMTP,
        "connect",
        lambda self, *_a: (setattr(self, "sock", socket.socket()), (220, b"ready"))[1],
    )
    monkeypatch.setattr(smtplib.SMTP, "send_message", lambda _self, message: sent.append(message))
    monkeypatch.setattr(smtplib.SMTP, "docmd", lambda _self, *_a: (221, b"bye"))
    monkeypatch.setattr(smtplib.SMTP, "__exit__", lambda self, *_a: self.close())
    with writing(story) as db:
        save_alert(db)
        alert = list_metric_alerts(db)[0]

    check_metric_alerts(story, at=AS_OF, send=sender(MailServer(url="smtp://localhost:2525"), at=AS_OF))

    with reading(story) as db:
        (firing,) = alert_history(db, ALERT)
    assert sent[0]["To"] == "team@example.com"
    assert sent[0].get_content().strip() == sentence(alert, firing)
    assert "is below 90.00 USD: 59.99 USD" in sentence(alert, firing)


def test_the_mail_server_is_a_setting_that_does_not_show_its_password():
    settings = load_settings({"SMTP_URL": "smtps://minutes:hush@mail.example.com:465"})

    assert settings.smtp_url.startswith("smtps://")
    assert "hush" not in repr(settings)
    with pytest.raises(SettingsError, match="SMTP_URL"):
        load_settings({"SMTP_URL": "mail.example.com"})


def test_an_endpoint_gets_each_change_once_and_in_order_whatever_the_channel_of_the_alert(story):
    with writing(story) as db:
        save_alert(db)
    with receiving() as wants, receiving() as does_not:
        add_receiver(story, wants, AS_OF, "metric.alert")
        add_receiver(story, does_not, AS_OF, "usage.threshold")
        for hours in (1, 2):
            check_metric_alerts(story, at=AS_OF + timedelta(hours=hours), send=lambda *_: "no mail")
        with writing(story) as db:
            db.execute(text("UPDATE alert_subscriptions SET threshold = 10"))
        check_metric_alerts(story, at=AS_OF + timedelta(hours=3), send=lambda *_: "no mail")
        sends(story, AS_OF + timedelta(hours=4))

    assert [(one["type"], one["data"]["reason"], one["data"]["at"]) for one in wants.events] == [
        ("metric.alert", "crossed", f"{AS_OF + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"),
        ("metric.alert", "recovered", f"{AS_OF + timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}"),
    ]
    assert does_not.events == []


def test_a_redirect_is_not_a_delivery_and_is_not_followed(story, receiver_url):
    with writing(story) as db:
        save_alert(db, channel="webhook", target=receiver_url)
    AlertReceiver.answers[:] = [302, 204]

    first = check_metric_alerts(story, at=AS_OF, send=sender(MailServer(url=None), at=AS_OF))
    with reading(story) as db:
        noted = alert_history(db, ALERT)[0].error
    second = check_metric_alerts(story, at=AS_OF, send=sender(MailServer(url=None), at=AS_OF))

    assert (first, noted, second) == (0, "the receiver answered 302", 1)
    assert len(AlertReceiver.received) == 2
