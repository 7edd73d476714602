"""The Approvals page: what is requested, what it does to the balance, and who has to decide."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from dashboard.access import Operator
from dashboard.screens.approvals import amount, answer, balances
from ledger.desk.approvals import Approval
from tests.stories import START

GRANT = Approval(
    UUID(int=1), "grant", "acme", {}, 400, 0, "r", "sam", "support", START, "waiting", None, None, None
)  # fmt: skip


def test_a_grant_is_minutes_and_a_refund_is_money() -> None:
    refund = replace(GRANT, action="refund", minutes=0, amount_cents=9999, body={"currency": "usd"})

    assert amount(GRANT) == "400 min"
    assert amount(refund) == "$99.99"


ADA, SAM, EVE = (
    Operator(name, name.capitalize(), role, "oidc")
    for name, role in (("ada", "admin"), ("sam", "support"), ("eve", "support"))
)
OLDER = replace(GRANT, requested_at=START - timedelta(days=2))
OWN = replace(GRANT, requested_by="ada")
AT = START + timedelta(hours=3)


@pytest.mark.parametrize(
    ("requests", "operator", "said"),
    [
        ([], ADA, "**Nothing to approve**: every request is decided."),
        ([GRANT], ADA, "**1 request is waiting for you**, made 3h ago."),
        ([GRANT, OLDER], ADA, "**2 requests are waiting for you**, the oldest made 2d ago."),
        ([GRANT, OWN], ADA, "**2 requests are waiting**, 1 for you; the oldest made 3h ago."),
        ([OWN], ADA, "**1 request is waiting for someone else**, made 3h ago."),
        ([GRANT, OLDER], SAM, "**2 requests are waiting for someone else**, the oldest made 2d ago."),
        ([GRANT], EVE, "**1 request is waiting for someone else**, made 3h ago."),
    ],
)
def test_the_answer_says_who_has_to_decide_and_for_how_long(requests, operator, said) -> None:
    assert answer(requests, operator, AT) == said


def test_a_grant_shows_the_balance_before_and_after_anything_else_the_balance_now() -> None:
    assert balances(GRANT, 60) == "Balance **60 → 460 min**"
    assert balances(replace(GRANT, action="refund", minutes=0), 1060) == "Balance **1,060 min**"
