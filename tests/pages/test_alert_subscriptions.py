"""The Webhooks page: who is notified of usage and payment alerts."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from dashboard.panels.alert_subscriptions import result
from ledger.database import reading, writing
from ledger.notify import list_subscriptions, subscribe
from ledger.notify.alert_digests import send_digests
from ledger.notify.channels import MailServer
from ledger.payments.alerts import raise_alert
from tests.pages.visits import hire, visit, words

HOOK = "https://hooks.example.com/alerts"


def added(engine: Engine, number: int, kind: str, target: str) -> None:
    """Add a subscription of its own hour, by e-mail."""
    at = datetime(2026, 3, 1, number, tzinfo=UTC)
    with writing(engine) as db:
        subscribe(
            db, UUID(int=number), kind, source="sandbox", channel="email", target=target, actor="ada", at=at
        )


def submits(page: AppTest, kind: str, channel: str, target: str) -> AppTest:
    page.selectbox(key="subscription_kind").set_value(kind)
    page.selectbox(key="subscription_channel").set_value(channel)
    page.text_input(key="subscription_target").set_value(target)
    return page.button(key="subscription_submit").click().run()


def test_subscriptions_are_listed_with_the_result_of_their_last_message(engine: Engine) -> None:
    added(engine, 1, "usage", "usage@example.com")
    added(engine, 2, "payment", "payments@example.com")
    now = datetime(2026, 3, 2, tzinfo=UTC)
    with writing(engine) as db:
        raise_alert(db, "no_workspace", "sub_1", detail="Link it.", workspace_id=None, at=now)
    send_digests(engine, MailServer(url=None), mode="sandbox", at=now)

    page = visit(engine, "webhooks", email=hire(engine, "support"))

    [table] = [each.value for each in page.dataframe]
    assert table["target"].tolist() == ["payments@example.com", "usage@example.com"]
    assert table["kind"].tolist() == ["Payment", "Usage"]
    assert table["channel"].tolist() == ["E-mail", "E-mail"]
    assert table["undelivered"].tolist() == [1, 0]
    failed = "Not delivered: SMTP_URL is not set, so no e-mail can be sent"
    assert table["result"].tolist() == [failed, "Nothing sent yet"]
    assert not [each for each in page.button if each.key == "subscription_submit"], "support changes nothing"
    with writing(engine) as db:
        db.execute(text("UPDATE alert_messages SET delivered_at = at, error = NULL"))
    with reading(engine) as db:
        assert [result(each) for each in list_subscriptions(db)] == ["Delivered", "Nothing sent yet"]


def test_an_empty_list_says_how_to_begin(engine: Engine) -> None:
    assert "Nobody is notified" in words(visit(engine, "webhooks", email=hire(engine, "support")))


def test_the_secret_of_a_webhook_is_shown_once_and_never_audited(engine: Engine) -> None:
    page = submits(visit(engine, "webhooks", email=hire(engine, "admin")), "payment", "webhook", HOOK)
    shown, said = [each.value for each in page.code], words(page)
    page.run()

    with reading(engine) as db:
        saved = db.execute(text("SELECT * FROM alert_subscriptions")).one()
        waits = list_subscriptions(db) == []
        audited = db.execute(text("SELECT action, after FROM audit WHERE action <> 'first_sign_in'")).all()
    assert shown == [saved.secret]
    assert saved.secret not in [each.value for each in page.code]
    assert (saved.kind, saved.channel, saved.target, saved.source) == ("payment", "webhook", HOOK, "sandbox")
    body = {"alert_id": str(saved.alert_id), "kind": "payment", "channel": "webhook", "target": HOOK}
    assert audited == [("ask_alert_subscription", body)]
    assert waits
    assert "must approve it" in said


@pytest.mark.parametrize(
    ("channel", "target", "saved"),
    [
        ("email", "team@example.com", ["team@example.com"]),
        ("email", "team", []),
        ("slack", HOOK, [HOOK]),
        ("slack", "http://hooks.example.com", []),
    ],
)
def test_an_address_that_the_channel_does_not_accept_is_refused(
    engine: Engine, channel: str, target: str, saved: list[str]
) -> None:
    page = submits(visit(engine, "webhooks", email=hire(engine, "admin")), "usage", channel, target)

    faults = [each.value for each in page.caption if each.value.startswith(":red[")]
    assert bool(faults) is (not saved)
    assert all("Slack" in each for each in faults)
    with reading(engine) as db:
        assert db.execute(text("SELECT target FROM alert_subscriptions")).scalars().all() == saved


def test_one_of_two_subscriptions_is_stopped_after_a_question(engine: Engine) -> None:
    added(engine, 1, "usage", "usage@example.com")
    added(engine, 2, "payment", "payments@example.com")
    page = visit(engine, "webhooks", email=hire(engine, "admin"))
    page.selectbox(key="subscription_id").set_value(UUID(int=1))

    page.button(key="subscription_stop").click().run()
    with reading(engine) as db:
        before = len(list_subscriptions(db))
    page.button(key="stop subscription_yes").click().run()

    with reading(engine) as db:
        left = [each.target for each in list_subscriptions(db)]
        audited = db.execute(text("SELECT action, subject FROM audit WHERE action <> 'first_sign_in'")).all()
    assert (before, left) == (2, ["payments@example.com"])
    assert audited == [("stop_alert_subscription", str(UUID(int=1)))]
