"""Reports come once after each whole week or month, to one address, until they are stopped."""

import email
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine
from standardwebhooks import Webhook

from ledger.database import reading, writing
from ledger.metrics.rollups import refresh_rollups
from ledger.notify.alert_subscriptions import InvalidAlert
from ledger.notify.channels import MailServer
from ledger.notify.reports import (
    Report,
    ReportSubscription,
    last_period,
    list_reports,
    send_reports,
    stop_report,
    subscribe_to_report,
)
from tests.mail_room import receiving_letters
from tests.receiver import EventReceiver, receiving

NO_MAIL = MailServer(url=None)
SUBSCRIBED = datetime(2026, 3, 4, 12, tzinfo=UTC)
MONDAY = datetime(2026, 3, 9, tzinfo=UTC)
MORNING = MONDAY + timedelta(hours=6)


@pytest.fixture
def receiver() -> Iterator[EventReceiver]:
    with receiving() as receiver:
        yield receiver


def subscription(
    target: str, channel: str = "webhook", every: str = "week", number: int = 1
) -> ReportSubscription:
    return ReportSubscription(
        alert_id=UUID(int=number), source="live", page="overview", query="plan=pro", every=every,
        channel=channel, target=target, secret=None, created_by="ada", created_at=SUBSCRIBED,
    )  # fmt: skip


def subscribed(engine: Engine, wanted: ReportSubscription) -> str | None:
    with writing(engine) as db:
        return subscribe_to_report(db, wanted, at=SUBSCRIBED)


def written(wanted: ReportSubscription, period: tuple[date, date], _at: datetime) -> Report:
    """A report that names its page, filters and period."""
    text = f"{wanted.page}?{wanted.query} {period[0]} {period[1]}"
    return Report(
        subject="Numbers", text=text, data={"first": str(period[0])}, attachments={"a.pdf": b"%PDF-1"}
    )


def passes(engine: Engine, at: datetime, server: MailServer = NO_MAIL) -> int:
    with writing(engine) as db:
        refresh_rollups(db, at=at)
    return send_reports(engine, server, written, at=at)


@pytest.mark.parametrize(
    ("every", "today", "first", "last"),
    [
        ("week", date(2026, 3, 8), date(2026, 2, 23), date(2026, 3, 2)),
        ("week", date(2026, 3, 9), date(2026, 3, 2), date(2026, 3, 9)),
        ("month", date(2026, 2, 28), date(2026, 1, 1), date(2026, 2, 1)),
        ("month", date(2026, 3, 1), date(2026, 2, 1), date(2026, 3, 1)),
    ],
)
def test_the_last_period_is_a_whole_week_from_monday_or_a_whole_month(
    every: str, today: date, first: date, last: date
) -> None:
    assert last_period(every, today) == (first, last)


def test_a_report_comes_once_in_the_morning_after_its_week_and_again_after_the_next(
    engine: Engine, receiver: EventReceiver
) -> None:
    secret = subscribed(engine, subscription(receiver.url))
    assert secret
    assert passes(engine, MONDAY - timedelta(minutes=1)) == 0, "the week of the subscription is not over"
    assert passes(engine, MORNING - timedelta(minutes=1)) == 0
    assert [passes(engine, MORNING), passes(engine, MORNING + timedelta(minutes=10))] == [1, 0]
    assert passes(engine, MORNING + timedelta(days=7)) == 1
    texts = [event["data"]["text"] for event in receiver.events]
    assert texts == ["overview?plan=pro 2026-03-02 2026-03-09", "overview?plan=pro 2026-03-09 2026-03-16"]
    assert receiver.types == ["metric.report"] * 2
    for headers, body in receiver.received:
        sent = {name.lower(): value for name, value in headers.items()}
        sent_at = datetime.fromtimestamp(int(sent["webhook-timestamp"]), UTC)
        assert sent["webhook-signature"] == Webhook(secret).sign(sent["webhook-id"], sent_at, body)


def test_a_report_waits_for_the_daily_sums_of_its_period(engine: Engine, receiver: EventReceiver) -> None:
    subscribed(engine, subscription(receiver.url))
    with writing(engine) as db:
        refresh_rollups(db, at=MONDAY - timedelta(hours=1))
    assert send_reports(engine, NO_MAIL, written, at=MORNING) == 0
    assert passes(engine, MORNING) == 1


def test_a_report_that_is_refused_is_sent_again_with_the_same_id(
    engine: Engine, receiver: EventReceiver
) -> None:
    receiver.answers = [500]
    subscribed(engine, subscription(receiver.url))
    assert passes(engine, MORNING) == 0
    with reading(engine) as db:
        assert [bool(each.error) for each in list_reports(db)] == [True]
    assert passes(engine, MORNING + timedelta(minutes=10)) == 1
    ids = {
        headers["Webhook-Id"] if "Webhook-Id" in headers else headers["webhook-id"]
        for headers, _ in receiver.received
    }
    assert (len(receiver.received), len(ids)) == (2, 1)


def test_a_report_by_mail_has_its_pdf(engine: Engine) -> None:
    subscribed(engine, subscription("team@example.com", "email"))
    with receiving_letters() as (url, letters):
        assert passes(engine, MORNING, MailServer(url=url)) == 1
    letter = email.message_from_string(letters[0])
    pdf = next(part for part in letter.walk() if part.get_content_type() == "application/pdf")
    assert (letter["Subject"], pdf.get_filename(), pdf.get_payload(decode=True)) == (
        "Numbers",
        "a.pdf",
        b"%PDF-1",
    )


def test_a_stopped_report_sends_nothing_and_only_its_owner_stops_it(
    engine: Engine, receiver: EventReceiver
) -> None:
    subscribed(engine, subscription(receiver.url, number=1))
    subscribed(engine, subscription(receiver.url, every="month", number=2))
    with writing(engine) as db:
        assert not stop_report(db, UUID(int=1), created_by="eve", at=SUBSCRIBED)
        assert stop_report(db, UUID(int=1), created_by="ada", at=SUBSCRIBED)
        assert not stop_report(db, UUID(int=1), created_by=None, at=SUBSCRIBED)
        assert [each.every for each in list_reports(db, created_by="ada")] == ["month"]
        assert list_reports(db, created_by="eve") == []
    assert passes(engine, MORNING) == 0


def test_a_report_needs_a_known_rhythm_and_an_address_that_its_channel_accepts(engine: Engine) -> None:
    for wanted in (subscription("team@example.com", "email", "day"), subscription("nobody", "email")):
        with pytest.raises(InvalidAlert):
            subscribed(engine, wanted)
