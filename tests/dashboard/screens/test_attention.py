"""What waits for support, said in one sentence with one next action for each kind."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashboard import navigation
from dashboard.screens.attention import (
    NextAction,
    Waiting,
    disputes,
    failed,
    invoices,
    next_action,
    quarantined,
    summary,
)
from ledger.desk import WaitingCase, WaitingCases

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
CASE = WaitingCase(
    workspace_id="w1",
    name="Acme *Inc*",
    object_id="dp_1",
    at=AT - timedelta(hours=3),
    due_at=AT + timedelta(days=2),
    amount_cents=1999,
    currency="usd",
    detail="card_declined",
)
OTHER = replace(CASE, workspace_id="w2", name="Beta", due_at=AT + timedelta(days=20))


def waits(kind: str, *cases: WaitingCase, count: int | None = None, due_soon: int = 0) -> WaitingCases:
    return WaitingCases(kind, count or len(cases), due_soon, cases)


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        (
            waits("disputes", CASE, OTHER, count=21, due_soon=3),
            r"**21 disputes need an answer**, 3 within a week; first Acme \*Inc\* (\$19\.99), "
            "by Mar 12, 2026, in 2 days.",
        ),
        (
            waits("disputes", OTHER),
            r"**1 dispute needs an answer**; first Beta (\$19\.99), by Mar 30, 2026, in 3 weeks.",
        ),
        (
            waits("disputes", replace(CASE, due_at=AT)),
            r"**1 dispute needs an answer**; Acme \*Inc\* (\$19\.99) is **overdue** since Mar 10, 2026.",
        ),
        (
            waits("disputes", replace(CASE, due_at=None), OTHER),
            "**2 disputes need an answer**; the bank named no deadline.",
        ),
    ],
)
def test_disputes_are_said_with_the_first_deadline(cases: WaitingCases, said: str) -> None:
    assert disputes(cases, AT) == said


def test_failed_payments_are_said_with_the_reason_of_the_latest() -> None:
    assert failed(waits("failed", CASE), AT) == (
        r"**1 payment failed** in the last 7 days with nothing paid since; latest Acme \*Inc\* (\$19\.99)\: card "
        "declined, 3h ago."
    )
    assert failed(waits("failed", replace(CASE, detail=None, name=None), OTHER), AT) == (
        r"**2 payments failed** in the last 7 days with nothing paid since; latest w1 (\$19\.99), 3h ago."
    )


def test_invoices_and_payments_held_back_are_said_with_whose_they_are() -> None:
    case = replace(CASE, amount_cents=None, currency=None)

    assert invoices(waits("invoices", case, OTHER), AT) == (
        r"**2 plan invoices are unpaid**: no minutes were added; latest Acme \*Inc\*, 3h ago."
    )
    assert quarantined(waits("quarantined", case), AT) == (
        r"**1 payment is held back**: paid, but not as agreed; Acme \*Inc\* has waited 3 hours."
    )


def test_a_role_that_may_not_see_names_reads_ids() -> None:
    case = replace(CASE, due_at=OTHER.due_at)

    assert "Acme" not in disputes(waits("disputes", case), AT, private=False)
    assert "first w1 " in disputes(waits("disputes", case), AT, private=False)


def test_the_summary_names_each_kind_that_waits_and_nothing_else() -> None:
    cases = {"disputes": waits("disputes", CASE, count=21), "failed": waits("failed", CASE)}

    assert summary({}, 0) == ""
    assert summary({}, 1) == " Also waiting: **1 request to approve**."
    assert summary(cases, 2) == (
        " Also waiting: **21 disputes to answer, 1 failed payment, 2 requests to approve**."
    )
    assert Waiting(cases, ()).sentence == " Also waiting: **21 disputes to answer, 1 failed payment**."


def test_a_dispute_is_answered_at_stripe_in_the_mode_in_which_it_was_paid() -> None:
    assert next_action("disputes", CASE, "live") == NextAction(
        "Answer at Stripe", "https://dashboard.stripe.com/disputes/dp_1", {}
    )
    assert next_action("disputes", CASE, "stripe_test").page == (
        "https://dashboard.stripe.com/test/disputes/dp_1"
    )
    assert next_action("disputes", CASE, "sandbox").query == {"id": "w1", "tab": "payments"}


def test_a_case_of_no_workspace_leads_to_health() -> None:
    assert next_action("quarantined", replace(CASE, workspace_id=None), "live").page == (
        navigation.address("health")
    )
