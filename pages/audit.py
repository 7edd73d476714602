"""Who did what, when and why?"""

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import template
from dashboard.screens import audit

require("view_audit")
with template.head("Audit log"):
    pass

with reading() as db:
    audit.show(db)
