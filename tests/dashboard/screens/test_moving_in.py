"""The answer over the Moving in page in each case."""

from dataclasses import replace

from dashboard.screens.moving_in import answer, unexplained_money
from ledger.payments.moving_in import MoveInComparison
from tests.stories import START

AGREED = MoveInComparison(
    comparison_id=1, source="sandbox", compared_at=START, actor="ada", equal=2, open=0, unexplained_minutes=0,
    unexplained_cents=0, differences=(), went_live_by=None,
)  # fmt: skip


def test_the_answer_says_whether_the_books_agree() -> None:
    assert answer(None).startswith("**Not compared yet**")
    assert answer(AGREED) == "**No differences**: 2 subscriptions and balances match. Go live."
    assert (
        answer(replace(AGREED, equal=1)) == "**No differences**: 1 subscription or balance matches. Go live."
    )
    assert answer(replace(AGREED, went_live_by="ada")) == "**Live since this comparison**, started by ada."
    assert answer(replace(AGREED, open=1)) == "**1 difference to resolve**, 0 minutes unexplained."
    assert answer(replace(AGREED, open=2, unexplained_minutes=1)) == (
        "**2 differences to resolve**, 1 minute unexplained."
    )


def test_unexplained_money_is_an_amount_of_each_currency_and_what_waits_for_a_sync_is_explained() -> None:
    differences = (
        {"currency": "usd", "unexplained_cents": 1900, "new_cents": 0},
        {"currency": "jpy", "unexplained_cents": 1000, "new_cents": 0},
        {"currency": "usd", "unexplained_cents": 100, "new_cents": 0},
        {"currency": "usd", "unexplained_cents": 0, "new_cents": 7700},
        {"workspace_id": "acme", "difference": 9},
    )

    assert unexplained_money(AGREED) == "0"
    assert unexplained_money(replace(AGREED, differences=differences)) == "¥1,000 + $20.00"
