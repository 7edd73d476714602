"""The Audit log page: the answer in each case, and before and after in one line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dashboard.screens.audit import amount, answer, change
from ledger.desk.audit import Line

AT = datetime(2026, 3, 1, tzinfo=UTC)
LINE = Line(1, AT, AT, "ann", "admin", "refund", "acme", None, None, 1332, {}, {"currency": "eur"}, "", "1")


def test_a_change_names_only_what_differs() -> None:
    assert change({"a": 1, "b": "x"}, {"a": 1, "b": "y", "c": [1]}) == "b: x → y; c: – → [1]"
    assert change({}, {}) == ""


def test_a_change_is_shown_in_words_and_its_currency_with_the_money() -> None:
    assert change({}, {"total_minutes": 59, "currency": "eur"}) == "total minutes: – → 59"


def test_money_is_shown_in_its_currency_and_in_cents_only_where_no_currency_is_stored() -> None:
    assert amount(LINE) == "€13.32"
    assert amount(replace(LINE, amount_cents=300, after={"currency": "jpy"})) == "¥300"
    assert amount(replace(LINE, after={})) == "1,332 cents"
    assert amount(replace(LINE, amount_cents=0)) == amount(replace(LINE, amount_cents=None)) == ""


def test_the_answer_names_the_last_action_or_counts_the_results_of_a_search() -> None:
    later = AT + timedelta(hours=2)

    assert answer([LINE], later, searched=False) == "Last action: **refund** by ann, 2h ago."
    assert answer([LINE], later, searched=True) == "**1 action matches** this search, newest first."
    assert answer([LINE, LINE], later, searched=True) == "**2 actions match** this search, newest first."
    assert answer([], later, searched=True) == "**No action matches** this search."
    assert answer([], later, searched=False) == "**Nothing is recorded yet.**"
