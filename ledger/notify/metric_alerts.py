"""Metric alerts: one message when a metric crosses its threshold, and one when it recovers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, RowMapping

from ledger.database import query, reading, writing
from ledger.metrics.registry import METRICS, metric_of
from ledger.money import amount_text
from ledger.notify.alert_subscriptions import (
    InvalidAlert,
    deliver_waiting,
    save_subscription,
    stop_subscription,
)
from ledger.notify.channels import MailServer, Notice, Target, deliver
from ledger.notify.signed_post import message_id, utc

DIRECTIONS = ("below", "above")
DAYS_AT_MOST = 730
A_UNIT_CENTS = 100

Send = Callable[["MetricAlert", "Firing"], str | None]
"""Sends one message. Returns None when it arrived, otherwise the reason."""


@dataclass(frozen=True, kw_only=True)
class MetricAlert:
    """Notify `target` when the metric over the last `days` complete days is below or above `threshold` (its own unit).

    `secret` signs what a webhook receives; None for other channels, and for webhooks from before they were signed.
    """

    alert_id: UUID
    metric: str
    source: str
    days: int
    direction: str
    threshold: float
    channel: str
    target: str
    secret: str | None = field(repr=False)
    created_by: str
    created_at: datetime
    beyond: bool
    stopped_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Firing:
    """One time an alert fired or recovered, and whether the message arrived.

    `currency`: of an amount of money; empty for every other unit.
    """

    alert_id: UUID
    currency: str
    at: datetime
    value: float
    beyond: bool
    delivered_at: datetime | None
    error: str | None


def add_metric_alert(
    db: Connection,
    alert_id: UUID,
    metric: str,
    *,
    source: str,
    days: int,
    direction: str,
    threshold: float,
    channel: str,
    target: str,
    actor: str,
    at: datetime,
    approval_id: UUID | None = None,
) -> str | None:
    """Save an alert, once per id. Raise UnknownMetric, InvalidAlert, InvalidText or InvalidTime.

    Return the signing secret of a new webhook, to show once; otherwise None.
    """
    metric_of(metric)
    if direction not in DIRECTIONS or not 1 <= days <= DAYS_AT_MOST:
        raise InvalidAlert(f"{direction}, {days} days"[:80])
    return save_subscription(
        db,
        alert_id,
        "metric",
        channel=channel,
        target=target,
        actor=actor,
        at=at,
        source=source,
        metric=metric,
        days=days,
        direction=direction,
        threshold=threshold,
        approval_id=approval_id,
    )


def stop_metric_alert(db: Connection, alert_id: UUID, *, at: datetime) -> None:
    """Stop an alert; its history stays."""
    stop_subscription(db, alert_id, kinds=("metric",), at=at)


def list_metric_alerts(db: Connection) -> list[MetricAlert]:
    """Return the alerts that are not stopped, newest first."""
    return [MetricAlert(**row) for row in db.execute(query("metric_alerts")).mappings()]


def alert_history(db: Connection, alert_id: UUID, *, limit: int = 50) -> list[Firing]:
    """Return when an alert fired or recovered, newest first."""
    rows = db.execute(query("metric_alert_history"), {"alert_id": alert_id, "limit": limit}).mappings()
    return [Firing(**row) for row in rows]


def check_metric_alerts(engine: Engine, *, at: datetime, send: Send) -> int:
    """Check each alert's metric. Send a message on a change, and resend those that failed in the last day.

    A change is also the event `metric.alert` of the endpoints that want it. Money is compared per currency. `send`
    returns why a message did not arrive; it is sent again at the next check. Return the number that arrived.
    """
    with reading(engine) as db:
        alerts = list_metric_alerts(db)
        values = {alert.alert_id: _values(db, alert, at) for alert in alerts}
    for alert in alerts:
        for currency, value in values[alert.alert_id].items():
            with writing(engine) as db:
                _compare(db, alert, currency, value, at)
    return sum(
        deliver_waiting(engine, alert.alert_id, at=at, send=partial(_sent_as_firing, alert, send))
        for alert in alerts
    )


def _compare(db: Connection, alert: MetricAlert, currency: str, value: float, at: datetime) -> None:
    """Write the message and the event of a change; nothing when the value is where it was."""
    beyond = value < alert.threshold if alert.direction == "below" else value > alert.threshold
    about: dict[str, Any] = {
        "alert_id": alert.alert_id,
        "currency": currency,
        "at": at,
        "value": value,
        "beyond": beyond,
    }
    db.execute(query("metric_alert_lock"), {"alert_id": alert.alert_id})
    if db.execute(query("metric_alert_fire"), about).rowcount:
        firing = Firing(**about, delivered_at=None, error=None)
        event = json.dumps(alert_data(alert, firing) | {"text": sentence(alert, firing)})
        db.execute(query("emit_metric_alert"), {"at": at, "data": event})


def _values(db: Connection, alert: MetricAlert, at: datetime) -> dict[str, float]:
    """Return the metric's value by currency, under "" when it is not money; empty without a value."""
    from ledger.metrics import measure  # noqa: PLC0415  statistics take a second to import
    from ledger.metrics.sums import rollup_state  # noqa: PLC0415  the same

    end = rollup_state(db).midnight(at)
    start = end - timedelta(days=alert.days)
    whole = measure(db, alert.metric, start=start, end=end, as_of=at, source=alert.source, interval=False)
    return {one.currency or "": one.value for one in whole.parts or [whole] if one.value is not None}


