"""One browser for each file of tests, one window for each test; some files share one dashboard, too."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

from tests.browser.server import chromium, running
from tests.databases import migrated_database

expect.set_options(timeout=120_000)  # a busy machine is no failure


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for one file: while it lives, its event loop runs in this thread, and no other test may start one."""
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of its own; an error on the browser's console fails the test, except Streamlit's own health probes."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(60_000)
    window = context.new_page()
    errors: list[str] = []
    window.on("pageerror", lambda error: errors.append(str(error)))
    yield window
    context.close()
    assert errors == []


@pytest.fixture(scope="module")
def shared() -> Iterator[Engine]:
    """One database for the tests of a file; each has workspaces and people of its own."""
    with migrated_database() as engine:
        yield engine


@pytest.fixture(scope="module")
def address(shared: Engine) -> Iterator[str]:
    """The dashboard over it, started once."""
    with running(shared) as url:
        yield url
