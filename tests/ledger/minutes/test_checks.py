"""What must hold of a workspace beside its entries: two workspaces, of which one is changed behind the ledger's back."""

import pytest
from sqlalchemy import Connection, text

import ledger
from tests.stories import Story


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("workspace_minutes.current_lot_id", "UPDATE workspace_minutes SET current_lot_id = 2 WHERE workspace_id = :w"),
        ("workspace_minutes.plan", "UPDATE workspace_minutes SET plan = 'pro' WHERE workspace_id = :w"),
        ("workspace_minutes.lot_count", "UPDATE workspace_minutes SET lot_count = 9 WHERE workspace_id = :w"),
        ("grant", "UPDATE idempotency_keys SET lot_id = 1 WHERE workspace_id = :w AND operation = 'grant'"),
    ],
)  # fmt: skip
def test_what_differs_from_the_replay_is_named_and_the_other_workspace_is_not(
    db: Connection, where: str, change: str
) -> None:
    acme, beta = Story(db), Story(db)
    for each in (acme, beta):
        each.plan("starter")
        each.gets(60)
        each.uses(30)
    assert ledger.verify(db) == []

    db.execute(text("RESET ROLE"))
    db.execute(text(change), {"w": acme.workspace_id})

    findings = ledger.verify(db)
    assert {finding.workspace_id for finding in findings} == {acme.workspace_id}
    assert any(where in finding.where for finding in findings)
