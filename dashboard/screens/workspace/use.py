"""The tab "Usage": minutes by day, and the alerts about them; payment events stand with the payments."""

from datetime import timedelta

import streamlit as st
from sqlalchemy import Connection

from dashboard import installation, url
from dashboard.access import Operator
from dashboard.clock import now
from dashboard.kit import states, tables, template
from dashboard.screens.events import STATUSES
from dashboard.screens.workspace import pictures
from dashboard.text import counted, minutes
from ledger.minutes import list_payment_events, list_usage_alerts, usage_days

DAYS = {"30": "30", "90": "90", "365": "365"}
CROSSED = {
    "used_80": "80% used",
    "used_90": "90% used",
    "used_100": "100% used",
    "plan_exhausted": "Extra minutes in use",
    "limit_hit": "Limit hit",
}
DELIVERIES = {
    "pending": "Waiting",
    "delivered": "Delivered",
    "dead": "Failed",
    "off": "Not sent (no endpoint)",
}


def show(db: Connection, workspace_id: str) -> None:
    """Draw use by day of the report time zone, as far back as chosen."""
    (days,) = url.pills("Days", DAYS, key="days", first="90", required=True)
    zone = installation.settings().report_timezone
    until = now()
    used = usage_days(db, workspace_id, since=until - timedelta(days=int(days)), until=until, zone=zone)
    if not used:
        st.caption("No usage in this period.")
        return
    st.plotly_chart(
        pictures.use_by_day(used), key="use_by_day", config=pictures.CONFIG, alt="Minutes used by day"
    )
    total = sum(day.plan_minutes + day.extra_minutes for day in used)
    unmet = sum(day.unmet_minutes for day in used)
    st.caption(
        "{n} in {uses}; {unmet} requested but not available. Days in {zone}.".format(
            n=minutes(total),
            uses=counted(sum(day.uses for day in used), "{n} use", "{n} uses"),
            unmet=minutes(unmet),
            zone=zone,
        )
    )


def alerts(db: Connection, workspace_id: str) -> None:
    """Draw the thresholds and limits that were reached, and how their alerts were delivered."""
    template.section("Usage alerts")
    columns = ("at", "entry_no", "unmet_minutes", "attempts", "last_error")
    rows = list_usage_alerts(db, workspace_id)
    tables.show(
        tables.from_rows(rows, columns).assign(
            kind=[CROSSED[row.kind] for row in rows],
            delivery=[DELIVERIES[row.delivery] for row in rows],
        ),
        key="usage_alerts",
        file_name="usage-alerts.csv",
        empty="No usage alerts yet.",
        columns={
            "at": tables.when("When"),
            "kind": tables.text("What"),
            "entry_no": tables.whole("Statement line"),
            "unmet_minutes": tables.whole("Unmet"),
            "delivery": states.column("Delivery", DELIVERIES.values()),
            "attempts": tables.whole("Attempts"),
            "last_error": tables.text("Error"),
        },
    )


def payment_events(db: Connection, operator: Operator, workspace_id: str) -> None:
    """Draw what Stripe sent about this customer, for those who may see events."""
    if not operator.may("view_events"):
        return
    template.section("Payment events")
    fields = ("received_at", "type", "object_id", "status", "effect", "error", "event_id")
    events = list_payment_events(db, workspace_id)
    tables.show(
        tables.from_rows(events, fields).assign(status=[STATUSES[event.status] for event in events]),
        key="payment_events",
        file_name="payment-events.csv",
        empty="Stripe has sent nothing about this customer.",
        columns={
            "received_at": tables.when("Received"),
            "type": tables.text("Type"),
            "object_id": tables.text("About"),
            "status": states.column("State", STATUSES.values()),
            "effect": tables.text("Effect"),
            "error": tables.text("Error"),
            "event_id": tables.text("Event"),
        },
    )
