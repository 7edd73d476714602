"""The page Health: alerts, reconciliation, worker, installation and the proof."""

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

import ledger
from dashboard.clock import present
from dashboard.screens import payment_alerts
from ledger.desk import audit
from ledger.payments.alerts import raise_alert
from ledger.payments.purchases import Purchase
from tests.pages.visits import hire, visit, words
from tests.shop import open_shop


@pytest.fixture
def shop(engine: Engine):
    """A shop with one purchase that is paid at Stripe, and no event reported it."""
    with open_shop(engine, present()) as shop:
        shop.buys("small")
        shop.loses_events()
        yield shop


def test_a_comparison_with_stripe_finds_and_repairs_what_no_event_reported(engine: Engine, shop) -> None:
    page = visit(engine, "health", email=hire(engine, "admin"))
    assert not page.exception
    assert "Not compared yet" in words(page)

    page.button(key="reconcile").click().run()

    assert not page.exception
    assert "1 payment compared: 1 difference, 1 repaired" in words(page)
    assert "1 mismatch · 1 repaired · 1 payment · " in page.selectbox(key="filter_report").options[0]
    assert shop.extra() == 60
    assert list(page.dataframe[0].value["kind"]) == ["Paid not credited"]


def test_an_alert_is_shown_until_somebody_resolves_it(engine: Engine, shop) -> None:
    shop.runs("UPDATE extra_minutes_purchases SET amount_cents = 500")

    (row,) = shop.rows("SELECT * FROM extra_minutes_purchases")
    shop.syncs(Purchase.of(row))
    page = visit(engine, "health", email=hire(engine, "admin"))
    assert "5.00 USD was agreed" in page.dataframe[0].value["detail"].iloc[0]

    choose(page, 0)
    page.button(key="close_alerts").click().run()

    assert "Alert marked as resolved" in words(page).replace("\\", "")
    assert "No open alerts" in words(page)


def choose(page: AppTest, *lines: int) -> None:
    """Choose these lines of the alerts."""
    page.session_state["alerts_0"] = {"selection": {"rows": list(lines), "columns": [], "cells": []}}
    page.run()


def test_many_alerts_are_counted_by_kind_and_listed_in_pages(engine: Engine, shop) -> None:
    with ledger.writing(engine) as db:
        for number in range(payment_alerts.ALERTS_PAGE + 2):
            about = {"detail": "Disputed", "workspace_id": "acme", "at": shop.later(hours=1).now}
            raise_alert(db, "dispute", f"du_{number}", **about)
        raise_alert(db, "fraud_warning", "ch_1", detail="Fraud", workspace_id="acme", at=shop.now)
    page = visit(engine, "health", email=hire(engine, "admin"))
    newest = page.dataframe[0].value["object_id"].tolist()

    page.button(key="alerts_older").click().run()
    older = page.dataframe[0].value["object_id"].tolist()
    page.button_group(key="kind_pills").set_value("fraud_warning").run()
    of_kind = page.dataframe[0].value["object_id"].tolist()
    choose(page, 0)
    page.button(key="close_alerts").click().run()

    assert newest[:2] == ["ch_1", "du_21"]
    assert older == ["du_2", "du_1", "du_0"]
    assert of_kind == ["ch_1"], "another kind begins with its newest"
    assert not page.exception
    assert "22" in [each.value for each in page.metric]


def test_several_alerts_are_resolved_at_once_each_with_its_line_in_the_log(engine: Engine, shop) -> None:
    with ledger.writing(engine) as db:
        for number in range(3):
            about = {"detail": "Disputed", "workspace_id": "acme", "at": shop.later(hours=1).now}
            raise_alert(db, "dispute", f"du_{number}", **about)
    page = visit(engine, "health", email=hire(engine, "admin"))

    choose(page, 0, 2)
    page.button(key="close_alerts").click().run()

    assert "2 alerts closed" in words(page)
    assert page.dataframe[0].value["object_id"].tolist() == ["du_1"]
    assert not [each for each in page.button if each.key == "close_alerts"], "nothing is chosen"
    with ledger.reading(engine) as db:
        lines = [(line.action, line.subject) for line in audit.list_lines(db) if line.action == "close_alert"]
    assert sorted(lines) == [("close_alert", "dispute:du_0"), ("close_alert", "dispute:du_2")]


def test_the_proof_names_what_is_off_and_says_when_nothing_is(engine: Engine, shop) -> None:
    page = visit(engine, "health", email=hire(engine, "support"))
    page.button(key="verify").click().run()
    assert [error.value for error in page.error] == ["Integrity check failed: 1 row does not match."]
    assert list(page.dataframe[-1].value["check"]) == ["purchases"]

    (row,) = shop.rows("SELECT * FROM extra_minutes_purchases")
    shop.syncs(Purchase.of(row))
    page.button(key="verify").click().run()

    assert "no discrepancies" in words(page)


@pytest.mark.usefixtures("shop")
def test_support_cannot_start_a_comparison(engine: Engine) -> None:
    page = visit(engine, "health", email=hire(engine, "support"))

    assert "reconcile" not in [button.key for button in page.button]


@pytest.mark.parametrize("role", ["viewer", "pricing"])
def test_other_roles_do_not_see_the_page(engine: Engine, role: str) -> None:
    page = visit(engine, "health", email=hire(engine, role))

    assert page.error
    assert not page.metric
