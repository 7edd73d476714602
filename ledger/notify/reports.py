"""Scheduled reports: the numbers of a page over the last whole week or month, sent to one address."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from ledger.database import query, reading, writing
from ledger.metrics.sums import rollup_state
from ledger.metrics.whole_days import midnight
from ledger.notify.alert_subscriptions import (
    InvalidAlert,
    deliver_waiting,
    save_subscription,
    stop_subscription,
)
from ledger.notify.channels import MailServer, Notice, Target, deliver
from ledger.notify.signed_post import message_id

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, RowMapping

REPORT_EVERY = ("week", "month")
SENT_AFTER = timedelta(hours=6)
"""How long after the end of a period its report is sent: in the morning, when late data have arrived."""
QUERY_AT_MOST = 2_000


@dataclass(frozen=True, kw_only=True)
class ReportSubscription:
    """`target` gets the numbers of `page` under the filters of `query` after each week or month.

    `sent_at`, `delivered_at`, `error`: of the last report.
    """

    alert_id: UUID
    source: str
    page: str
    query: str
    every: str
    channel: str
    target: str
    secret: str | None = field(repr=False)
    created_by: str
    created_at: datetime
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """One report: its sentences for people, the same as data for programs, and as PDF files by name."""

    subject: str
    text: str
    data: Mapping[str, Any]
    attachments: Mapping[str, bytes]


Compose = Callable[[ReportSubscription, tuple[date, date], datetime], Report]
"""Writes the report of a subscription over the days [first, last), as of a time."""


def subscribe_to_report(
    db: Connection, subscription: ReportSubscription, *, at: datetime, approval_id: UUID | None = None
) -> str | None:
    """Save a subscription to a report; the same id again saves one. Raises InvalidAlert, InvalidText.

    Returns the secret that signs the reports of a new webhook, to be shown once; otherwise None.
    """
    if subscription.every not in REPORT_EVERY or len(subscription.query) > QUERY_AT_MOST:
        raise InvalidAlert(subscription.every[:80])
    return save_subscription(
        db,
        subscription.alert_id,
        "report",
        source=subscription.source,
        page=subscription.page,
        query=subscription.query,
        every=subscription.every,
        channel=subscription.channel,
        target=subscription.target,
        actor=subscription.created_by,
        at=at,
        approval_id=approval_id,
    )


def stop_report(db: Connection, alert_id: UUID, *, created_by: str | None, at: datetime) -> bool:
    """Stop a report. Return whether it was active. `created_by`: only if it is theirs."""
    return stop_subscription(db, alert_id, kinds=("report",), created_by=created_by, at=at)


def list_reports(db: Connection, *, created_by: str | None = None) -> list[ReportSubscription]:
    """Return the active subscriptions to reports, newest first; `created_by`: of one person."""
    rows = db.execute(query("report_subscriptions"), {"created_by": created_by}).mappings()
    return [ReportSubscription(**row) for row in rows]


def last_period(every: str, today: date) -> tuple[date, date]:
    """Return the days [first, last) of the last whole week, from Monday, or month before `today`."""
    if every == "week":
        last = today - timedelta(days=today.weekday())
        return last - timedelta(days=7), last
    last = today.replace(day=1)
    return (last - timedelta(days=1)).replace(day=1), last


def send_reports(engine: Engine, server: MailServer, compose: Compose, *, at: datetime) -> int:
    """Write each report whose period is over, once, and send what has not arrived. Return how many arrived.

    A report waits for the daily sums of its period. One that a channel refuses is sent again for a day.
    """
    with reading(engine) as db:
        subscriptions = list_reports(db)
        state = rollup_state(db)
    zone = ZoneInfo(state.timezone)
    for each in subscriptions:
        period = last_period(each.every, at.astimezone(zone).date())
        end = midnight(period[1], zone)
        is_over = each.created_at < end and at >= end + SENT_AFTER
        if is_over and state.data_to is not None and state.data_to >= end:
            _write(engine, each, period, compose, at)
    return sum(
        deliver_waiting(engine, each.alert_id, at=at, send=partial(_send, each, server, at))
        for each in subscriptions
    )


def send_report(
    subscription: ReportSubscription,
    report: Report,
    server: MailServer,
    *,
    written_at: datetime,
    at: datetime,
) -> str | None:
    """Send a report at `at`. Return None when it arrived, otherwise the reason."""
    notice = Notice(
        message_id=message_id(subscription.alert_id, written_at.astimezone(UTC).isoformat()),
        type="metric.report",
        at=written_at,
        subject=report.subject,
        text=report.text,
        data=report.data,
        attachments=report.attachments,
    )
    target = Target(address=subscription.target, secret=subscription.secret)
    return deliver(subscription.channel, notice, target, server, at=at)


def _write(
    engine: Engine,
    subscription: ReportSubscription,
    period: tuple[date, date],
    compose: Compose,
    at: datetime,
) -> None:
    """Write the report of a period, unless it is written or the subscription was stopped."""
    own = {"alert_id": subscription.alert_id}
    with writing(engine) as db:
        if db.execute(query("alert_subscription_lock"), own).one_or_none() is None:
            return
        mark = own | {"item": f"{period[0]}/{period[1]}", "at": at}
        if db.execute(query("report_mark"), mark).one_or_none() is None:
            return
        report = compose(subscription, period, at)
        files = {name: b64encode(content).decode() for name, content in report.attachments.items()}
        digest = {
            "subject": report.subject,
            "text": report.text,
            "data": report.data,
            "attachments": files,
        }
        db.execute(query("alert_message_add"), own | {"at": at, "digest": json.dumps(digest, default=str)})


def _send(subscription: ReportSubscription, server: MailServer, at: datetime, row: RowMapping) -> str | None:
    written = dict(row["digest"])
    files = {name: b64decode(content) for name, content in written.pop("attachments").items()}
    report = Report(**written, attachments=files)
    return send_report(subscription, report, server, written_at=row["at"], at=at)
