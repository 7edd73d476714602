"""Open payment alerts stand with the bank's deadline where there is one."""

from datetime import timedelta

from sqlalchemy import Engine

from dashboard.clock import present
from ledger.database import reading, writing
from ledger.payments.alerts import list_alerts, raise_alert
from tests.pages.visits import hire, labels, visit, words


def _alerts(engine: Engine, *, disputed: bool) -> None:
    at = present()
    with writing(engine) as db:
        raise_alert(db, "second_payment", "pi_1", detail="look", workspace_id=None, at=at)
        if disputed:
            due_at = at + timedelta(days=3)
            raise_alert(
                db, "dispute", "dp_1", detail="answer", workspace_id=None, at=at + timedelta(1), due_at=due_at
            )


def test_a_dispute_is_listed_with_the_day_by_which_the_bank_wants_an_answer(engine: Engine) -> None:
    _alerts(engine, disputed=True)

    shown = visit(engine, "health", email=hire(engine, "admin")).dataframe[0].value

    assert labels(shown, "kind") == ["Dispute", "Second payment"]
    assert shown["due_at"].notna().tolist() == [True, False]


def test_alerts_without_a_deadline_have_no_column_for_it(engine: Engine) -> None:
    _alerts(engine, disputed=False)

    shown = visit(engine, "health", email=hire(engine, "admin")).dataframe[0].value

    assert "due_at" not in shown


def test_alerts_of_several_customers_are_resolved_after_a_yes_and_not_before(engine: Engine) -> None:
    at = present()
    with writing(engine) as db:
        for workspace_id in ("acme", "beta"):
            raise_alert(
                db, "fraud_warning", f"ch_{workspace_id}", detail="look", workspace_id=workspace_id, at=at
            )
    page = visit(engine, "health", email=hire(engine, "admin"))
    page.session_state["alerts_0"] = {"selection": {"rows": [0, 1], "columns": [], "cells": []}}
    page.run()

    page.button(key="close_alerts").click().run()
    with reading(engine) as db:
        assert len(list_alerts(db)) == 2
    assert "Mark 2 alerts of 2 customers as resolved?" in words(page)
    page.button(key="resolve_yes").click().run()

    assert not page.exception
    with reading(engine) as db:
        assert list_alerts(db) == []
