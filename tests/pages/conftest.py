"""What the dashboard of a test has opened is closed with the test."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from dashboard.api.state import close_state, use_state


@pytest.fixture(autouse=True)
def closed_gateways(engine: Engine) -> Iterator[None]:
    """Give back the sandbox's connections before the test's database is dropped."""
    yield
    close_state()
    use_state(None)
    engine.dispose()
