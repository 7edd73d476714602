"""What the dashboard of a test has opened is closed with the test."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from dashboard.installation import close, use_installation
from tests import mini_ledger
from tests.pages.visits import hire


@pytest.fixture(autouse=True)
def closed_gateways(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give back the sandbox's connections before the test's database is dropped."""
    engine = request.getfixturevalue("engine") if "engine" in request.fixturenames else None
    yield
    close()
    use_installation(None)
    if engine:
        engine.dispose()


@pytest.fixture(scope="module")
def story() -> Iterator[Engine]:
    """The ten workspaces whose numbers are known, rolled up, with a viewer and a supporter on the staff."""
    with mini_ledger.rolled_up() as engine:
        hire(engine, "viewer")
        hire(engine, "support")
        yield engine