def _sent_as_firing(alert: MetricAlert, send: Send, row: RowMapping) -> str | None:
    return send(alert, Firing(**{each.name: row[each.name] for each in fields(Firing)}))


def sentence(alert: MetricAlert, firing: Firing) -> str:
    """Return the text of the message."""
    metric = METRICS[alert.metric]
    state = f"is {alert.direction}" if firing.beyond else f"is no longer {alert.direction}"
    unit = "" if firing.currency else f" {metric.unit}"
    return (
        f"{metric.name} ({alert.metric}, {alert.source}) over the last {alert.days} days {state} "
        f"{_number(alert.threshold, firing)}{unit}: {_number(firing.value, firing)}"
    )


def _number(value: float, firing: Firing) -> str:
    """Return a number of a message: money in whole units; a price of less than a unit has its fractions of a cent."""
    if not firing.currency:
        return f"{value:g}"
    is_fine = abs(value) < A_UNIT_CENTS and value % 1
    return amount_text(round(value, 2) if is_fine else round(value), firing.currency)


def notice_of(alert: MetricAlert, firing: Firing) -> Notice:
    """Return the notice of one change of an alert."""
    currency = [firing.currency] if firing.currency else []
    return Notice(
        message_id=message_id(alert.alert_id, firing.at.isoformat(), *currency),
        type="metric.alert",
        at=firing.at,
        subject=f"{METRICS[alert.metric].name}: {_number(firing.value, firing)}",
        text=sentence(alert, firing),
        data=alert_data(alert, firing),
    )


def alert_data(alert: MetricAlert, firing: Firing) -> dict[str, Any]:
    """Return one change of an alert for programs."""
    return {
        "alert_id": str(alert.alert_id),
        "metric": alert.metric,
        "source": alert.source,
        "days": alert.days,
        "direction": alert.direction,
        "threshold": alert.threshold,
        "value": firing.value,
        "unit": METRICS[alert.metric].unit,
        "currency": firing.currency or None,
        "beyond": firing.beyond,
        "reason": "crossed" if firing.beyond else "recovered",
        "at": utc(firing.at),
    }


def sender(server: MailServer, *, at: datetime) -> Send:
    """Return the function that sends each alert through its own channel at `at`."""

    def send(alert: MetricAlert, firing: Firing) -> str | None:
        target = Target(address=alert.target, secret=alert.secret)
        return deliver(alert.channel, notice_of(alert, firing), target, server, at=at)

    return send
