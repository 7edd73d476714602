"""A desk whose audit lines are read after every action."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from dashboard.installation import close, use_installation
from ledger.desk import notes
from ledger.metrics.rollups import refresh_rollups
from tests.audited_desk import Desk
from tests.bystander import stays_untouched
from tests.pages.visits import use
from tests.shop import open_shop


@pytest.fixture
def desk(engine: Engine) -> Iterator[Desk]:
    """Acme with 200 plan minutes, a second workspace, and one beside them that no action may change."""
    use(engine)
    with open_shop(engine, present()) as shop:
        for workspace_id in ("other", "beside"):
            shop.signs_up(workspace_id)
        with ledger.writing(engine) as db:
            for workspace_id in ("acme", "other", "beside"):
                ledger.update_plan_allocation(
                    db, workspace_id, "starter", "monthly", key="first", actor="test", at=shop.now
                )
        with ledger.writing(engine) as db:
            notes.add_note(db, "beside", UUID(int=1), "likes coffee", author="test", at=shop.now)
        shop.buys(workspace_id="beside")
        shop.works()
        with ledger.writing(engine) as db:
            refresh_rollups(db, at=shop.now)
        touched = (
            "workspaces",
            "notes",
            "extra_minutes_purchases",
            "stripe_events",
            "entries",
            "payment_objects",
        )
        with stays_untouched(engine, "beside", *touched):
            yield Desk(shop)
    close()
    use_installation(None)
