"""What staff may do with usage alerts, and the answer over them in each case."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

import ledger
from dashboard import actions
from dashboard.access import Operator
from dashboard.screens.usage_alerts import KINDS, STATES, answer
from ledger.database import reading, writing
from ledger.desk import audit
from ledger.notify import outbox
from ledger.notify.endpoint import Endpoint, get_endpoint
from tests.pages.visits import use

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ADMIN = Operator("ada@example.com", "Ada", "admin", "test")
SUPPORT = Operator("bob@example.com", "Bob", "support", "test")
URL = "https://hooks.example.com/minutes"


@pytest.fixture
def crossed(engine: Engine) -> Engine:
    """A database in which a workspace has used 80 %, before anybody listened."""
    use(engine)
    with writing(engine) as db:
        ledger.create_workspace(db, "acme", name="Acme", owner_email="o@acme.example", actor="t", at=NOW)
        ledger.update_plan_allocation(db, "acme", "starter", "monthly", key="p", actor="t", at=NOW)
        ledger.track_minutes(db, "acme", 160, key="u", at=NOW)
    return engine


def test_an_alert_is_sent_again_once_for_each_click(crossed: Engine) -> None:
    actions.set_warning_endpoint(ADMIN, URL, enabled=True, key="set")
    with reading(crossed) as db:
        before = [row.delivery for row in outbox.list_usage_alerts(db)]

    answers = [actions.replay_warning(ADMIN, "acme", 1, "used_80", key="click") for _ in range(2)]

    with reading(crossed) as db:
        after = [row.delivery for row in outbox.list_usage_alerts(db)]
        lines = [line.action for line in audit.list_lines(db)]
    assert (before, after) == (["off"], ["pending"])
    assert [answer.repeated for answer in answers] == [False, True]
    assert lines == ["replay_warning", "set_warning_endpoint"]


def test_support_may_neither_send_again_nor_set_where_alerts_go(crossed: Engine) -> None:
    with pytest.raises(actions.NotAllowed):
        actions.replay_warning(SUPPORT, "acme", 1, "used_80", key="click")
    with pytest.raises(actions.NotAllowed):
        actions.set_warning_endpoint(SUPPORT, URL, enabled=True, key="set")

    with reading(crossed) as db:
        assert get_endpoint(db) is None


def test_a_secret_is_shown_when_it_is_made_and_never_written_down(crossed: Engine) -> None:
    first = actions.set_warning_endpoint(ADMIN, URL, enabled=True, key="1").details
    kept = actions.set_warning_endpoint(ADMIN, URL, enabled=False, key="2").details
    renewed = actions.set_warning_endpoint(ADMIN, URL, enabled=True, renew_secret=True, key="3").details

    with reading(crossed) as db:
        secret = get_endpoint(db).secret
        log = repr(audit.list_lines(db))
    assert (kept, renewed) == ({}, {"secret": secret})
    assert first["secret"] != secret
    assert "whsec_" not in log


def test_every_kind_and_state_has_words() -> None:
    assert KINDS.keys() == outbox.TYPES.keys()
    assert set(STATES) == {"pending", "delivered", "dead", "off"}


ENDPOINT = Endpoint(
    url="https://hooks.example.com", secret="s", enabled=True, sends_plan_exhausted=True, changed_at=NOW, changed_by="t"
)  # fmt: skip
OFF = replace(ENDPOINT, enabled=False)


@pytest.mark.parametrize(
    ("endpoint", "pending", "failed", "said"),
    [
        (None, 3, 0, "**Alerts are not sent**: no endpoint is set."),
        (None, 3, 1, "**Alerts are not sent**: no endpoint is set; **1 alert failed** after all attempts."),
        (OFF, 3, 0, "**Sending is off** for https://hooks.example.com."),
        (OFF, 0, 2, "**Sending is off** for https://hooks.example.com; **2 alerts failed** after all attempts."),
        (ENDPOINT, 0, 0, "**Every alert was delivered** to https://hooks.example.com."),
        (ENDPOINT, 1, 0, "**1 alert is waiting** for https://hooks.example.com, none failed."),
        (ENDPOINT, 2, 1, "**1 alert failed** after all attempts; 2 waiting for https://hooks.example.com."),
    ],
)  # fmt: skip
def test_the_answer_says_whether_systems_get_their_alerts(endpoint, pending, failed, said) -> None:
    sentence = answer(endpoint, pending=pending, failed=failed)

    assert sentence.replace("\\", "").replace("\u2060", "") == said
