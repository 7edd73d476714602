"""What staff may do with webhook endpoints, and the answer over them in each case."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from dashboard import actions
from dashboard.access import Operator
from dashboard.screens.webhooks import STATES, answer
from ledger.database import reading
from ledger.desk import audit
from ledger.notify import WaitingDeliveries, WebhookEndpoint, list_deliveries, list_endpoints
from tests.pages.visits import use
from tests.receiver import opens, receiving, sends, uses

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ADMIN = Operator("ada@example.com", "Ada", "admin", "local")  # works alone: nobody else could approve
SUPPORT = Operator("bob@example.com", "Bob", "support", "test")
URL = "https://hooks.example.com/minutes"


@pytest.fixture
def here(engine: Engine) -> Engine:
    """A database with two workspaces."""
    use(engine)
    opens(engine, NOW, "acme", "other")
    return engine


def test_an_event_is_sent_again_once_for_each_click(here: Engine) -> None:
    with receiving() as receiver:
        actions.add_webhook_endpoint(ADMIN, receiver.url, ["usage.threshold"], key="add")
        uses(here, NOW, 160)
        sends(here, datetime.now(UTC))
        with reading(here) as db:
            (endpoint,) = list_endpoints(db)
            (delivered,) = list_deliveries(db, endpoint.endpoint_id)

        again = [
            actions.replay_webhook_event(ADMIN, endpoint.endpoint_id, delivered.event_no, key="click")
            for _ in range(2)
        ]
        sends(here, datetime.now(UTC))

    with reading(here) as db:
        lines = [line.action for line in audit.list_lines(db)]
    assert [each.repeated for each in again] == [False, True]
    assert len(receiver.received) == 2
    assert lines == ["replay_webhook_event", "add_webhook_endpoint"]


def test_support_may_neither_send_again_nor_change_endpoints(here: Engine) -> None:
    for act in (
        lambda: actions.add_webhook_endpoint(SUPPORT, URL, ["usage.threshold"], key="a"),
        lambda: actions.rotate_webhook_secret(SUPPORT, uuid4(), key="b"),
        lambda: actions.delete_webhook_endpoint(SUPPORT, uuid4(), key="c"),
        lambda: actions.replay_webhook_event(SUPPORT, uuid4(), 1, key="d"),
    ):
        with pytest.raises(actions.NotAllowed):
            act()

    with reading(here) as db:
        assert list_endpoints(db) == []


def test_a_secret_is_shown_when_it_is_made_and_never_written_down(here: Engine) -> None:
    first = actions.add_webhook_endpoint(ADMIN, URL, ["usage.threshold"], key="1")
    again = actions.add_webhook_endpoint(ADMIN, URL, ["usage.threshold"], key="1")
    with reading(here) as db:
        (endpoint,) = list_endpoints(db)
    renewed = actions.rotate_webhook_secret(ADMIN, endpoint.endpoint_id, key="2")
    with reading(here) as db:
        (rotated,) = list_endpoints(db)
        log = repr(audit.list_lines(db))

    assert first.details == {"secret": endpoint.secret}
    assert again.details == {}
    assert renewed.details == {"secret": rotated.secret}
    assert rotated.previous_secret == endpoint.secret
    assert "whsec_" not in log


def test_a_deleted_endpoint_gets_nothing_and_the_other_one_does(here: Engine) -> None:
    with receiving() as receiver:
        for path in ("a", "b"):
            actions.add_webhook_endpoint(ADMIN, f"{receiver.url}/{path}", ["usage.threshold"], key=path)
        with reading(here) as db:
            first = list_endpoints(db)[0]
        for _ in range(2):
            actions.delete_webhook_endpoint(ADMIN, first.endpoint_id, key="delete")
        uses(here, NOW, 160)
        sends(here, datetime.now(UTC))

    assert len(receiver.received) == 1


def test_every_state_has_words() -> None:
    assert set(STATES) == {"pending", "delivered", "dead"}


ENDPOINT = WebhookEndpoint(
    endpoint_id=uuid4(), url=URL, events=("usage.threshold",), secret="s", previous_secret=None, previous_until=None,
    created_at=NOW, created_by="t",
)  # fmt: skip


@pytest.mark.parametrize(
    ("endpoints", "pending", "failed", "said"),
    [
        (0, 0, 0, "**Events are not sent**: no endpoint has been added."),
        (1, 0, 0, "**Every event was delivered** to 1 endpoint."),
        (2, 1, 0, "**1 event is waiting** for 2 endpoints, none failed."),
        (1, 2, 1, "**1 event failed** after all attempts; 2 waiting for 1 endpoint."),
    ],
)
def test_the_answer_says_whether_systems_get_their_events(endpoints, pending, failed, said) -> None:
    sentence = answer([ENDPOINT] * endpoints, WaitingDeliveries(pending=pending, dead=failed))

    assert sentence.replace("\\", "").replace("\u2060", "") == said
