"""Did other systems get their events? Endpoints, the delivery log, and secrets."""

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import template
from dashboard.screens import webhooks

staff = require("view_events")
with template.head("Webhooks"):
    pass

with reading() as db:
    webhooks.state_of_sending(db)
    webhooks.show_endpoints(db)
    if staff.may("manage_keys"):
        webhooks.change_endpoints(db)
