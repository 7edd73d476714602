"""The Import page without any import, and for whom it is."""

import pytest
from sqlalchemy import Engine

from tests.pages.visits import hire, visit, words


def test_an_administrator_finds_an_empty_page_that_says_what_to_do(engine: Engine) -> None:
    page = visit(engine, "imports", email=hire(engine, "admin"))
    assert "No imports yet." in words(page)
    assert "A dry run shows what would be booked" in words(page)


def test_keeping_no_files_says_what_to_choose(engine: Engine) -> None:
    page = visit(engine, "imports", email=hire(engine, "admin"))
    page.button(key="import_keep").click().run()
    assert "Choose the files first." in words(page)


@pytest.mark.parametrize("role", ["viewer", "support", "pricing"])
def test_nobody_else_may_import(engine: Engine, role: str) -> None:
    page = visit(engine, "imports", email=hire(engine, role))
    assert "No imports yet." not in words(page)
