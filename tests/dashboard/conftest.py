"""Fixtures of the dashboard's tests."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.dashboard.api_server import Api, serving, use_database


@pytest.fixture(scope="session")
def api_url() -> Iterator[str]:
    """The HTTP interface, served by this process on a real socket."""
    with serving() as url:
        yield url


@pytest.fixture
def api(api_url: str, engine: Engine) -> Iterator[Api]:
    """The HTTP interface on a database of this test's own, called with a key that may do everything."""
    use_database(engine)
    yield Api(api_url, engine).with_key()
    use_database(None)
