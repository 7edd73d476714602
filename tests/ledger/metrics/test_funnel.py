"""The funnel: each step counts workspaces of the headline, on both sides of its window."""

from datetime import timedelta

import pytest
from sqlalchemy import text

import ledger
from ledger.experiments import record_offer_seen
from ledger.metrics import conversion_funnel, measure
from ledger.metrics.rows import Selection
from ledger.notify.webhook_endpoints import create_endpoint
from ledger.payments.purchases import place_purchase
from tests.mini_ledger import pay

DELIVERED = "UPDATE event_deliveries SET state = 'delivered' WHERE workspace_id IN ('alerted', 'too-young')"
WINDOW = timedelta(days=14)


def _hits_the_limit(db, workspace_id, at):
    about = {"name": workspace_id, "owner_email": "o@example.com", "source": "live", "actor": "t"}
    ledger.create_workspace(db, workspace_id, at=at - timedelta(days=1), **about)
    ledger.update_plan_allocation(
        db, workspace_id, "starter", "monthly", key="1", actor="t", at=at - timedelta(days=1)
    )
    ledger.track_minutes(db, workspace_id, 250, key="call", at=at)


def _begins(db, workspace_id, at):
    return place_purchase(db, workspace_id, "small", mode="live", key="k", actor="o", at=at)


@pytest.fixture
def hit(now):
    """When everybody hits the limit: long enough ago to count."""
    return now - timedelta(days=20)


def test_every_step_counts_the_workspaces_that_reached_it_and_the_last_is_the_headline(db, now, hit):
    names = ("nothing", "alerted", "offered", "begun", "paid", "too-young")
    create_endpoint(db, "https://hooks.example.com/", ["usage.limit_hit"], actor="ada", at=hit - WINDOW)
    for name in names:
        _hits_the_limit(db, name, now - timedelta(days=3) if name == "too-young" else hit)
    db.execute(text(DELIVERED))
    record_offer_seen(db, "offered", key="1", at=hit + timedelta(hours=1))
    record_offer_seen(db, "offered", key="2", at=hit + timedelta(hours=2))
    _begins(db, "begun", hit + timedelta(hours=1))
    pay(db, "paid", _begins(db, "paid", hit + timedelta(days=1)).purchase_id, at=hit + timedelta(days=2))

    funnel = conversion_funnel(db, Selection(hit, now, now, "live"))
    headline = measure(db, "conversion", start=hit, end=now, as_of=now, source="live")

    assert vars(funnel) == {"hit": 5, "alerted": 1, "offered": 1, "begun": 2, "paid": 1}
    assert (headline.numerator, headline.denominator) == (funnel.paid, funnel.hit)


def test_a_step_counts_from_the_hit_to_the_end_of_the_window(db, now, hit):
    moments = {
        "before": hit - timedelta(microseconds=1),
        "first": hit,
        "last": hit + WINDOW - timedelta(microseconds=1),
        "after": hit + WINDOW,
    }
    for name, at in moments.items():
        _hits_the_limit(db, name, hit)
        record_offer_seen(db, name, key="1", at=at)
        _begins(db, name, at)

    funnel = conversion_funnel(db, Selection(hit, now, now, "live"))

    assert (funnel.hit, funnel.offered, funnel.begun, funnel.paid) == (4, 2, 2, 0)


def test_no_limit_hit_is_an_empty_funnel(db, now):
    assert vars(conversion_funnel(db, Selection(now, now + WINDOW, now, "live"))) == dict.fromkeys(
        ("hit", "alerted", "offered", "begun", "paid"), 0
    )
