"""Who is it, and what do they need? Every workspace, ordered by need; found by anything a customer may quote."""

from dashboard.access import require
from dashboard.installation import reading_copy
from dashboard.kit import template
from dashboard.screens import search

staff = require("view_workspaces")

with reading_copy() as db:
    with template.head("Workspaces"):
        typed = search.field()
    search.results(db, staff, search.Wanted(typed, search.chosen_filters(db)))
