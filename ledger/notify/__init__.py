"""Messages that leave the product: usage alerts, metric alerts, their endpoint and signature."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ledger.notify.channels import CHANNELS
from ledger.notify.endpoint import Endpoint, get_endpoint, set_endpoint
from ledger.notify.outbox import each_usage_alert
from ledger.notify.signed_post import new_secret

if TYPE_CHECKING:
    from ledger.notify.metric_alerts import DIRECTIONS, MetricAlert, alert_history, list_metric_alerts

__all__ = [
    "CHANNELS",
    "DIRECTIONS",
    "Endpoint",
    "MetricAlert",
    "alert_history",
    "each_usage_alert",
    "get_endpoint",
    "list_metric_alerts",
    "new_secret",
    "set_endpoint",
]
LATE = {
    "DIRECTIONS": "ledger.notify.metric_alerts",
    "MetricAlert": "ledger.notify.metric_alerts",
    "alert_history": "ledger.notify.metric_alerts",
    "list_metric_alerts": "ledger.notify.metric_alerts",
}
"""Names whose modules bring statistics, which take a second to import: only who uses them pays for it."""


def __getattr__(name: str) -> Any:
    """Return a name of `LATE`, importing its module at the first use."""
    if name in LATE:
        return getattr(import_module(LATE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
