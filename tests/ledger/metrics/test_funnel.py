"""The funnel: each step counts workspaces of the headline, on both sides of its window."""

from datetime import timedelta

import pytest
from sqlalchemy import text

import ledger
from ledger.experiments import record_offer_seen
from ledger.metrics import alert_levels, conversion_funnel, measure
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


LEVELS = """
workspace  | warned at hour | further alerts (hour: percent)   | pays at day
before 90  | 0              |                                  | 1
after 90   | 0              | 2: 90                            | 1
after 100  | 0              | 2: 90, 4: 100                    | 1
together   | 0              | 0: 90, 0: 100                    | 1
never      | 0              | 2: 90, 4: 100                    |
too late   | 0              | 2: 90                            | 15
"""
"""Six workspaces on 100 minutes. By hand: 80%: 6 reached, 4 bought, 1 of them before 90%; 90%: 5 reached, 3 bought, 1 before
100%; 100%: 3 reached, 2 bought."""


def test_each_alert_level_counts_who_bought_after_it_and_who_before_the_next(db, now, hit):
    for line in LEVELS.strip().splitlines()[1:]:
        name, _, further, days = (cell.strip() for cell in line.split("|"))
        workspace_id = name.replace(" ", "-")
        about = {"name": name, "owner_email": "o@example.com", "source": "live", "actor": "t"}
        ledger.create_workspace(db, workspace_id, at=hit, **about)
        ledger.grant_minutes(db, workspace_id, 100, reason="r", key="g", actor="t", at=hit)
        used = {0: 80} | {
            int(hour): int(percent)
            for hour, percent in (each.split(":") for each in further.split(",") if each)
        }
        spent = 0
        for hour, percent in used.items():
            ledger.track_minutes(
                db, workspace_id, percent - spent, key=str(hour), at=hit + timedelta(hours=hour)
            )
            spent = percent
        if days:
            pay(
                db,
                workspace_id,
                _begins(db, workspace_id, hit + timedelta(hours=5)).purchase_id,
                at=hit + timedelta(days=int(days)),
            )

    levels = [tuple(vars(each).values()) for each in alert_levels(db, Selection(hit, now, now, "live"))]

    assert levels == [(80, 6, 4, 1), (90, 5, 3, 1), (100, 3, 2, 2)]
    assert alert_levels(db, Selection(now, now + WINDOW, now, "live")) == []


def test_a_level_counts_once_it_is_as_old_as_the_window(db, now):
    about = {"name": "w", "owner_email": "o@example.com", "source": "live", "actor": "t"}
    ledger.create_workspace(db, "w", at=now, **about)
    ledger.grant_minutes(db, "w", 100, reason="r", key="g", actor="t", at=now)
    ledger.track_minutes(db, "w", 80, key="1", at=now)
    ledger.track_minutes(db, "w", 10, key="2", at=now + timedelta(hours=1))

    def reached(as_of):
        return [each.percent_used for each in alert_levels(db, Selection(now, as_of, as_of, "live"))]

    assert reached(now + WINDOW - timedelta(microseconds=1)) == []
    assert reached(now + WINDOW) == [80]
    assert reached(now + WINDOW + timedelta(hours=1)) == [80, 90]
