"""The Workspace page: the right numbers, gifts that are given once, and nobody who may not."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from ledger.database import reading, writing
from tests.pages.visits import hire, visit, words


@pytest.fixture
def acme(engine: Engine) -> str:
    """A workspace with 200 plan minutes, 30 of them used."""
    at = present() - timedelta(days=3)
    with writing(engine) as db:
        ledger.create_workspace(
            db, "acme", name="Acme **Studio**", owner_email="owner@acme.example", actor="test", at=at
        )
        ledger.update_plan_allocation(db, "acme", "starter", "monthly", key="first", actor="test", at=at)
        ledger.track_minutes(db, "acme", 30, key="call 1", at=at + timedelta(hours=1))
    return "acme"


def _balance(engine: Engine) -> int:
    with reading(engine) as db:
        return ledger.get_balance(db, "acme").total_minutes


def test_the_page_shows_the_balance_and_why_it_is_so(engine: Engine, acme: str) -> None:
    page = visit(engine, "workspace", email=hire(engine, "support"), id=acme)

    assert not page.exception
    assert page.metric[0].value == "170"
    assert "In total: 200 credited − 30 used = 170 left." in page.code[0].value
    assert page.title[0].value == r"Acme \*\*Studio\*\*"


def test_a_gift_given_twice_by_an_impatient_click_is_one_gift(engine: Engine, acme: str) -> None:
    page = visit(engine, "workspace", email=hire(engine, "support"), id=acme, ws_tab="Give minutes")
    page.text_input(key="grant_words").set_value("the call dropped")
    from dashboard.workspace import gifts

    key = page.session_state["key of grant"]
    page.button(key="grant_submit").click().run()

    assert "60 minutes given" in words(page)
    assert _balance(engine) == 230
    assert page.session_state["key of grant"] != key
    assert gifts.FORM == "grant"


def test_a_gift_without_words_is_refused_and_the_form_keeps_what_was_typed(engine: Engine, acme: str) -> None:
    page = visit(engine, "workspace", email=hire(engine, "support"), id=acme, ws_tab="Give minutes")
    page.text_input(key="grant_ticket").set_value("T-1")
    page.button(key="grant_submit").click().run()

    assert "say in words why" in page.error[0].value
    assert page.text_input(key="grant_ticket").value == "T-1"
    assert _balance(engine) == 170
