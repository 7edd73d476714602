"""Did other systems get their events, and who is notified of alerts? Endpoints, delivery log, and subscriptions."""

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import template
from dashboard.panels import alert_subscriptions
from dashboard.screens import webhooks

staff = require("view_events")
with template.head("Webhooks"):
    pass

with reading() as db:
    webhooks.state_of_sending(db)
    webhooks.show_endpoints(db)
    if staff.may("manage_keys"):
        webhooks.change_endpoints(db)
    alert_subscriptions.show_subscriptions(db)
    if staff.may("manage_keys"):
        alert_subscriptions.change_subscriptions(db)
