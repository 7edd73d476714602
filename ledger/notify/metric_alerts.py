"""Alerts on a metric: when its number goes beyond a threshold somebody is told, and again when it is back."""

from __future__ import annotations

import json
import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit
from uuid import UUID

import requests
from sqlalchemy import Connection, Engine

from ledger.database import query, reading, writing
from ledger.errors import LedgerError
from ledger.metrics.registry import METRICS, metric_of
from ledger.notify.signed_post import may_be_sent_to, message_id, new_secret, signed_headers
from ledger.validation import require_business_time, require_text

CHANNELS = ("email", "webhook")
DIRECTIONS = ("below", "above")
TIMEOUT_SECONDS = 10
RETRIED_FOR = timedelta(days=1)
_EMAIL = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]{1,255}")

Send = Callable[["MetricAlert", "Firing"], None]


class InvalidAlert(LedgerError):
    """An alert needs a threshold, 1 to 730 days, and an e-mail address or an https address."""

    code = "invalid_alert"


@dataclass(frozen=True, kw_only=True)
class MetricAlert:
    """Tell `target` when the metric over the last `days` complete days is below or above `threshold` (its own unit).

    `secret` signs what a webhook is told; None for e-mail, and for webhooks from before they were signed.
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
    """One time an alert went beyond its threshold or came back, and whether the message arrived."""

    alert_id: UUID
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
) -> str | None:
    """Keep an alert; the same id again keeps one. Raises UnknownMetric, InvalidAlert, InvalidText, InvalidTime.

    Gives the secret that a new webhook's messages are signed with, to be shown once; else None.
    """
    metric_of(metric)
    require_text(actor, "actor")
    reachable = _EMAIL.fullmatch(target) if channel == "email" else may_be_sent_to(target)
    if channel not in CHANNELS or direction not in DIRECTIONS or not 1 <= days <= 730 or not reachable:  # noqa: PLR2004
        raise InvalidAlert(target[:80])
    binds = {
        "alert_id": alert_id,
        "metric": metric,
        "source": source,
        "days": days,
        "direction": direction,
        "threshold": threshold,
        "channel": channel,
        "target": target,
        "secret": new_secret() if channel == "webhook" else None,
        "actor": actor,
        "at": require_business_time(at),
    }
    secret: str | None = db.execute(query("metric_alert_add"), binds).scalar_one_or_none()
    return secret


def stop_metric_alert(db: Connection, alert_id: UUID, *, at: datetime) -> None:
    """Stop an alert; its history stays."""
    db.execute(query("metric_alert_stop"), {"alert_id": alert_id, "at": at})


def list_metric_alerts(db: Connection) -> list[MetricAlert]:
    """The alerts that are not stopped, newest first."""
    return [MetricAlert(**row) for row in db.execute(query("metric_alerts")).mappings()]


def alert_history(db: Connection, alert_id: UUID, *, limit: int = 50) -> list[Firing]:
    """When an alert fired or came back, newest first."""
    found = db.execute(query("metric_alert_history"), {"alert_id": alert_id, "limit": limit}).mappings()
    return [Firing(**row) for row in found]


def check_metric_alerts(engine: Engine, *, at: datetime, send: Send) -> int:
    """Compare each alert with its metric; tell when that changed, and what could not be told during the last day.

    `send` raises when the message did not arrive: it is tried again at the next check. Returns how many were told.
    """
    with reading(engine) as db:
        alerts = list_metric_alerts(db)
        values = {alert.alert_id: _value(db, alert, at) for alert in alerts}
    for alert in alerts:
        value = values[alert.alert_id]
        if value is None:
            continue
        beyond = value < alert.threshold if alert.direction == "below" else value > alert.threshold
        if beyond != alert.beyond:
            with writing(engine) as db:
                db.execute(
                    query("metric_alert_fire"),
                    {"alert_id": alert.alert_id, "at": at, "value": value, "beyond": beyond},
                )
    return sum(_deliver(engine, alert, at, send) for alert in alerts)


def _value(db: Connection, alert: MetricAlert, at: datetime) -> float | None:
    from ledger.metrics import measure  # noqa: PLC0415  statistics take a second to import
    from ledger.metrics.sums import rollup_state  # noqa: PLC0415  the same

    end = rollup_state(db).midnight(at)
    start = end - timedelta(days=alert.days)
    found = measure(db, alert.metric, start=start, end=end, as_of=at, source=alert.source, interval=False)
    return found.value


def _deliver(engine: Engine, alert: MetricAlert, at: datetime, send: Send) -> int:
    binds = {"alert_id": alert.alert_id, "since": at - RETRIED_FOR}
    with reading(engine) as db:
        waiting = [Firing(**row) for row in db.execute(query("metric_alert_waiting"), binds).mappings()]
    told = 0
    for firing in waiting:
        error = None
        try:
            send(alert, firing)
        except (OSError, requests.RequestException, smtplib.SMTPException, LedgerError) as trouble:
            error = f"{type(trouble).__name__}: {trouble}"[:500]
        with writing(engine) as db:
            db.execute(
                query("metric_alert_told"),
                {
                    "alert_id": alert.alert_id,
                    "fired_at": firing.at,
                    "at": None if error else at,
                    "error": error,
                },
            )
        told += error is None
    return told


def sentence(alert: MetricAlert, firing: Firing) -> str:
    """What the message says."""
    metric = METRICS[alert.metric]
    state = f"is {alert.direction}" if firing.beyond else f"is no longer {alert.direction}"
    return (
        f"{metric.name} ({alert.metric}, {alert.source}) over the last {alert.days} days {state} "
        f"{alert.threshold:g} {metric.unit}: {firing.value:g}"
    )


def sender(smtp_url: str | None, *, at: datetime) -> Send:
    """Send at `at`, by e-mail through `smtp_url` (smtp://user:password@host:port, smtps: TLS at once) or by webhook."""

    def send(alert: MetricAlert, firing: Firing) -> None:
        if alert.channel == "webhook":
            _post(alert, firing, at)
        elif smtp_url is None:
            raise InvalidAlert("SMTP_URL is not set, so no e-mail can be sent")
        else:
            _mail(smtp_url, alert, firing)

    return send


def _post(alert: MetricAlert, firing: Firing, at: datetime) -> None:
    told = {
        "type": "metric.alert",
        "alert_id": str(alert.alert_id),
        "metric": alert.metric,
        "source": alert.source,
        "beyond": firing.beyond,
        "value": firing.value,
        "threshold": alert.threshold,
        "at": firing.at.isoformat(),
        "text": sentence(alert, firing),
    }
    body = json.dumps(told)
    name = message_id(alert.alert_id, firing.at.isoformat())
    answer = requests.post(
        alert.target,
        data=body.encode(),
        headers=signed_headers(alert.secret, name, body, at=at),
        timeout=TIMEOUT_SECONDS,
        allow_redirects=False,
    )
    answer.raise_for_status()


def _mail(smtp_url: str, alert: MetricAlert, firing: Firing) -> None:
    server = urlsplit(smtp_url)
    message = EmailMessage()
    message["Subject"] = f"{METRICS[alert.metric].name}: {firing.value:g}"
    message["From"] = unquote(server.username or "") or f"minutes@{server.hostname}"
    message["To"] = alert.target
    message.set_content(sentence(alert, firing))
    kind = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
    with kind(server.hostname or "localhost", server.port or 0, timeout=TIMEOUT_SECONDS) as smtp:
        if server.password:
            if server.scheme == "smtp":
                smtp.starttls()
            smtp.login(unquote(server.username or ""), unquote(server.password))
        smtp.send_message(message)
