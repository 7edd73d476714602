"""The sentences about what moved no minutes: one for each event, none for what happened as it should."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.screens.workspace.events import NOT_BOUGHT, fates, invoices_without_minutes, not_bought
from ledger.minutes import UsageAlert
from ledger.payments import AutoTopUp, TopUp
from ledger.payments.plan_invoices import PlanInvoice

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


def alert(
    kind: str, *, at: datetime = AT, epoch: int = 2, delivery: str = "off", **more: object
) -> UsageAlert:
    about = {"attempts": 0, "delivered_at": None, "last_error": None} | more
    return UsageAlert(epoch=epoch, kind=kind, entry_no=1, at=at, unmet_minutes=0, delivery=delivery, **about)  # type: ignore[arg-type]


def top_up(outcome: str, detail: str | None = None) -> TopUp:
    return TopUp(workspace_id="acme", epoch=1, at=AT, outcome=outcome, detail=detail)


def settings(*, enabled: bool) -> AutoTopUp:
    return AutoTopUp(
        workspace_id="acme", package="small", trigger=80, monthly_limit_cents=5000, enabled=enabled,
        declines=0, paused_reason=None, changed_at=AT, changed_by="ada",
    )  # fmt: skip


def invoice(outcome: str, because: str | None) -> PlanInvoice:
    return PlanInvoice(
        workspace_id="acme", invoice_id="in_1", subscription_id="sub_1", payment_intent=None, billing_reason=None,
        currency="usd", amount_paid_cents=1900, paid_at=AT, outcome=outcome, because=because, minutes=0,
        refunded_cents=0, disputed=False, settled_minutes=0, taken_back_minutes=0, shortfall_minutes=0, bookings=0,
    )  # fmt: skip


@pytest.mark.parametrize("outcome", ["nothing", "alert"])
def test_an_invoice_that_gave_nothing_says_why_and_one_with_lots_says_nothing(outcome: str) -> None:
    both = [invoice(outcome, "no plan has this price"), invoice("lots", None)]

    assert list(invoices_without_minutes(both, LATER)) == [
        "Mar 1, 2026: invoice in_1 ($19.00) gave no minutes: no plan has this price."
    ]
    assert list(invoices_without_minutes(both, AT - timedelta(seconds=1))) == []


def test_an_invoice_that_settled_used_minutes_says_that_it_gave_fewer() -> None:
    settled = replace(invoice("lots", "1 of its 200 minutes settle used minutes"), minutes=199)

    assert list(invoices_without_minutes([settled], LATER)) == [
        "Mar 1, 2026: invoice in_1 ($19.00) gave fewer minutes: 1 of its 200 minutes settle used minutes."
    ]


@pytest.mark.parametrize(("outcome", "words"), NOT_BOUGHT.items())
def test_every_top_up_that_did_not_happen_says_why(outcome: str, words: str) -> None:
    said = list(not_bought(settings(enabled=True), [top_up(outcome, "Ask them.")], [], LATER))

    assert said == [f"Mar 1, 2026: nothing was bought automatically: {words} (Ask them)."]


@pytest.mark.parametrize("outcome", ["started", "paid"])
def test_a_top_up_that_happened_is_no_event(outcome: str) -> None:
    assert list(not_bought(settings(enabled=True), [top_up(outcome)], [alert("limit_hit")], LATER)) == []


def test_a_limit_that_was_hit_while_auto_top_up_is_off_is_one() -> None:
    for off in (None, settings(enabled=False)):
        assert list(not_bought(off, [], [alert("used_80")], LATER)) == []
        (said,) = not_bought(off, [], [alert("limit_hit")], LATER)
        assert "auto top-up is off" in said


def test_the_alerts_of_the_latest_credit_say_what_became_of_them() -> None:
    alerts = [
        alert("limit_hit", delivery="dead", last_error="HTTP 500"),
        alert("used_90", delivery="delivered", delivered_at=LATER),
        alert("used_80"),
        alert("used_80", epoch=1, at=AT - timedelta(days=30)),
    ]

    assert list(fates(alerts, LATER)) == [
        "Mar 1, 2026: the limit was reached; the alert was sent and not accepted (HTTP 500).",
        "Mar 1, 2026: 90% were used; the alert was delivered on Mar 1, 2026.",
        "Mar 1, 2026: 80% were used; no alert was sent, because no address is set up for it.",
    ]
    assert list(fates([], LATER)) == []
