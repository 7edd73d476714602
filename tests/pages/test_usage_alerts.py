"""The Usage alerts page: what was sent, where it goes, and sending one again."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

import ledger
from dashboard.kit import exports
from dashboard.screens import usage_alerts
from ledger.database import reading, writing
from ledger.notify import outbox
from ledger.notify.endpoint import get_endpoint, set_endpoint
from tests.pages.visits import hire, visit, words

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def cross(engine: Engine) -> None:
    """A workspace that has used 80 %."""
    with writing(engine) as db:
        ledger.create_workspace(db, "acme", name="Acme", owner_email="o@acme.example", actor="t", at=NOW)
        ledger.update_plan_allocation(db, "acme", "starter", "monthly", key="p", actor="t", at=NOW)
        ledger.track_minutes(db, "acme", 160, key="u", at=NOW)


@pytest.mark.parametrize(
    ("role", "sees"), [("viewer", False), ("support", True), ("pricing", False), ("admin", True)]
)
def test_the_page_is_for_who_may_see_events(engine: Engine, role: str, sees: bool) -> None:
    page = visit(engine, "usage_alerts", email=hire(engine, role))

    assert not page.exception
    assert ("Alerts are not sent" in words(page)) is sees


def test_a_signed_out_visitor_sees_nothing(engine: Engine) -> None:
    page = visit(engine, "usage_alerts", email=None)

    assert "Alerts are not sent" not in words(page)


def test_what_was_crossed_is_listed(engine: Engine) -> None:
    cross(engine)

    page = visit(engine, "usage_alerts", email=hire(engine, "support"))

    assert page.dataframe[0].value["kind"].tolist() == ["80% used"]
    assert page.dataframe[0].value["delivery"].tolist() == ["Not sent (no endpoint)"]
    assert "no endpoint is set" in words(page)


def test_older_alerts_are_a_page_away_and_all_are_in_the_csv(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cross(engine)
    with writing(engine) as db:
        ledger.track_minutes(db, "acme", 40, key="u2", at=NOW)
    monkeypatch.setattr(usage_alerts, "PAGE", 2)

    page = visit(engine, "usage_alerts", email=hire(engine, "support"))
    first = page.dataframe[0].value["kind"].tolist()
    page.button(key="alerts_older").click().run()
    second = page.dataframe[0].value["kind"].tolist()
    page.button(key="alerts_newest").click().run()

    assert sorted(first + second) == ["100% used", "80% used", "90% used", "Limit hit"]
    assert page.dataframe[0].value["kind"].tolist() == first
    head, *rows = exports.of_usage_alerts(None).decode("utf-8-sig").splitlines()
    assert head == '"usage alerts; rows 4; delivery any"'
    assert len(rows) == 1 + 4


def test_a_place_that_does_not_exist_shows_the_newest(engine: Engine) -> None:
    cross(engine)

    for before in ("1.used_80.other", "x", "99999999999999999999.used_80.acme"):
        page = visit(engine, "usage_alerts", email=hire(engine, "support"), before=before)
        assert page.dataframe[0].value["kind"].tolist() == ["80% used"]


def test_an_admin_sets_the_address_and_sees_the_secret_once(engine: Engine) -> None:
    email = hire(engine, "admin")
    page = visit(engine, "usage_alerts", email=email)

    page.text_input(key="endpoint_url").set_value("https://hooks.example.com/minutes")
    page.button(key="endpoint_submit").click().run()
    shown = [each.value for each in page.code]
    page.run()

    with reading(engine) as db:
        endpoint = get_endpoint(db)
    assert (endpoint.url, endpoint.enabled, endpoint.changed_by) == (
        "https://hooks.example.com/minutes",
        True,
        email,
    )
    assert shown == [endpoint.secret]
    assert not page.code


def test_an_address_that_is_not_safe_is_refused_in_words(engine: Engine) -> None:
    page = visit(engine, "usage_alerts", email=hire(engine, "admin"))

    page.text_input(key="endpoint_url").set_value("http://hooks.example.com")
    page.button(key="endpoint_submit").click().run()

    with reading(engine) as db:
        assert get_endpoint(db) is None
    assert page.error


def test_support_may_not_change_the_address(engine: Engine) -> None:
    page = visit(engine, "usage_alerts", email=hire(engine, "support"))

    assert not [each for each in page.text_input if each.key == "endpoint_url"]


def give_up(engine: Engine) -> None:
    """Cross 80 % and fail to send it until it is given up."""
    cross(engine)
    later = datetime.now(UTC) + timedelta(days=1)
    with writing(engine) as db:
        set_endpoint(db, "http://127.0.0.1:9/nobody", actor="t", at=NOW)
    for day in range(10):
        outbox.send_due(engine, at=later + timedelta(days=day))


def test_a_failed_alert_shows_its_attempts_and_its_error(engine: Engine) -> None:
    give_up(engine)

    page = visit(engine, "usage_alerts", email=hire(engine, "admin"))

    row = page.dataframe[0].value.iloc[0]
    assert (row["delivery"], row["attempts"]) == ("Failed", 10)
    assert "not reached" in row["last_error"]
    assert [each.value for each in page.metric] == ["0", "1"]
