"""Who should get minutes together? A list, checked first, granted row by row, undone as a whole."""

from dashboard import url
from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import template
from dashboard.screens import batch

staff = require("grant_in_bulk")
with template.head("Bulk grants"):
    pass

with reading() as db:
    batch.overview(db)
    new, saved = url.tabs({"new": "New list", "saved": "Saved lists"}).values()
    if new.open:
        with new:
            batch.new_list(db)
    if saved.open:
        with saved:
            batch.saved_lists(db, staff)
