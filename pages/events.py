"""What did Stripe send, and what did it change? Every event, its effect or error, and its replay."""

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import template
from dashboard.screens import events
from dashboard.screens.workspace import top_ups
from ledger.webhooks import inbox_state

staff = require("view_events")
with template.head("Events"):
    pass

with reading() as db:
    state = inbox_state(db)
    events.summary(state)
    text, status = events.fields(state)
    event = events.table(db, text, status)
    if event:
        events.detail(db, staff, event)
    top_ups.latest(db)
