"""Metrics and search are read from the copy of the database (`DATABASE_URL_READ`), what people change from the database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from ledger.database import writing
from tests.databases import migrated_database
from tests.pages.visits import hire, visit, words
from tests.stories import Story

FIRST_STEP = "Create an API key"
"""Shown while the database that a page reads has no workspace."""


@pytest.fixture
def workspace_of_copy(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A workspace that only the copy has."""
    with migrated_database() as copy:
        with writing(copy) as db:
            story = Story(db)
            story.plan()
        monkeypatch.setenv("DATABASE_URL_READ", copy.url.render_as_string(hide_password=False))
        yield story.workspace_id


@pytest.mark.parametrize(
    "page", ["overview", "conversion", "packages", "purchases", "liability", "retention", "search"]
)
def test_pages_of_numbers_and_search_read_the_copy(workspace_of_copy: str, engine: Engine, page: str) -> None:
    shown = words(visit(engine, page, email=hire(engine, "admin")))

    assert (FIRST_STEP in shown) == (page == "purchases")  # it leads to refunds: it must show the last write
    assert (workspace_of_copy in shown) == (page == "search")


def test_a_workspace_page_reads_the_database_itself(workspace_of_copy: str, engine: Engine) -> None:
    page = visit(engine, "workspace", email=hire(engine, "admin"), id=workspace_of_copy)

    assert f"Workspace {workspace_of_copy} doesn't exist." in words(page)
