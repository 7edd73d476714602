"""Usage and payment alerts reach each subscription once, in one digest for each pass."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from standardwebhooks import Webhook

import ledger
from ledger.database import reading, writing
from ledger.notify.alert_digests import purge_digests, send_digests
from ledger.notify.alert_subscriptions import list_subscriptions, stop_subscription, subscribe
from ledger.notify.channels import MailServer
from ledger.payments.alerts import close_alert, end_alert, raise_alert
from tests.receiver import EventReceiver, receiving, uses

NO_MAIL = MailServer(url=None)
ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.fixture
def receiver() -> Iterator[EventReceiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def other() -> Iterator[EventReceiver]:
    with receiving() as receiver:
        yield receiver


def opened(engine: Engine, *names: str, source: str = "live") -> None:
    """Open workspaces with 200 minutes each."""
    at = datetime.now(UTC)
    with writing(engine) as db:
        for name in names:
            ledger.create_workspace(
                db, name, name=name, owner_email="o@x.example", actor="ada", at=at, source=source
            )
            ledger.update_plan_allocation(db, name, "starter", "monthly", key="p", actor="ada", at=at)


def subscribed(
    engine: Engine, receiver: EventReceiver, kind: str, alert_id: UUID = ONE, **about: str
) -> str | None:
    """Subscribe the receiver to live alerts."""
    to = {"source": "live", "channel": "webhook", "target": receiver.url} | about
    with writing(engine) as db:
        return subscribe(db, alert_id, kind, **to, actor="ada", at=datetime.now(UTC))


def passes(engine: Engine, *, mode: str = "live", later: timedelta = timedelta()) -> int:
    return send_digests(engine, NO_MAIL, mode=mode, at=datetime.now(UTC) + later)


def lines(receiver: EventReceiver) -> list[list[str]]:
    """The lines of each message after its heading, of a webhook or of Slack."""
    return [event.get("data", event)["text"].splitlines()[1:] for event in receiver.events]


def test_each_subscription_gets_one_message_a_pass_and_each_alert_once(
    engine: Engine, receiver: EventReceiver, other: EventReceiver
) -> None:
    opened(engine, "a", "b")
    secret = subscribed(engine, receiver, "usage")
    subscribed(engine, other, "usage", TWO, channel="slack")
    now = datetime.now(UTC)
    uses(engine, now, 160, workspace_id="a")
    uses(engine, now, 200, workspace_id="b")

    sent = [passes(engine), passes(engine)]
    uses(engine, now, 20, workspace_id="a")
    sent.append(passes(engine))

    at = f"{now:%Y-%m-%d %H:%M} UTC"
    assert sent == [2, 0, 2]
    assert lines(receiver) == [
        [
            f"b: limit hit, {at}",
            f"b: 100% of minutes used, {at}",
            f"b: 90% of minutes used, {at}",
            f"a: 80% of minutes used, {at}",
            f"b: 80% of minutes used, {at}",
        ],
        [f"a: 90% of minutes used, {at}"],
    ]
    assert lines(other) == lines(receiver)
    (headers, body), _ = receiver.received
    message = Webhook(secret).verify(body, headers)
    digest = message["data"]
    assert (message["type"], digest["total"], digest["alerts"][0]["workspace_id"]) == (
        "usage.alerts",
        5,
        "b",
    )


@pytest.mark.parametrize(("workspaces", "more"), [(20, []), (22, ["and 2 more"])])
def test_a_digest_has_twenty_lines_and_counts_the_rest(
    engine: Engine, receiver: EventReceiver, workspaces: int, more: list[str]
) -> None:
    names = [f"w{number:02}" for number in range(workspaces)]
    opened(engine, *names)
    subscribed(engine, receiver, "usage")
    for name in names:
        uses(engine, datetime.now(UTC), 160, workspace_id=name)

    assert [passes(engine), passes(engine)] == [1, 0]

    [shown] = lines(receiver)
    assert (len(shown[:20]), shown[20:]) == (20, more)


def test_imported_history_other_modes_and_what_came_before_are_not_reported(
    engine: Engine, receiver: EventReceiver
) -> None:
    opened(engine, "live", "imported", "earlier")
    opened(engine, "demo", source="demo")
    opened(engine, "tried", source="sandbox")
    now = datetime.now(UTC)
    uses(engine, now, 160, workspace_id="earlier")
    subscribed(engine, receiver, "usage")
    with writing(engine) as db:
        db.execute(text("SELECT set_config('ledger.books_the_past', 'on', true)"))
        ledger.track_minutes(db, "imported", 160, key="past", at=now)
    for name in ("live", "demo", "tried"):
        uses(engine, now, 160, workspace_id=name)

    passes(engine)

    assert [[line.split(":")[0] for line in each] for each in lines(receiver)] == [["live"]]


def test_payment_alerts_are_reported_when_they_open_close_and_open_again(
    engine: Engine, receiver: EventReceiver, other: EventReceiver
) -> None:
    opened(engine, "a")
    opened(engine, "demo", source="demo")
    subscribed(engine, receiver, "payment")
    subscribed(engine, other, "usage", TWO)
    at = [datetime.now(UTC) + timedelta(seconds=number) for number in range(4)]
    with writing(engine) as db:
        raise_alert(db, "unknown_price", "sub_1", detail="Map its price.", workspace_id="a", at=at[0])
        raise_alert(db, "no_workspace", "sub_2", detail="Link it.", workspace_id=None, at=at[0])
        raise_alert(db, "unknown_price", "sub_3", detail="Demo.", workspace_id="demo", at=at[0])
    first = [passes(engine), passes(engine)]
    with writing(engine) as db:
        end_alert(db, "unknown_price", "sub_1", because="its price was mapped", at=at[1])
        close_alert(db, "no_workspace:sub_2", actor="ada", at=at[1])
    second = [passes(engine), passes(engine)]
    with writing(engine) as db:
        raise_alert(db, "unknown_price", "sub_1", detail="Map its price.", workspace_id="a", at=at[2])
    third = [passes(engine), passes(engine)]

    assert (first, second, third) == ([1, 0], [1, 0], [1, 0])
    assert lines(receiver) == [
        ["Opened: no workspace, no workspace: Link it.", "Opened: unknown price, a: Map its price."],
        [
            "Closed: no workspace, no workspace: closed by ada",
            "Closed: unknown price, a: its price was mapped",
        ],
        ["Opened: unknown price, a: Map its price."],
    ]
    assert other.received == []


def test_a_payment_alert_without_a_workspace_belongs_to_the_mode_of_the_installation(
    engine: Engine, receiver: EventReceiver, other: EventReceiver
) -> None:
    subscribed(engine, receiver, "payment")
    subscribed(engine, other, "payment", TWO, source="sandbox")
    with writing(engine) as db:
        raise_alert(db, "no_workspace", "sub_1", detail="Link it.", workspace_id=None, at=datetime.now(UTC))

    passes(engine, mode="sandbox")

    assert (len(receiver.received), len(other.received)) == (0, 1)


def test_a_message_that_did_not_arrive_is_shown_and_tried_again_for_a_day(
    engine: Engine, receiver: EventReceiver
) -> None:
    opened(engine, "a", "b")
    subscribed(engine, receiver, "usage")
    uses(engine, datetime.now(UTC), 160, workspace_id="a")
    receiver.answers = [500, 302]

    sent = [passes(engine), passes(engine)]
    with reading(engine) as db:
        [failing] = list_subscriptions(db)
    sent += [passes(engine), passes(engine)]
    with reading(engine) as db:
        [arrived] = list_subscriptions(db)

    assert sent == [0, 0, 1, 0]
    assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 1
    assert (failing.error, failing.delivered_at, failing.undelivered) == (
        "the receiver answered 302",
        None,
        1,
    )
    assert (arrived.error, arrived.delivered_at is None, arrived.undelivered) == (None, False, 0)

    uses(engine, datetime.now(UTC), 160, workspace_id="b")
    receiver.answers = [500]
    assert passes(engine) == 0
    assert passes(engine, later=timedelta(days=1, minutes=1)) == 0
    with reading(engine) as db:
        assert list_subscriptions(db)[0].undelivered == 1


def test_without_a_mail_server_the_failure_says_so(engine: Engine, receiver: EventReceiver) -> None:
    opened(engine, "a")
    subscribed(engine, receiver, "usage", channel="email", target="team@example.com")
    uses(engine, datetime.now(UTC), 160, workspace_id="a")

    assert passes(engine) == 0
    with reading(engine) as db:
        [failing] = list_subscriptions(db)
    assert failing.error == "SMTP_URL is not set, so no e-mail can be sent"


def test_a_stopped_subscription_gets_nothing_more(
    engine: Engine, receiver: EventReceiver, other: EventReceiver
) -> None:
    opened(engine, "a")
    subscribed(engine, receiver, "usage")
    subscribed(engine, other, "usage", TWO)
    with writing(engine) as db:
        assert stop_subscription(db, ONE, at=datetime.now(UTC))
        assert not stop_subscription(db, ONE, at=datetime.now(UTC)), "stopped before"
        assert not stop_subscription(db, TWO, at=datetime.now(UTC), kinds=("metric",)), "no alert on a metric"
    uses(engine, datetime.now(UTC), 160, workspace_id="a")

    passes(engine)

    assert (len(receiver.received), len(other.received)) == (0, 1)
    with reading(engine) as db:
        assert [each.alert_id for each in list_subscriptions(db)] == [TWO]


def test_marks_of_reported_usage_alerts_leave_an_hour_after_the_pass_and_report_nothing_twice(
    engine: Engine, receiver: EventReceiver
) -> None:
    opened(engine, "a", "b")
    subscribed(engine, receiver, "usage")
    uses(engine, datetime.now(UTC), 160, workspace_id="a")
    marks = text("SELECT item FROM alert_reports")

    sent = [passes(engine, later=timedelta(minutes=minutes)) for minutes in (0, 30, 59)]
    with reading(engine) as db:
        before = db.execute(marks).scalars().all()
    sent += [passes(engine, later=timedelta(minutes=minutes)) for minutes in (70, 71, 200)]
    with reading(engine) as db:
        after = db.execute(marks).scalars().all()

    assert (sent, len(before), after) == ([1, 0, 0, 0, 0, 0], 1, [])


def test_old_digests_are_purged_and_the_history_of_metric_alerts_stays(
    engine: Engine, receiver: EventReceiver
) -> None:
    opened(engine, "a")
    subscribed(engine, receiver, "usage")
    uses(engine, datetime.now(UTC), 160, workspace_id="a")
    passes(engine)
    with writing(engine) as db:
        db.execute(
            text(
                "INSERT INTO alert_subscriptions (alert_id, kind, source, metric, days, direction, threshold, channel, "
                "target, created_by, created_at) VALUES (:id, 'metric', 'live', 'arppu', 7, 'below', 1, 'email', "
                "'a@b.example', 'ada', now())"
            ),
            {"id": TWO},
        )
        db.execute(
            text("INSERT INTO alert_messages (alert_id, at, value, beyond) VALUES (:id, now(), 1, true)"),
            {"id": TWO},
        )
        now = datetime.now(UTC)

        assert purge_digests(db, before=now - timedelta(minutes=1)) == 0
        assert purge_digests(db, before=now + timedelta(minutes=1)) == 1
        assert db.execute(text("SELECT alert_id FROM alert_messages")).scalars().all() == [TWO]
