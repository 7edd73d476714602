"""Digests of usage and payment alerts: one message for each subscription and pass, each alert in one of them."""

from __future__ import annotations

import json
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING, Any

from ledger.database import query, reading, writing
from ledger.notify.alert_subscriptions import AlertSubscription, deliver_waiting, list_subscriptions
from ledger.notify.channels import MailServer, Notice, Target, deliver
from ledger.notify.signed_post import message_id, utc

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine, RowMapping

LINES_AT_MOST = 20
USAGE = {
    "limit_hit": "limit hit",
    "used_100": "100% of minutes used",
    "plan_exhausted": "plan minutes used up",
    "used_90": "90% of minutes used",
    "used_80": "80% of minutes used",
}


def send_digests(engine: Engine, server: MailServer, *, mode: str, at: datetime) -> int:
    """Send each subscription what opened or closed since its last pass, and return how many messages arrived.

    `mode`: of this installation; a payment alert whose workspace is unknown belongs to it.
    """
    with reading(engine) as db:
        subscriptions = list_subscriptions(db)
    for each in subscriptions:
        with writing(engine) as db:
            _collect(db, each, mode=mode, at=at)
    return sum(
        deliver_waiting(engine, each.alert_id, at=at, send=partial(_send, each, server, at))
        for each in subscriptions
    )


def purge_digests(db: Connection, *, before: datetime) -> int:
    """Delete the digests written before a time, and return how many."""
    return db.execute(query("alert_digests_purge"), {"before": before}).rowcount


def _collect(db: Connection, subscription: AlertSubscription, *, mode: str, at: datetime) -> None:
    """Write the digest of what the subscription has not reported, unless it was stopped or there is nothing."""
    own = {"alert_id": subscription.alert_id}
    state = db.execute(query("alert_subscription_lock"), own).one_or_none()
    if state is None:
        return
    about = {**own, "source": subscription.source, "shown": LINES_AT_MOST}
    if subscription.kind == "usage":
        db.execute(query("alert_reports_purge"), {**own, "before": state.since})
        unreported = (
            db.execute(query("usage_alerts_to_report"), about | {"since": state.since}).mappings().all()
        )
    else:
        about |= {"since": state.created_at, "mode": mode}
        unreported = db.execute(query("payment_alerts_to_report"), about).mappings().all()
    db.execute(query("alert_subscription_checked"), {**own, "at": at})
    if unreported:
        digest = json.dumps(_digest(subscription, unreported))
        db.execute(query("alert_message_add"), {**own, "at": at, "digest": digest})


def _digest(subscription: AlertSubscription, unreported: Sequence[RowMapping]) -> dict[str, Any]:
    total = unreported[0]["total"]
    subject = f"{total:,} {subscription.kind} alert{'' if total == 1 else 's'}"
    lines = [_line(subscription.kind, row) for row in unreported]
    if total > len(lines):
        lines.append(f"and {total - len(lines):,} more")
    alerts = [
        {
            "kind": row["kind"],
            "workspace_id": row["workspace_id"],
            "state": row["state"],
            "at": utc(row["at"]),
        }
        for row in unreported
    ]
    about = {"alert_id": str(subscription.alert_id), "source": subscription.source}
    return {
        "subject": subject,
        "text": "\n".join([f"{subject} ({subscription.source}):", *lines]),
        "data": {**about, "total": total, "alerts": alerts},
    }


def _line(kind: str, row: RowMapping) -> str:
    workspace = row["workspace_id"] or "no workspace"
    if kind == "usage":
        return f"{workspace}: {USAGE[row['kind']]}, {row['at'].astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    detail = " ".join(row["detail"].split())[:300]
    return f"{row['state'].capitalize()}: {row['kind'].replace('_', ' ')}, {workspace}: {detail}"


def _send(subscription: AlertSubscription, server: MailServer, at: datetime, row: RowMapping) -> str | None:
    notice = Notice(
        message_id=message_id(subscription.alert_id, row["at"].astimezone(UTC).isoformat()),
        type=f"{subscription.kind}.alerts",
        at=row["at"],
        **row["digest"],
    )
    target = Target(address=subscription.target, secret=subscription.secret)
    return deliver(subscription.channel, notice, target, server, at=at)
