"""The Audit log page: who did what, searchable, with before and after."""

from sqlalchemy import Engine, text

import ledger
from dashboard import actions
from dashboard.access import Operator
from dashboard.clock import present
from ledger.database import writing
from tests.databases import as_owner
from tests.pages.visits import hire, use, visit

EVA = Operator("eva@example.com", "Eva", "support", "oidc")
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


def test_lines_are_filtered_by_person_action_and_time_and_the_address_says_so(engine: Engine) -> None:
    use(engine)
    with writing(engine) as db:
        for name in ("acme", "beta"):
            ledger.create_workspace(db, name, name="A", owner_email="a@example.com", actor="t", at=present())
    actions.grant_minutes(SAM, "acme", 5, reason="one", key="1")
    actions.grant_minutes(EVA, "beta", 7, reason="two", key="2")
    actions.add_note(SAM, "acme", "three", key="3")
    with writing(engine) as db, as_owner(db):
        db.execute(text("UPDATE audit SET at = at - interval '8 days' WHERE workspace_id = 'beta'"))
    admin = hire(engine, "admin")

    page = visit(engine, "audit", email=admin, actor="sam@example.com", action="grant")
    week = visit(engine, "audit", email=admin, period="7d")
    everything = visit(engine, "audit", email=admin)
    everything.selectbox(key="filter_actor").set_value("eva@example.com").run()

    assert page.dataframe[0].value["reason"].tolist() == ["one"]
    assert "beta" not in " ".join(week.dataframe[0].value["workspace_id"].dropna())
    assert everything.query_params["actor"] == "eva@example.com"
    assert everything.dataframe[0].value["reason"].tolist() == ["two"]
