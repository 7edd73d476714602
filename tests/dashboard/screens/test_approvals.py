"""What is asked for, in the unit it is asked in."""

from dataclasses import replace
from uuid import UUID

from dashboard.screens.approvals import amount
from ledger.desk.approvals import Approval
from tests.stories import START

GRANT = Approval(
    UUID(int=1), "grant", "acme", {}, 400, 0, "r", "sam", "support", START, "waiting", None, None, None
)  # fmt: skip


def test_a_grant_is_minutes_and_a_refund_is_money() -> None:
    refund = replace(GRANT, action="refund", minutes=0, amount_cents=9999, body={"currency": "usd"})

    assert amount(GRANT) == "400 min"
    assert amount(refund) == "$99.99"
