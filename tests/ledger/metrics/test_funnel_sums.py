"""The funnel and the alert levels from the daily sums are what every limit hit and alert, looked at alone, adds up to."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, text

import ledger
from ledger.database import inlined, reading, scripts
from ledger.errors import UnknownMetric
from ledger.experiments import record_offer_seen
from ledger.metrics import METRICS, alert_levels, conversion_funnel, metric_of, read_ahead
from ledger.metrics.registry import STEPS
from ledger.metrics.rollups import refresh_rollups
from ledger.metrics.rows import Selection
from ledger.minutes.attributes import set_attributes
from ledger.notify.webhook_endpoints import create_endpoint
from ledger.payments.purchases import place_purchase
from tests import random_company
from tests.databases import migrated_database
from tests.mini_ledger import pay
from tests.random_company import AS_OF, BEGIN

STEPS_OF_HITS = """
SELECT count(DISTINCT q.workspace_id) AS hit,
       count(DISTINCT q.workspace_id) FILTER (WHERE EXISTS (
           SELECT FROM outgoing_events e
           JOIN event_deliveries d ON d.workspace_id = e.workspace_id AND d.event_no = e.event_no AND d.state = 'delivered'
           WHERE e.workspace_id = q.workspace_id AND e.type = 'usage.limit_hit' AND e.at = q.at)) AS alerted,
       count(DISTINCT q.workspace_id) FILTER (WHERE EXISTS (
           SELECT FROM offers_seen o
           WHERE o.workspace_id = q.workspace_id AND o.at >= q.at AND o.at < q.at + interval '14 days')) AS offered,
       count(DISTINCT q.workspace_id) FILTER (WHERE q.value = 1 OR EXISTS (
           SELECT FROM extra_minutes_purchases p
           WHERE p.workspace_id = q.workspace_id AND p.created_at >= q.at
             AND p.created_at < q.at + interval '14 days' AND p.created_at <= :as_of)) AS begun,
       count(DISTINCT q.workspace_id) FILTER (WHERE q.value = 1) AS paid
FROM (/* rows */) q
WHERE q.weight = 1
"""
LEVELS_OF_ALERTS = """
SELECT CAST(substr(a.kind, 6) AS int) AS percent_used, count(*) AS reached, count(b.paid_at) AS bought,
       count(b.paid_at) FILTER (WHERE next.at IS NULL OR b.paid_at < next.at) AS bought_before_next
FROM (/* rows */) q
JOIN usage_alerts a ON a.workspace_id = q.workspace_id AND a.epoch = q.epoch AND a.kind IN ('used_80', 'used_90', 'used_100')
LEFT JOIN LATERAL (
    SELECT min(n.at) AS at FROM usage_alerts n
    WHERE n.workspace_id = a.workspace_id AND n.epoch = a.epoch AND n.kind IN ('used_90', 'used_100')
      AND CAST(substr(n.kind, 6) AS int) > CAST(substr(a.kind, 6) AS int)) next ON true
LEFT JOIN LATERAL (
    SELECT min(p.paid_at) AS paid_at FROM paid_purchases p
    WHERE p.workspace_id = a.workspace_id AND p.source = :source
      AND p.paid_at >= a.at AND p.paid_at < a.at + interval '14 days' AND p.paid_at <= :as_of) b ON true
