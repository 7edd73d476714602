"""Messages that leave the company need a second person, whatever they carry and by whichever channel."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from dashboard import actions
from dashboard.access import LOCAL_ADMINISTRATOR, Operator
from dashboard.actions.acting import ActionResult, NotAllowed
from dashboard.actions.marking import alert_on_metric
from dashboard.clock import present
from ledger.database import reading, writing
from ledger.desk import staff
from ledger.errors import SecondPersonNeeded
from ledger.notify import Report, ReportSubscription, list_metric_alerts, list_reports, list_subscriptions
from ledger.notify.alert_subscriptions import approve_subscription
from tests.pages import visits

ADA = Operator("ada@example.com", "Ada", "admin", "demo")
BEN = Operator("ben@example.com", "Ben", "admin", "demo")
HOOK = "https://hooks.example.com/a"
OUTSIDE = [("email", "eve@evil.example"), ("slack", HOOK), ("webhook", HOOK)]


@pytest.fixture
def company(engine: Engine) -> Engine:
    visits.use(engine)
    with writing(engine) as db:
        for email in ("vic@example.com", "gone@example.com"):
            staff.add_staff(db, email, role="viewer", actor="test", at=datetime.now(UTC))
        staff.disable_staff(db, "gone@example.com", at=datetime.now(UTC))
    return engine


def report_to(operator: Operator, number: int, channel: str, target: str) -> ReportSubscription:
    return ReportSubscription(
        alert_id=UUID(int=number),
        source="sandbox",
        page="overview",
        query="",
        every="week",
        channel=channel,
        target=target,
        secret=None,
        created_by=operator.actor,
        created_at=present(),
    )


def usage(operator: Operator, number: int, channel: str, target: str) -> ActionResult:
    return actions.add_alert_subscription(operator, "usage", channel, target, key=f"u{number}")


def metric(operator: Operator, number: int, channel: str, target: str) -> ActionResult:
    about = {"source": "sandbox", "days": 7, "direction": "above", "threshold": 1.0}
    return alert_on_metric(operator, UUID(int=number), "conversion", **about, channel=channel, target=target)


def report(operator: Operator, number: int, channel: str, target: str) -> ActionResult:
    return actions.add_report(operator, report_to(operator, number, channel, target))


KINDS = [usage, metric, report]


def addresses(engine: Engine) -> list[str]:
    """Return where messages of any kind go now."""
    with reading(engine) as db:
        lists = (list_subscriptions(db), list_metric_alerts(db), list_reports(db))
    return [each.target for rows in lists for each in rows]


@pytest.mark.parametrize("subscribe", KINDS)
@pytest.mark.parametrize(("channel", "target"), OUTSIDE)
def test_nothing_goes_outside_before_a_second_person_approves_it(
    company: Engine, subscribe, channel: str, target: str
) -> None:
    request = subscribe(ADA, 1, channel, target)
    again = subscribe(ADA, 1, channel, target)
    other = subscribe(ADA, 2, channel, target)
    before = addresses(company)
    with pytest.raises(SecondPersonNeeded):
        actions.decide(ADA, request.waits_for, accepted=True)
    waiting = addresses(company)
    actions.decide(BEN, request.waits_for, accepted=True)
    actions.decide(BEN, other.waits_for, accepted=False, reason="not ours")

    assert (before, waiting, addresses(company)) == ([], [], [target])
    assert again.repeated
    assert ("secret" in request.details) is (channel == "webhook")


@pytest.mark.parametrize("subscribe", KINDS)
def test_messages_to_staff_go_at_once_and_to_former_staff_they_wait(company: Engine, subscribe) -> None:
    waits = [
        subscribe(ADA, number, "email", target).waits_for is not None
        for number, target in enumerate(("Vic@Example.com", ADA.actor, "gone@example.com"))
    ]

    assert waits == [False, False, True]
    assert set(addresses(company)) == {ADA.actor, "Vic@Example.com"}


@pytest.mark.parametrize("subscribe", KINDS)
def test_the_only_administrator_of_an_installation_without_sign_in_waits_for_nobody(
    company: Engine, subscribe
) -> None:
    assert subscribe(LOCAL_ADMINISTRATOR, 1, "slack", HOOK).waits_for is None
    assert addresses(company) == [HOOK]


@pytest.mark.usefixtures("company")
def test_a_test_of_a_report_that_waits_is_not_sent() -> None:
    report(ADA, 1, "email", "eve@evil.example")
    waiting = report_to(ADA, 1, "email", "eve@evil.example")
    mine = report_to(ADA, 2, "email", ADA.actor)
    actions.add_report(ADA, mine)
    content = Report(subject="s", text="t", data={}, attachments={})

    for subscription in (waiting, replace(mine, alert_id=UUID(int=9))):
        with pytest.raises(NotAllowed, match="second person"):
            actions.send_test_report(ADA, subscription, content, key="t")
    assert "no e-mail can be sent" in actions.send_test_report(ADA, mine, content, key="t2").sentence


def test_the_database_itself_refuses_an_approval_by_whoever_subscribed(company: Engine) -> None:
    request = usage(ADA, 1, "slack", HOOK)

    with writing(company) as db, pytest.raises(IntegrityError, match="need_a_second_person"):
        approve_subscription(db, request.waits_for, actor=ADA.actor, at=present())


def test_an_approval_after_the_subscription_was_stopped_brings_it_not_back(company: Engine) -> None:
    request = usage(ADA, 1, "slack", HOOK)
    with writing(company) as db:
        db.execute(text("UPDATE alert_subscriptions SET stopped_at = :at"), {"at": present()})

    assert "stopped meanwhile" in actions.decide(BEN, request.waits_for, accepted=True).sentence
    assert addresses(company) == []
