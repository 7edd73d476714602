"""Annotations of charts: launches, definition and price changes, notes; and the goals of metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from ledger.database import query
from ledger.metrics.registry import metric_of
from ledger.money import amount_text
from ledger.validation import require_business_time, require_text

KINDS = ("launch", "definition", "price", "note")


@dataclass(frozen=True)
class Annotation:
    """Something that happened at a time; `metric` None: it concerns all of them."""

    annotation_id: UUID | None
    at: datetime
    kind: str
    metric: str | None
    text: str
    created_by: str


def annotate(
    db: Connection,
    annotation_id: UUID,
    text: str,
    *,
    kind: str,
    happened_at: datetime,
    actor: str,
    metric: str | None = None,
) -> None:
    """Store an annotation. Repeating an id changes nothing. Raises UnknownMetric, InvalidText, InvalidTime."""
    require_text(text, "text", at_most=200)
    if metric is not None:
        metric_of(metric)
    db.execute(
        query("annotation_add"),
        {
            "annotation_id": annotation_id,
            "at": require_business_time(happened_at),
            "kind": kind,
            "metric": metric,
            "text": text,
            "actor": actor,
        },
    )


def withdraw_annotation(db: Connection, annotation_id: UUID, *, author: str | None, at: datetime) -> bool:
    """Withdraw an annotation; return False if there is none. `author`: only their own."""
    binds = {"annotation_id": annotation_id, "author": author, "at": at}
    return db.execute(query("annotation_withdraw"), binds).rowcount > 0


def list_annotations(
    db: Connection, *, start: datetime, end: datetime, metric: str | None = None
) -> list[Annotation]:
    """Return the annotations of a period, oldest first; price changes come from the catalogue."""
    return _annotations(db, start=start, end=end, metric=metric, source=None)


def goal_and_annotations(
    db: Connection, metric: str, *, source: str, start: datetime, end: datetime
) -> tuple[float | None, list[Annotation]]:
    """Return the goal of a metric and the annotations of a period, oldest first, for its chart."""
    results = _annotations(db, start=start, end=end, metric=metric, source=source)
    goal = next((float(one.text) for one in results if one.kind == "goal"), None)
    return goal, [one for one in results if one.kind != "goal"]


def _annotations(db: Connection, **binds: Any) -> list[Annotation]:
    return [_annotation(**row) for row in db.execute(query("annotations"), binds).mappings()]


def _annotation(*, text: str, amount_cents: int | None, currency: str | None, **row: Any) -> Annotation:
    """Return an annotation; a price change names the new price."""
    price = "" if amount_cents is None or currency is None else f" {amount_text(amount_cents, currency)}"
    return Annotation(text=text + price, **row)


def set_goal(
    db: Connection, metric: str, value: float | None, *, source: str, actor: str, at: datetime
) -> None:
    """Set the goal of a metric in its own unit (percent, minutes, cents); None removes it. Raises UnknownMetric."""
    binds = {"metric": metric_of(metric).slug, "source": source, "value": value, "actor": actor, "at": at}
    db.execute(query("goal_remove" if value is None else "goal_set"), binds)


def goal_of(db: Connection, metric: str, *, source: str) -> float | None:
    """Return the goal of a metric in its own unit, or None."""
    value = db.execute(query("goal_of"), {"metric": metric, "source": source}).scalar_one_or_none()
    return None if value is None else float(value)