WHERE a.at + interval '14 days' <= :matured_by
GROUP BY 1 ORDER BY 1
"""
DAY = timedelta(days=1)
PERIODS = {
    "everything": (BEGIN, AS_OF),
    "whole days": (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 15, tzinfo=UTC)),
    "until old enough": (datetime(2026, 2, 1, tzinfo=UTC), AS_OF - timedelta(days=14)),
    "odd hours": (datetime(2026, 1, 20, 7, 31, tzinfo=UTC), datetime(2026, 4, 3, 18, 9, 30, tzinfo=UTC)),
    "within one day": (datetime(2026, 2, 20, 3, tzinfo=UTC), datetime(2026, 2, 20, 19, tzinfo=UTC)),
    "lately": (datetime(2026, 4, 5, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)),
    "too young": (AS_OF - timedelta(days=10), AS_OF),
}
FILTERS = (
    {},
    {"plan": "starter"},
    {"plan": "pro", "billing_cycle": "annual"},
    {"billing_cycle": "monthly"},
    {"attributes": {"country": "de"}},
    {"as_of": AS_OF - timedelta(days=30)},
)


@pytest.fixture(scope="module")
def engine():
    """A company of two sources, rolled up; some saw offers, got alerts, and began purchases after that."""
    with migrated_database() as made:
        with ledger.writing(made) as db:
            create_endpoint(db, "https://hooks.example.com/", ["usage.limit_hit"], actor="ada", at=BEGIN)
            random_company.live_through(db, seed=21, workspaces=50, things=14, source="sandbox")
            random_company.live_through(db, seed=22, workspaces=8, things=25, source="live")
            for number in range(0, 50, 2):
                set_attributes(db, f"sand-21-{number}", {"country": "de"}, actor="ada", at=AS_OF)
            refresh_rollups(db, at=AS_OF - timedelta(minutes=20))
            _steps_without_entries(db)
            refresh_rollups(db, at=AS_OF)
        yield made


def _steps_without_entries(db):
    hits = db.execute(text("SELECT workspace_id, at FROM limit_hits ORDER BY at, workspace_id")).all()
    for number, (workspace_id, at) in enumerate(hits):
        if number % 3 == 0:
            record_offer_seen(db, workspace_id, key=str(number), at=at + timedelta(days=number % 17))
        if number % 4 == 0:
            place_purchase(
                db,
                workspace_id,
                "small",
                mode="live" if workspace_id.startswith("live") else "sandbox",
                key=f"begun-{number}",
                actor="o",
                at=min(at + timedelta(days=number % 19), AS_OF),
            )
    db.execute(text("UPDATE event_deliveries SET state = 'delivered' WHERE event_no % 3 <> 0"))


def _by_hand(db, body, slug, chosen):
    """The answer of a statement over every row of a metric, none of them put together."""
    each = scripts()["metric_row"].replace("/* segments */", "at").replace("/* metric */", METRICS[slug].sql)
    binds = {
        **vars(chosen),
        "attributes": chosen.attributes_json,
        "window_days": 14,
        "matured_by": chosen.as_of,
        "by": None,
    }
    return db.execute(text(inlined(body.replace("/* rows */", each))), binds).mappings().all()


@pytest.mark.parametrize("source", ["sandbox", "live"])
@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_the_sums_are_what_every_hit_and_alert_adds_up_to(engine, source, filters):
    with reading(engine) as db:
        for period, (start, end) in PERIODS.items():
            chosen = Selection(start, end, **{"as_of": AS_OF, "source": source, **filters})
            steps = _by_hand(db, STEPS_OF_HITS, "conversion", chosen)
            alerts = _by_hand(db, LEVELS_OF_ALERTS, "alert-to-purchase", chosen)

            assert vars(conversion_funnel(db, chosen)) == dict(steps[0]), period
            levels = [vars(level) for level in alert_levels(db, chosen)]
            assert levels == [dict(row) for row in alerts], period


def test_the_company_reaches_every_step_and_level(engine):
    chosen = Selection(BEGIN, AS_OF, AS_OF, "sandbox")
    with reading(engine) as db:
        funnel, levels = conversion_funnel(db, chosen), alert_levels(db, chosen)

    assert min(funnel.alerted, funnel.offered, funnel.paid) > 0
    assert funnel.paid < funnel.begun < funnel.hit
    assert [each.percent_used for each in levels] == [80, 90, 100]
    assert 0 < sum(each.bought_before_next for each in levels) < sum(each.bought for each in levels)
    assert all(each.bought < each.reached for each in levels)


def test_an_alert_that_follows_an_old_warning_counts_once_it_is_old_itself(db, now):
    """Of two workspaces warned at 80% at the same time, one reaches 90% two days later, and buys."""
    for name in ("at once", "later"):
        workspace_id = name.replace(" ", "-")
        about = {"name": name, "owner_email": "o@example.com", "source": "live", "actor": "t"}
        ledger.create_workspace(db, workspace_id, at=now, **about)
        ledger.grant_minutes(db, workspace_id, 100, reason="r", key="g", actor="t", at=now)
        ledger.track_minutes(db, workspace_id, 90 if name == "at once" else 80, key="1", at=now)
    ledger.track_minutes(db, "later", 10, key="2", at=now + 2 * DAY)
    bought = place_purchase(db, "later", "small", mode="live", key="k", actor="o", at=now + 3 * DAY)
    pay(db, "later", bought.purchase_id, at=now + 3 * DAY)

    def counted(as_of):
        refresh_rollups(db, at=as_of, sweep=True)
        return [tuple(vars(each).values()) for each in alert_levels(db, Selection(now, as_of, as_of, "live"))]

    assert counted(now + 14 * DAY - timedelta(microseconds=1)) == []
    assert counted(now + 14 * DAY) == [(80, 2, 1, 0), (90, 1, 0, 0)]
    assert counted(now + 16 * DAY - timedelta(microseconds=1)) == [(80, 2, 1, 0), (90, 1, 0, 0)]
    assert counted(now + 16 * DAY) == [(80, 2, 1, 0), (90, 2, 1, 1)]


def test_steps_without_an_entry_are_counted_by_the_next_sweep(db, now):
    hit = now - 20 * DAY
    create_endpoint(db, "https://hooks.example.com/", ["usage.limit_hit"], actor="ada", at=hit - DAY)
    about = {"name": "w", "owner_email": "o@example.com", "source": "live", "actor": "t"}
    ledger.create_workspace(db, "w", at=hit - DAY, **about)
    ledger.update_plan_allocation(db, "w", "starter", "monthly", key="1", actor="t", at=hit - DAY)
    ledger.track_minutes(db, "w", 250, key="call", at=hit)
    chosen = Selection(now - 30 * DAY, now, now, "live")

    def reached(step):
        refresh_rollups(db, at=now, sweep=True)
        return getattr(conversion_funnel(db, chosen), step)

    assert [reached(step) for step in ("hit", "alerted", "offered", "begun", "paid")] == [1, 0, 0, 0, 0]
    db.execute(text("UPDATE event_deliveries SET state = 'delivered'"))
    assert reached("alerted") == 1
    record_offer_seen(db, "w", key="1", at=hit + DAY)
    assert reached("offered") == 1
    place_purchase(db, "w", "small", mode="live", key="k", actor="o", at=hit + DAY)
    assert reached("begun") == 1


def test_the_funnel_read_ahead_is_not_read_again(engine):
    chosen = Selection(*PERIODS["odd hours"], AS_OF, "sandbox")
    executed = []

    def note(_connection, _cursor, statement, *_):
        executed.append(statement)

    with reading(engine) as db:
        alone = conversion_funnel(db, chosen), alert_levels(db, chosen)
    event.listen(engine, "before_cursor_execute", note)
    try:
        with reading(engine) as db:
            read_ahead(db, [], funnel=chosen)
            before = len(executed)
            together = conversion_funnel(db, chosen), alert_levels(db, chosen)
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert together == alone
    assert len(executed) == before > 0


def test_steps_are_no_metrics_of_their_own():
    assert not set(STEPS) & set(METRICS)
    with pytest.raises(UnknownMetric):
        metric_of("hit-offered")
