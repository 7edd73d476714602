"""The Approvals page: one person asks, another decides."""

import pytest
from sqlalchemy import Engine

import ledger
from dashboard import actions
from dashboard.access import Operator
from dashboard.clock import present
from ledger.database import reading, writing
from tests.pages.visits import hire, labels, use, visit, words


@pytest.fixture
def grant_request(engine: Engine) -> str:
    """A request for 400 minutes by Sam; gives its id."""
    use(engine)
    with writing(engine) as db:
        ledger.create_workspace(db, "acme", name="Acme", owner_email="a@example.com", actor="t", at=present())
    sam = Operator(hire(engine, "support", "sam"), "Sam", "support", "oidc")
    return str(actions.grant_minutes(sam, "acme", 400, reason="=1+1 **outage**", key="k").waits_for)


def _total(engine: Engine) -> int:
    with reading(engine) as db:
        return ledger.get_balance(db, "acme").total_minutes


def test_an_administrator_accepts_and_the_minutes_are_there(engine: Engine, grant_request: str) -> None:
    page = visit(engine, "approvals", email=hire(engine, "admin"))
    assert page.text[0].value == "=1+1 **outage**"
    assert "Balance **0 → 400 min**" in words(page)
    assert "Acme" in [link.label for link in page.get("page_link")]

    page.text_input(key=f"remark_{grant_request}").set_value("fine")
    page.button(key=f"accept_{grant_request}").click().run()

    assert "400 minutes granted" in words(page)
    assert _total(engine) == 400
    assert "Nothing to approve" in words(page)


def test_the_requester_has_no_buttons_and_rejecting_changes_nothing(
    engine: Engine, grant_request: str
) -> None:
    own = visit(engine, "approvals", email="sam@example.com")
    assert "someone else needs to decide" in words(own)
    assert [button.label for button in own.button] == ["Search", "Sign out", "Sign out everywhere"]

    page = visit(engine, "approvals", email=hire(engine, "admin"))
    page.button(key=f"reject_{grant_request}").click().run()

    assert _total(engine) == 0
    assert labels(page.dataframe[0].value, "state") == ["Rejected"]
