"""Did customers' systems get their alerts? Every alert, its delivery, and where alerts go."""

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import template
from dashboard.screens import usage_alerts

staff = require("view_events")
with template.head("Usage alerts"):
    pass

with reading() as db:
    usage_alerts.state_of_sending(db)
    usage_alerts.list_alerts(db)
    if staff.may("manage_keys"):
        usage_alerts.change_endpoint(db)
