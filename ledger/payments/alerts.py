"""Payment alerts: what staff must resolve, one alert for each kind and object.

An alert is a state: a condition opens it, and the end of the condition closes it with the reason. A person may close it
earlier; then it stays closed.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ledger.database import query


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A payment problem that no rule resolves; `object_id` is the Stripe object concerned."""

    alert_id: str
    kind: str
    object_id: str
    workspace_id: str | None
    detail: str
    at: datetime
    due_at: datetime | None
    """Deadline of the bank for an answer."""
    closed_at: datetime | None
    closed_by: str | None
    closed_because: str | None = None
    """How its condition ended; None while it goes on, also when a person closed it."""


def raise_alert(
    db: Connection,
    kind: str,
    object_id: str,
    *,
    detail: str,
    workspace_id: str | None,
    at: datetime,
    due_at: datetime | None = None,
    reopens: bool = False,
    over: bool = False,
) -> None:
    """Open an alert, once for each kind and object. `due_at`: the deadline for an answer.

    One that a person closed stays closed until its condition has ended; with `reopens`, until its detail changes.
    `over`: the condition has ended meanwhile, so a known alert stays as it is.
    """
    alert = {"alert_id": f"{kind}:{object_id}", "kind": kind, "object_id": object_id}
    about = {"detail": detail, "workspace_id": workspace_id, "at": at, "due_at": due_at}
    db.execute(query("keep_alert"), alert | about | {"reopens": reopens, "over": over})


def end_alert(db: Connection, kind: str, object_id: str, *, because: str, at: datetime) -> bool:
    """Close an alert whose condition has ended. Return whether it was open."""
    ended = {"alert_id": f"{kind}:{object_id}", "because": because, "at": at}
    return bool(db.execute(query("end_alert"), ended).scalar_one_or_none())


def count_alerts(db: Connection) -> dict[str, int]:
    """Count the open alerts of each kind, the most frequent first."""
    return {row.kind: row.alerts for row in db.execute(query("count_alerts"))}


def list_alerts(
    db: Connection,
    workspace_id: str | None = None,
    *,
    kind: str | None = None,
    closed: bool = False,
    before: str | None = None,
    limit: int = 200,
) -> list[Alert]:
    """Return open alerts, of one workspace or all, newest first; `closed` adds those already closed.

    `before`: the id of the last alert of the previous page; an unknown id returns nothing.
    """
    about = {"workspace_id": workspace_id, "kind": kind, "closed": closed, "before": before, "limit": limit}
    return [Alert(**row) for row in db.execute(query("list_alerts"), about).mappings()]


def close_alert(db: Connection, alert_id: str, *, actor: str, at: datetime) -> bool:
    """Close an alert by hand. Return False when it is closed or unknown."""
    closed = db.execute(query("close_alert"), {"alert_id": alert_id, "actor": actor, "at": at})
    return closed.one_or_none() is not None
