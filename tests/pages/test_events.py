"""The page Events: what came, what it did, personal data by role, and replay."""

import pytest
from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from ledger.payments.auto_top_up import set_auto_top_up
from ledger.payments.top_ups import run_top_ups
from tests.pages.visits import hire, visit, words
from tests.shop import open_shop


@pytest.fixture
def shop(engine: Engine):
    """A shop with one paid purchase whose events were worked on, and one event about something unknown."""
    with open_shop(engine, present()) as shop:
        shop.bought("small")
        shop.delivers("refund.created", refund="re_1", charge="ch_1", payment_intent="pi_sbx_unknown")
        shop.works()
        yield shop


@pytest.mark.usefixtures("shop")
def test_events_are_listed_with_effect_and_error(engine: Engine) -> None:
    page = visit(engine, "events", email=hire(engine, "support"))

    assert not page.exception
    table = page.dataframe[0].value
    assert "60 minutes credited" in set(table["effect"])
    assert any("unknown_at_stripe" in str(error) for error in table["error"])
    assert [metric.value for metric in page.metric] == ["1", "1", "0"]


def test_one_event_shows_its_body_without_secrets(engine: Engine, shop) -> None:
    (row,) = shop.rows("SELECT event_id FROM stripe_events WHERE type = 'charge.succeeded'")
    page = visit(engine, "events", email=hire(engine, "support"), event=row["event_id"])

    assert '"type": "charge.succeeded"' in page.code[0].value
    assert "_secret_" not in page.code[0].value


def test_an_administrator_lets_an_event_run_again(engine: Engine, shop) -> None:
    (row,) = shop.rows("SELECT event_id FROM stripe_events WHERE type = 'payment_intent.succeeded'")
    page = visit(engine, "events", email=hire(engine, "admin"), event=row["event_id"])

    page.button(key="replay").click().run()

    assert "Event queued to run again" in words(page)
    assert shop.event(row["event_id"])["status"] == "pending"
    shop.later(minutes=1)
    shop.works()
    assert (shop.event(row["event_id"])["effect"], shop.extra()) == ("already up to date", 60)


def test_support_sees_events_but_cannot_replay(engine: Engine, shop) -> None:
    (row,) = shop.rows("SELECT event_id FROM stripe_events WHERE type = 'payment_intent.succeeded'")
    page = visit(engine, "events", email=hire(engine, "support"), event=row["event_id"])

    assert "replay" not in [button.key for button in page.button]


@pytest.mark.parametrize("role", ["viewer", "pricing"])
def test_other_roles_see_no_events(engine: Engine, role: str) -> None:
    page = visit(engine, "events", email=hire(engine, role))

    assert page.error
    assert not page.dataframe


def test_an_empty_inbox_says_so(engine: Engine) -> None:
    page = visit(engine, "events", email=hire(engine, "admin"))

    assert not page.exception
    assert "No events" in words(page)


def test_what_came_of_top_ups_stands_on_the_page(engine: Engine, shop) -> None:
    with ledger.writing(engine) as db:
        set_auto_top_up(
            db,
            "acme",
            package="small",
            trigger=80,
            monthly_limit_cents=5000,
            enabled=True,
            actor="ann",
            at=shop.now,
        )
    shop.uses(60)
    run_top_ups(engine, shop.gateway, at=shop.now)

    page = visit(engine, "events", email=hire(engine, "support"))

    assert not page.exception
    table = page.dataframe[1].value
    assert (list(table["workspace_id"]), list(table["outcome"])) == (["acme"], ["No saved card"])
