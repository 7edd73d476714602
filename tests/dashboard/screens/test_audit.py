"""Before and after in one line."""

from dataclasses import replace
from datetime import UTC, datetime

from dashboard.screens.audit import amount, change
from ledger.desk.audit import Line

AT = datetime(2026, 3, 1, tzinfo=UTC)
LINE = Line(1, AT, AT, "ann", "admin", "refund", "acme", None, None, 1332, {}, {"currency": "eur"}, "", "1")


def test_a_change_names_only_what_differs() -> None:
    assert change({"a": 1, "b": "x"}, {"a": 1, "b": "y", "c": [1]}) == "b: x → y; c: – → [1]"
    assert change({}, {}) == ""


def test_a_change_is_told_in_words_and_its_currency_stands_with_the_money() -> None:
    assert change({}, {"total_minutes": 59, "currency": "eur"}) == "total minutes: – → 59"


def test_money_is_told_in_its_currency_and_in_cents_only_where_no_currency_was_kept() -> None:
    assert amount(LINE) == "13.32 EUR"
    assert amount(replace(LINE, amount_cents=300, after={"currency": "jpy"})) == "300 JPY"
    assert amount(replace(LINE, after={})) == "1,332 cents"
    assert amount(replace(LINE, amount_cents=0)) == amount(replace(LINE, amount_cents=None)) == ""
