"""Lines of numbers: exact values, changes that no spreadsheet executes, and what each rests on."""

from dashboard.kit.breakdown import _line
from dashboard.kit.figures import Figures
from ledger.database import reading
from tests import mini_ledger
from tests.dashboard.kit.test_tiles import chosen


def test_a_line_has_the_exact_number_and_what_it_rests_on() -> None:
    with mini_ledger.rolled_up() as engine, reading(engine) as db:
        figures = Figures(db, chosen(db, "90d"))
        line = _line(figures, figures.of("revenue-net"))

    assert (line["name"], line["value"], line["change"]) == ("Net revenue", "$164.94", "")
    assert line["cases"].endswith(" payments")
