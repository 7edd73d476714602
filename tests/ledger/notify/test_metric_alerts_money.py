"""An alert on an amount of money compares each currency apart."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from ledger.database import query, reading, writing
from ledger.metrics.rollups import refresh_rollups
from ledger.notify.metric_alerts import (
    add_metric_alert,
    check_metric_alerts,
    list_metric_alerts,
    sentence,
)
from ledger.payments.catalogue import publish_package
from tests import mini_ledger
from tests.databases import as_owner
from tests.mini_ledger import AS_OF

ALERT = UUID(int=7)


def save_alert(db, **other):
    arguments = {"source": "live", "days": 20, "direction": "below", "threshold": 9000} | other
    add_metric_alert(
        db,
        ALERT,
        "revenue-gross",
        **arguments,
        channel="email",
        target="team@example.com",
        actor="ada",
        at=AS_OF,
    )


@pytest.fixture
def story(engine):
    with writing(engine) as db:
        mini_ledger.live_through(db)
        refresh_rollups(db, at=AS_OF)
    return engine


def test_money_in_two_currencies_fires_in_each_currency_apart(story):
    sent = []
    with writing(story) as db:
        with as_owner(db):
            changed = db.execute(
                text(
                    "UPDATE extra_minutes_purchases SET currency = 'eur' WHERE purchase_id = (SELECT purchase_id "
                    "FROM extra_minutes_purchases WHERE source = 'live' AND paid_at < :at AND paid_at > :since "
                    "ORDER BY paid_at LIMIT 1)"
                ),
                {"at": AS_OF, "since": AS_OF - timedelta(days=120)},
            )
        assert changed.rowcount == 1
        publish_package(
            db,
            "euro",
            name="Euro",
            minutes=60,
            amount_cents=999,
            currency="eur",
            valid_from=AS_OF,
            actor="ada",
        )
        refresh_rollups(db, at=AS_OF, rebuild=True)
        save_alert(db, days=120, threshold=1_000_000)

    def send(alert, firing):
        sent.append((firing.currency, sentence(alert, firing)))

    check_metric_alerts(story, at=AS_OF, send=send)
    with writing(story) as db:
        beyond = db.execute(text("SELECT beyond FROM alert_subscriptions")).scalar_one()
        db.execute(text("UPDATE alert_subscriptions SET threshold = 1"))
    check_metric_alerts(story, at=AS_OF + timedelta(hours=1), send=send)

    assert sorted(currency for currency, _ in sent) == ["eur", "eur", "usd", "usd"]
    assert " EUR" in next(line for currency, line in sent if currency == "eur")
    assert beyond


def test_one_currency_back_above_leaves_the_alert_beyond_in_the_other(story):
    with writing(story) as db:
        save_alert(db)
    binds = {"alert_id": ALERT, "value": 1, "at": AS_OF}
    for currency, beyond in (("usd", True), ("eur", True), ("usd", False)):
        with writing(story) as db:
            later = AS_OF + timedelta(minutes=1) * (not beyond)
            db.execute(
                query("metric_alert_fire"), binds | {"currency": currency, "beyond": beyond, "at": later}
            )

    with reading(story) as db:
        assert list_metric_alerts(db)[0].beyond
