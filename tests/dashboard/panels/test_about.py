"""About this number: what the rows of a number add up to, in the reader's words."""

from decimal import Decimal

from dashboard.panels import about
from ledger.metrics import RowTotals


def test_rows_of_a_share_are_said_as_a_share_and_of_an_amount_as_a_sum() -> None:
    assert (
        about.summed("conversion", RowTotals(267, 46, Decimal(88), 267))
        == "88 of 267 = 33.0% (46 still open)"
    )
    assert about.summed("conversion", RowTotals(0, 3, Decimal(0), 0)) == "0 of 0 (3 still open)"
    assert about.summed("revenue-net", RowTotals(8, 0, Decimal(16494), 8)) == "8 rows, sum 16494 cents"
