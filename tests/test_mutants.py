"""The list of hard changes fits the code, so that `make mutants ARGS=--hard` tries all of it."""

import ast

from tests.databases import CHECKOUT
from tests.mutants.changes import hard_changes, moved_on, replaced
from tests.mutants.covering import covering


def test_every_hard_change_has_its_place_in_the_code_and_changes_it() -> None:
    made = [change for _, change in hard_changes(CHECKOUT) if change is not None]

    assert moved_on(CHECKOUT) == []
    assert [change.about for change in made if change.before == change.after] == []
    for change in made:
        if change.path.endswith(".py"):
            ast.parse(change.text, change.about)


def test_a_place_that_is_gone_or_stands_twice_is_no_place(tmp_path) -> None:
    (tmp_path / "a.sql").write_text("SELECT 1;\nSELECT 1;\nSELECT 2;\n")

    assert replaced(tmp_path, "a.sql", "SELECT 3", "SELECT 4") is None
    assert replaced(tmp_path, "a.sql", "SELECT 1", "SELECT 4") is None
    assert replaced(tmp_path, "b.sql", "SELECT 2", "SELECT 4") is None
    change = replaced(tmp_path, "a.sql", "SELECT 2", "SELECT 4")
    assert change is not None
    assert (change.line, change.text) == (3, "SELECT 1;\nSELECT 1;\nSELECT 4;\n")


def test_the_mirrored_test_files_of_a_module_cover_it_before_files_of_that_name_elsewhere() -> None:
    chosen = covering(CHECKOUT, "ledger/payments/refunds.py", "", at_most_seconds=60)

    assert set(chosen[:2]) == {
        "tests/ledger/payments/test_refunds.py",
        "tests/ledger/payments/test_refunds_of_unused.py",
    }
    assert "tests/dashboard/actions/test_refunds.py" in chosen[2:]
