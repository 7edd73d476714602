"""A storm of support actions from parallel sessions: nothing lost, nothing doubled, the ledger proves itself."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import Engine

import ledger
from dashboard import actions
from dashboard.access import Operator
from dashboard.clock import present
from ledger.database import reading, writing
from ledger.desk import approvals, audit
from ledger.minutes.verify import verify
from tests.pages.visits import use

PEOPLE = [Operator(f"{name}@example.com", name, role, "oidc") for name, role in (
    ("sam", "support"), ("tom", "support"), ("ada", "admin"), ("ben", "admin"), ("vic", "viewer"))]  # fmt: skip
WORKSPACES = [f"w{number}" for number in range(6)]


def _one_session(seed: int, engine: Engine) -> None:
    """Thirty clicks of somebody in a hurry: grants, repeats, undoing, deciding, and customers who go on calling."""
    chance = random.Random(seed)
    for number in range(30):
        who, where = chance.choice(PEOPLE), chance.choice(WORKSPACES)
        kind = chance.choice(["give", "give", "repeat", "void", "decide", "use"])
        try:
            if kind == "give":
                minutes = chance.choice([5, 60, 300, 301, 4000])
                actions.grant_minutes(who, where, minutes, reason="storm", key=f"{seed}/{number}")
            elif kind == "repeat":
                actions.grant_minutes(PEOPLE[0], WORKSPACES[0], 5, reason="storm", key=f"shared {number % 3}")
            elif kind == "void":
                actions.void_minutes(
                    who, where, chance.randrange(1, 8), reason="storm", key=f"{seed}/{number}"
                )
            elif kind == "decide":
                with reading(engine) as db:
                    waiting = approvals.list_approvals(db, state="waiting")
                if waiting:
                    actions.decide(who, chance.choice(waiting).approval_id, accepted=chance.random() < 0.5)
            else:
                with writing(engine) as db:
                    ledger.track_minutes(
                        db, where, chance.randrange(1, 90), key=f"{seed}/{number}", at=present()
                    )
        except ledger.LedgerError:
            continue


def test_a_storm_of_support_actions_leaves_a_ledger_that_verifies(engine: Engine) -> None:
    use(engine)
    at = present() - timedelta(days=1)
    with writing(engine) as db:
        for workspace_id in WORKSPACES:
            ledger.create_workspace(db, workspace_id, name="W", owner_email="w@example.com", actor="t", at=at)
            ledger.update_plan_allocation(
                db, workspace_id, "starter", "monthly", key="first", actor="t", at=at
            )

    with ThreadPoolExecutor(6) as pool:
        for session in [pool.submit(_one_session, seed, engine) for seed in range(6)]:
            session.result()

    with reading(engine) as db:
        assert verify(db, at=present()) == []
        lines = audit.list_lines(db, limit=10_000)
        lots = [lot for workspace_id in WORKSPACES for lot in ledger.list_lots(db, workspace_id)]
    given = sum(line.minutes or 0 for line in lines if line.action in {"grant", "approve_grant"})
    assert given > 0
    assert given == sum(lot.minutes for lot in lots if lot.kind == "grant")
    assert sum(line.minutes or 0 for line in lines if line.action == "void") == sum(
        lot.voided for lot in lots
    )
    assert {line.role for line in lines} <= {"support", "admin"}
