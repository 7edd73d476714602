"""Which requests need a second person? Open requests, past decisions, and grants worth a second look."""

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import template
from dashboard.screens import approvals

staff = require("view_approvals")
with template.head("Approvals"):
    pass

with reading() as db:
    approvals.waiting(db, staff)
    template.section("Decided")
    approvals.decided(db)
    template.section("Unusual grants")
    approvals.unusual(db)
