"""What money and messages must look like after a round: one effect for each key, no ceiling passed, nobody surprised."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from ledger.database import query
from ledger.payments.purchases import PAID
from tests.fire.model import Exchange

PURCHASES = text(
    "SELECT p.workspace_id, p.purchase_id::text AS purchase_id, p.key, p.status, p.minutes, l.minutes AS lot_minutes "
    "FROM extra_minutes_purchases p LEFT JOIN lots l "
    "ON l.workspace_id = p.workspace_id AND l.purchase_id = p.purchase_id WHERE p.workspace_id = ANY(:names)"
)
CHARGES = text(
    "SELECT body->'metadata'->>'purchase_id' AS purchase_id, count(*) AS times FROM sandbox_objects "
    "WHERE object = 'payment_intent' AND body->>'status' = 'succeeded' AND body->'metadata'->>'workspace_id' = ANY(:names) "
    "GROUP BY 1"
)
REFUNDS = text("SELECT key, status FROM refund_requests WHERE workspace_id = ANY(:names)")
TOP_UPS = text(
    "SELECT t.workspace_id, t.epoch, t.outcome, t.purchase_id::text AS purchase_id, p.status FROM top_ups t "
    "LEFT JOIN extra_minutes_purchases p ON p.workspace_id = t.workspace_id AND p.purchase_id = t.purchase_id "
    "WHERE t.workspace_id = ANY(:names)"
)
CEILINGS = text(
    "SELECT t.workspace_id, sum(p.amount_cents) AS cents, a.monthly_limit_cents FROM top_ups t "
    "JOIN extra_minutes_purchases p ON p.workspace_id = t.workspace_id AND p.purchase_id = t.purchase_id "
    "JOIN auto_top_ups a ON a.workspace_id = t.workspace_id "
    "WHERE t.workspace_id = ANY(:names) AND p.status <> 'canceled' "
    "GROUP BY t.workspace_id, a.monthly_limit_cents, date_trunc('month', p.recorded_at, 'UTC') "
    "HAVING sum(p.amount_cents) > a.monthly_limit_cents"
)
CAUSES = text(
    "SELECT workspace_id, CASE kind WHEN 'limit_hit' THEN 'usage.limit_hit' WHEN 'plan_exhausted' "
    "THEN 'usage.plan_exhausted' ELSE 'usage.threshold' END AS type, count(*) AS times "
    "FROM usage_alerts WHERE workspace_id = ANY(:names) GROUP BY 1, 2 "
    "UNION ALL SELECT workspace_id, 'usage.refused', count(*) FROM entries "
    "WHERE workspace_id = ANY(:names) AND overage_policy = 'refused' GROUP BY 1 "
    "UNION ALL SELECT workspace_id, 'purchase.paid', count(*) FROM extra_minutes_purchases "
    "WHERE workspace_id = ANY(:names) AND paid_at IS NOT NULL GROUP BY 1 "
    "UNION ALL SELECT workspace_id, 'top_up.paid', count(*) FROM top_ups "
    "WHERE workspace_id = ANY(:names) AND outcome = 'paid' GROUP BY 1"
)
DELIVERIES = text(
    "SELECT o.workspace_id, o.type, count(*) AS times, count(*) FILTER (WHERE d.state = 'delivered') AS delivered "
    "FROM outgoing_events o LEFT JOIN event_deliveries d USING (workspace_id, event_no) "
    "WHERE o.workspace_id = ANY(:names) GROUP BY 1, 2"
)
TOP_UP_EVENTS = text(
    "SELECT count(*) FROM outgoing_events WHERE workspace_id = :name AND type IN ('top_up.paid', 'top_up.failed') "
    "AND (data->>'epoch')::bigint = :epoch AND data->>'reason' = :outcome"
)


def wrong_money(db: Connection, exchanges: list[Exchange], names: Sequence[str]) -> Iterator[str]:
    """Yield purchases, refunds and top-ups that were lost, doubled, half done or never to be made."""
    purchases = {row.purchase_id: row for row in db.execute(PURCHASES, {"names": list(names)})}
    charges = {row.purchase_id: row.times for row in db.execute(CHARGES, {"names": list(names)})}
    for purchase in purchases.values():
        wanted = purchase.minutes if purchase.status in PAID else None
        if purchase.lot_minutes != wanted:
            yield f"purchase {purchase.key}: {purchase.status}, {purchase.lot_minutes} minutes credited"
        if charges.get(purchase.purchase_id, 0) != (purchase.status in PAID):
            yield f"purchase {purchase.key}: {purchase.status}, charged {charges.get(purchase.purchase_id, 0)} times"
    refunds = dict(tuple(row) for row in db.execute(REFUNDS, {"names": list(names)}))
    for each in exchanges:
        answer = each.answer or {}
        if each.call.kind == "purchase" and "purchase" in answer:
            booked = purchases.get(answer["purchase"])
            if booked is None or booked.key != each.call.key:
                yield f"{each.call.key}: answered a purchase that is not booked under its key"
        if each.call.kind == "refund" and not answer and refunds.get(each.call.key) != "made":
            yield f"{each.call.key}: answered, and the refund is {refunds.get(each.call.key)}"
    yield from _wrong_top_ups(db, names)


def _wrong_top_ups(db: Connection, names: Sequence[str]) -> Iterator[str]:
    bought: Counter[str] = Counter()
    for top_up in db.execute(TOP_UPS, {"names": list(names)}):
        place = f"top-up of {top_up.workspace_id}, epoch {top_up.epoch}"
        bought[top_up.purchase_id] += top_up.purchase_id is not None
        if top_up.outcome == "started":
            yield f"{place}: nobody knows what came of it"
        if (top_up.status in PAID) != (top_up.outcome == "paid"):
            yield f"{place}: {top_up.outcome}, its purchase is {top_up.status}"
        about = {"name": top_up.workspace_id, "epoch": top_up.epoch, "outcome": top_up.outcome}
        if not db.execute(TOP_UP_EVENTS, about).scalar_one():
            yield f"{place}: {top_up.outcome}, and nobody was notified"
    yield from (f"purchase {each}: of two top-ups" for each, times in bought.items() if times > 1)
    for row in db.execute(CEILINGS, {"names": list(names)}):
        yield f"{row.workspace_id}: {row.cents} cents by itself, above its {row.monthly_limit_cents}"


def silent(db: Connection, names: Sequence[str]) -> Iterator[str]:
    """Yield alerts, payments and top-ups of which the subscribed endpoint has not heard, or twice."""
    heard = {(row.workspace_id, row.type): row for row in db.execute(DELIVERIES, {"names": list(names)})}
    for cause in db.execute(CAUSES, {"names": list(names)}):
        known = heard.get((cause.workspace_id, cause.type))
        if known is None or known.times != cause.times:
            yield f"{cause.workspace_id}: {cause.times} x {cause.type}, {known.times if known else 0} events"
    for row in heard.values():
        if row.delivered != row.times:
            yield f"{row.workspace_id}: {row.times} x {row.type}, {row.delivered} delivered"


def ahead_of_time(db: Connection, names: Sequence[str], until: datetime) -> Iterator[str]:
    """Yield workspaces with bookings later than any client has requested: a wrong clock gave months away."""
    for row in db.execute(query("verify_ahead_of_time"), {"until": until}):
        if row.workspace_id in names:
            yield f"{row.workspace_id}: {row.entries} entries booked ahead of time, the latest at {row.latest_at}"


def count_top_ups(db: Connection, names: Sequence[str]) -> Counter[str]:
    """Return how many top-ups came to which outcome."""
    return Counter(row.outcome for row in db.execute(TOP_UPS, {"names": list(names)}))
