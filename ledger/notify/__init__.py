"""Outgoing messages: webhook events, metric, usage and payment alerts, and their signatures."""

from typing import TYPE_CHECKING

from ledger.late_imports import importer
from ledger.notify.alert_subscriptions import (
    ALERT_KINDS,
    REPORTED_SOURCES,
    AlertSubscription,
    approve_subscription,
    list_subscriptions,
    stop_subscription,
    subscribe,
)
from ledger.notify.channels import CHANNELS, MailServer
from ledger.notify.events import (
    EventDelivery,
    WaitingDeliveries,
    count_deliveries,
    list_attempts,
    list_deliveries,
    replay_delivery,
)
from ledger.notify.payment_messages import PaymentMessage, list_payment_messages
from ledger.notify.signed_post import new_secret, utc
from ledger.notify.webhook_endpoints import (
    EVENT_TYPES,
    WebhookEndpoint,
    approve_endpoint,
    create_endpoint,
    delete_endpoint,
    get_webhook_endpoint,
    list_endpoints,
    rotate_secret,
)

if TYPE_CHECKING:
    from ledger.notify.metric_alerts import DIRECTIONS, MetricAlert, alert_history, list_metric_alerts
    from ledger.notify.reports import (
        REPORT_EVERY,
        Report,
        ReportSubscription,
        last_period,
        list_reports,
        send_report,
        send_reports,
        stop_report,
        subscribe_to_report,
    )

__all__ = [
    "ALERT_KINDS",
    "CHANNELS",
    "DIRECTIONS",
    "EVENT_TYPES",
    "REPORTED_SOURCES",
    "REPORT_EVERY",
    "AlertSubscription",
    "EventDelivery",
    "MailServer",
    "MetricAlert",
    "PaymentMessage",
    "Report",
    "ReportSubscription",
    "WaitingDeliveries",
    "WebhookEndpoint",
    "alert_history",
    "approve_endpoint",
    "approve_subscription",
    "count_deliveries",
    "create_endpoint",
    "delete_endpoint",
    "get_webhook_endpoint",
    "last_period",
    "list_attempts",
    "list_deliveries",
    "list_endpoints",
    "list_metric_alerts",
    "list_payment_messages",
    "list_reports",
    "list_subscriptions",
    "new_secret",
    "replay_delivery",
    "rotate_secret",
    "send_report",
    "send_reports",
    "stop_report",
    "stop_subscription",
    "subscribe",
    "subscribe_to_report",
    "utc",
]
LATE = {
    "DIRECTIONS": "ledger.notify.metric_alerts",
    "MetricAlert": "ledger.notify.metric_alerts",
    "alert_history": "ledger.notify.metric_alerts",
    "list_metric_alerts": "ledger.notify.metric_alerts",
    "REPORT_EVERY": "ledger.notify.reports",
    "Report": "ledger.notify.reports",
    "ReportSubscription": "ledger.notify.reports",
    "last_period": "ledger.notify.reports",
    "list_reports": "ledger.notify.reports",
    "send_report": "ledger.notify.reports",
    "send_reports": "ledger.notify.reports",
    "stop_report": "ledger.notify.reports",
    "subscribe_to_report": "ledger.notify.reports",
}
"""Names imported on first use, because their modules load statistics, which takes a second."""
__getattr__ = importer(__name__, LATE)
