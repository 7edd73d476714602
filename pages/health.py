"""Is everything healthy? Alerts, Stripe reconciliation, scheduled jobs, the installation, the proof."""

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import template
from dashboard.screens import health, payment_alerts, restore_drills
from ledger.postgres import last_drill

staff = require("view_health")
with template.head("Health"):
    pass

with reading() as db:
    drill = last_drill(db)
    health.overview(db, drill)
    payment_alerts.alerts(db, staff)
    health.reconciliation(db, staff)
    health.worker(db)
    restore_drills.show(drill)
    health.show_installation(db)
    health.proof(db)
