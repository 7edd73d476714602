"""The Webhooks page: endpoints, the delivery log, secrets, and sending an event again."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from dashboard.screens import webhooks
from ledger.database import reading, writing
from ledger.notify import create_endpoint, list_endpoints
from tests.pages.visits import hire, labels, visit, words
from tests.receiver import opens, sends, uses

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NOBODY = "http://127.0.0.1:9/nobody"


def add_receiver(engine: Engine, url: str = NOBODY) -> None:
    """Add an endpoint for every threshold."""
    with writing(engine) as db:
        create_endpoint(db, url, ["usage.threshold"], actor="t", at=NOW)


@pytest.mark.parametrize(
    ("role", "sees"), [("viewer", False), ("support", True), ("pricing", False), ("admin", True)]
)
def test_the_page_is_for_who_may_see_events(engine: Engine, role: str, sees: bool) -> None:
    page = visit(engine, "webhooks", email=hire(engine, role))

    assert not page.exception
    assert ("Events are not sent" in words(page)) is sees


def test_a_signed_out_visitor_sees_nothing(engine: Engine) -> None:
    page = visit(engine, "webhooks", email=None)

    assert "Events are not sent" not in words(page)


def test_endpoints_and_what_waits_for_them_are_listed(engine: Engine) -> None:
    add_receiver(engine)
    opens(engine, NOW)
    uses(engine, NOW, 160)

    page = visit(engine, "webhooks", email=hire(engine, "support"))

    endpoints, log = (each.value for each in page.dataframe[:2])
    assert endpoints["url"].tolist() == [NOBODY]
    assert endpoints["events"].tolist() == ["usage.threshold"]
    assert (log["type"].tolist(), labels(log, "state")) == (["usage.threshold"], ["Waiting"])
    assert "1 event is waiting" in words(page)


def test_older_deliveries_are_a_page_away(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    add_receiver(engine)
    opens(engine, NOW, "a", "b", "c")
    for name in "abc":
        uses(engine, NOW, 160, workspace_id=name)
    monkeypatch.setattr(webhooks, "PAGE", 2)

    page = visit(engine, "webhooks", email=hire(engine, "support"))
    first = page.dataframe[1].value["workspace_id"].tolist()
    page.button(key="deliveries_older").click().run()
    second = page.dataframe[1].value["workspace_id"].tolist()
    page.button(key="deliveries_newest").click().run()

    assert [name[-1] for name in first + second] == ["c", "b", "a"]
    assert page.dataframe[1].value["workspace_id"].tolist() == first


def test_a_place_that_is_no_number_shows_the_newest(engine: Engine) -> None:
    add_receiver(engine)
    opens(engine, NOW)
    uses(engine, NOW, 160)

    for before in ("x", "99999999999999999999"):
        page = visit(engine, "webhooks", email=hire(engine, "support"), before=before)
        assert page.dataframe[1].value["type"].tolist() == ["usage.threshold"]


def test_an_admin_adds_an_endpoint_and_sees_its_secret_once(engine: Engine) -> None:
    email = hire(engine, "admin")
    page = visit(engine, "webhooks", email=email)

    page.text_input(key="endpoint_url").set_value("https://hooks.example.com/minutes")
    page.multiselect(key="endpoint_events").set_value(["purchase.paid"])
    page.button(key="endpoint_submit").click().run()
    shown = [each.value for each in page.code]
    page.run()

    with reading(engine) as db:
        (endpoint,) = list_endpoints(db)
    assert (endpoint.url, endpoint.events, endpoint.created_by) == (
        "https://hooks.example.com/minutes",
        ("purchase.paid",),
        email,
    )
    assert shown == [endpoint.secret]
    assert not page.code


def test_an_admin_replaces_a_secret_and_deletes_an_endpoint_after_confirming(engine: Engine) -> None:
    add_receiver(engine, "https://a.example/hook")
    add_receiver(engine, "https://b.example/hook")
    with reading(engine) as db:
        first, second = list_endpoints(db)
    page = visit(engine, "webhooks", email=hire(engine, "admin"))

    page.selectbox(key="endpoint_id").set_value(first.endpoint_id)
    page.button(key="endpoint_rotate").click().run()
    shown = [each.value for each in page.code]
    page.selectbox(key="endpoint_id").set_value(first.endpoint_id)
    page.button(key="endpoint_delete").click().run()
    with reading(engine) as db:
        before = list_endpoints(db)
    next(
        each for each in page.button if each.label == "Delete endpoint" and each.key != "endpoint_delete"
    ).click().run()

    with reading(engine) as db:
        left = list_endpoints(db)
    assert shown == [before[0].secret]
    assert before[0].previous_secret == first.secret
    assert [each.endpoint_id for each in left] == [second.endpoint_id]


def test_an_address_that_is_not_safe_is_refused_in_words(engine: Engine) -> None:
    page = visit(engine, "webhooks", email=hire(engine, "admin"))

    page.text_input(key="endpoint_url").set_value("http://hooks.example.com")
    page.button(key="endpoint_submit").click().run()

    with reading(engine) as db:
        assert list_endpoints(db) == []
    assert "A webhook endpoint needs an https URL" in words(page)
    assert page.text_input(key="endpoint_url").value == "http://hooks.example.com"
    assert not page.error


def test_support_may_not_change_endpoints(engine: Engine) -> None:
    page = visit(engine, "webhooks", email=hire(engine, "support"))

    assert not [each for each in page.text_input if each.key == "endpoint_url"]


def test_a_failed_event_is_counted_and_shown(engine: Engine) -> None:
    add_receiver(engine)
    opens(engine, NOW)
    uses(engine, NOW, 160)
    for day in range(10):
        sends(engine, NOW + timedelta(days=day))

    page = visit(engine, "webhooks", email=hire(engine, "admin"))

    row = page.dataframe[1].value.iloc[0]
    assert (list(row["state"]), row["attempts"]) == (["Failed"], 10)
    assert [each.value for each in page.metric] == ["1", "0", "1"]


@pytest.mark.parametrize(
    ("state", "rows"), [("dead", ["acme"]), ("pending", ["other"]), ("", ["other", "acme"])]
)
def test_the_log_shows_one_state_or_all(engine: Engine, state: str, rows: list[str]) -> None:
    add_receiver(engine)
    opens(engine, NOW, "acme", "other")
    uses(engine, NOW, 160)
    for day in range(10):
        sends(engine, NOW + timedelta(days=day))
    uses(engine, NOW, 160, workspace_id="other")

    page = visit(engine, "webhooks", email=hire(engine, "support"), state=state)

    assert [link.rpartition("=")[2] for link in page.dataframe[1].value["workspace_id"]] == rows
