"""The Audit log page: who did what, searchable, with before and after."""

from sqlalchemy import Engine

import ledger
from dashboard import actions
from dashboard.access import Operator
from dashboard.clock import present
from ledger.database import writing
from tests.pages.visits import hire, use, visit

SAM = Operator("sam@example.com", "Sam", "support", "oidc")


def test_a_grant_matches_a_word_of_its_reason(engine: Engine) -> None:
    use(engine)
    with writing(engine) as db:
        ledger.create_workspace(db, "acme", name="A", owner_email="a@example.com", actor="t", at=present())
    actions.grant_minutes(SAM, "acme", 5, reason="=SUM(A1) dropped call", key="1")
    actions.grant_minutes(SAM, "acme", 7, reason="outage", key="2")

    page = visit(engine, "audit", email=hire(engine, "admin"), q="dropped")

    [line] = page.dataframe[0].value.to_dict("records")
    assert (line["actor"], line["what"], line["minutes"]) == ("sam@example.com", "grant", 5)
    assert line["reason"] == "'=SUM(A1) dropped call"
    assert "total minutes: 0 → 5" in line["change"]
