"""What the dashboard of a test has opened is closed with the test."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from dashboard.api.state import close_state, use_state
from ledger.database import writing
from ledger.rollups import refresh_rollups
from tests import mini_ledger
from tests.databases import migrated_database
from tests.pages.visits import hire


@pytest.fixture(autouse=True)
def closed_gateways(engine: Engine) -> Iterator[None]:
    """Give back the sandbox's connections before the test's database is dropped."""
    yield
    close_state()
    use_state(None)
    engine.dispose()


@pytest.fixture(scope="module")
def story() -> Iterator[Engine]:
    """The ten workspaces whose numbers are known, rolled up, with a viewer and a supporter on the staff."""
    with migrated_database() as engine:
        with writing(engine) as db:
            mini_ledger.tell(db)
            refresh_rollups(db, at=mini_ledger.AS_OF)
        hire(engine, "viewer")
        hire(engine, "support")
        yield engine
