"""The preview asks our own interface with a key of its own, which is replaced when it was long unused."""

from datetime import timedelta

import httpx
import pytest
import streamlit as st
from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from dashboard.screens import preview
from ledger.database import reading, writing
from ledger.desk import keys
from tests.pages.visits import use


@pytest.fixture(autouse=True)
def acme(engine: Engine) -> None:
    """A workspace with 200 minutes."""
    use(engine)
    st.cache_resource.clear()
    with writing(engine) as db:
        ledger.create_workspace(db, "acme", name="A", owner_email="a@example.com", actor="t", at=present())
        ledger.update_plan_allocation(db, "acme", "starter", "monthly", key="1", actor="t", at=present())


def test_the_answers_are_those_of_the_interface() -> None:
    shown_text = preview.answers("acme")

    assert shown_text is not None
    assert shown_text["balance"]["total_minutes"] == 200
    assert shown_text["limit"]["allowed"] is True
    assert [package["code"] for package in shown_text["packages"]["items"]] == [
        "small",
        "medium",
        "large",
        "jumbo",
    ]
    assert preview.answers("gone") is None


def test_its_key_may_read_and_nothing_else() -> None:
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        preview.fetch("/api/metrics")


def test_one_key_serves_many_questions_and_an_old_one_is_revoked(engine: Engine) -> None:
    with writing(engine) as db:
        old = keys.create_key(
            db,
            name=preview.KEY_NAME,
            scopes=preview.SCOPES,
            actor="an earlier process",
            at=present() - timedelta(days=3),
        )

    preview.answers("acme")
    preview.answers("acme")

    with reading(engine) as db:
        mine = [key for key in keys.list_keys(db) if key.name == preview.KEY_NAME]
    assert len(mine) == 2
    assert [key.key_id for key in mine if key.revoked_at] == [old.key_id]


def test_the_answer_says_what_the_customer_is_offered_or_why_nothing() -> None:
    assert preview.answer({"items": [1, 2], "hold_out": None}) == (
        "The customer can buy **2 packages**. You can't buy in this preview."
    )
    assert preview.answer({"items": [], "hold_out": None}).startswith("**Nothing is on sale**")
    assert preview.answer({"items": [], "hold_out": {"name": "spring"}}).startswith("**Held out by spring**")
