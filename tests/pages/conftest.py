"""What the dashboard of a test has opened is closed with the test."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from dashboard.installation import close, use_installation
from tests import mini_ledger
from tests.databases import database_like
from tests.pages.visits import hire
from tests.pricing_company import make_company


@pytest.fixture(autouse=True)
def closed_gateways(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give back the sandbox's connections before the test's database is dropped."""
    engines = [
        request.getfixturevalue(name) for name in ("engine", "company") if name in request.fixturenames
    ]
    yield
    close()
    use_installation(None)
    for engine in engines:
        engine.dispose()


@pytest.fixture
def company() -> Iterator[Engine]:
    """Twenty-four workspaces, three months, some blocked, some of them buying."""
    with database_like(make_company) as engine:
        yield engine


@pytest.fixture(scope="module")
def story() -> Iterator[Engine]:
    """The ten workspaces whose numbers are known, rolled up, with a viewer and a supporter on the staff."""
    with mini_ledger.rolled_up() as engine:
        hire(engine, "viewer")
        hire(engine, "support")
        yield engine
