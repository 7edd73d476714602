"""About this number: what the rows of a number add up to, in the reader's words."""

from decimal import Decimal

import pandas as pd

from dashboard.panels import about
from ledger.metrics import RowTotals


def test_rows_of_a_share_are_said_as_a_share_and_of_an_amount_as_a_sum() -> None:
    assert (
        about.summed("conversion", RowTotals(267, 46, Decimal(88), 267))
        == "88 of 267 = 33.0% (46 still open)"
    )
    assert about.summed("conversion", RowTotals(0, 3, Decimal(0), 0)) == "0 of 0 (3 still open)"
    assert about.summed("revenue-net", RowTotals(8, 0, Decimal(16494), 8)) == "8 rows, sum 16494 cents"


def test_amounts_of_rows_read_as_money_each_in_its_own_currency() -> None:
    rows = [
        {"value_cents": 1999.0, "fee_cents": None, "currency": "usd"},
        {"value_cents": 1000.0, "fee_cents": 29, "currency": "jpy"},
    ]

    shown = about.as_money(pd.DataFrame(rows)).to_dict("records")

    assert shown == [{"value": "$19.99", "fee": ""}, {"value": "¥1,000", "fee": "¥29"}]


def test_amounts_without_a_currency_stay_numbers_of_cents() -> None:
    frame = pd.DataFrame([{"value_cents": 5, "currency": "usd"}, {"value_cents": 7, "currency": None}])

    assert about.as_money(frame).equals(frame)
