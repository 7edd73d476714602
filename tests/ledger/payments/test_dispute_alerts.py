"""The alert of a dispute is open while somebody must answer the bank."""

from dataclasses import replace
from datetime import timedelta

import pytest

import ledger
from ledger.payments.alerts import list_alerts
from ledger.payments.dispute_alerts import CLOSED_DISPUTES, show_dispute
from ledger.stripe_gateway import DisputeFacts


def dispute(now, status: str) -> DisputeFacts:
    return DisputeFacts(
        dispute="dp_1",
        payment_intent="pi_1",
        charge="ch_1",
        amount_cents=999,
        currency="usd",
        status=status,
        reason="fraudulent",
        created=now,
        fee_cents=None,
    )


@pytest.mark.parametrize("status", CLOSED_DISPUTES)
def test_what_the_bank_has_decided_is_closed_with_its_decision(db, now, status: str):
    opened = dispute(now, "warning_under_review" if status.startswith("warning") else "under_review")
    show_dispute(db, opened, workspace_id="acme", at=now)
    assert len(list_alerts(db)) == 1

    show_dispute(db, replace(opened, status=status), workspace_id="acme", at=now)

    assert list_alerts(db) == []
    assert [alert.closed_because for alert in list_alerts(db, closed=True)] == [
        f"the bank decided: {status.replace('_', ' ')}"
    ]

    show_dispute(db, replace(opened, status=status), workspace_id="acme", at=now + timedelta(days=1))
    (closed,) = list_alerts(db, closed=True)
    assert (closed.at, closed.closed_at) == (now, now), "it neither opens nor closes again"


def test_a_dispute_that_is_first_seen_when_it_is_over_is_on_record_and_closed(db, now):
    show_dispute(db, dispute(now, "lost"), workspace_id="acme", at=now)

    assert [(each.closed_at, each.closed_by) for each in list_alerts(db, closed=True)] == [(now, "ledger")]


def test_the_alert_says_until_when_the_bank_takes_an_answer(shop):
    purchase = shop.bought("small")
    opened = shop.gateway.open_dispute(purchase.payment_intent)
    shop.works()

    with ledger.reading(shop.engine) as db:
        (alert,) = list_alerts(db, kind="dispute")
    assert f"respond at Stripe by {opened.due_by:%Y-%m-%d %H:%M} UTC" in alert.detail
    assert opened.due_by > shop.now


def test_an_inquiry_that_becomes_a_dispute_leaves_the_dispute_open(db, now):
    show_dispute(db, dispute(now, "warning_needs_response"), workspace_id="acme", at=now)
    show_dispute(db, dispute(now, "needs_response"), workspace_id="acme", at=now)

    assert [alert.kind for alert in list_alerts(db)] == ["dispute"]
