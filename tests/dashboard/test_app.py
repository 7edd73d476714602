"""The entry script: whatever the address, nobody unknown gets past it."""

from sqlalchemy import Engine

from tests.pages.visits import ENTRY, visit, words


def test_no_pages_folder_lies_beside_the_entry_script() -> None:
    assert not (ENTRY.parent / "pages").exists()


def test_somebody_signed_out_sees_only_the_way_in(engine: Engine) -> None:
    page = visit(engine, "overview", email=None)

    assert [button.label for button in page.button] == ["Sign in"]
    assert "Sign in to see balances" in words(page)
    assert not page.dataframe
