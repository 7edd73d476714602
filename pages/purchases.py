"""Every purchase, whatever became of it."""

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import awaited, breakdown, template
from dashboard.kit.figures import Figures
from dashboard.panels import about
from dashboard.screens import purchases

staff = require("view_metrics")

with reading() as db:
    chosen = template.metric_head(db, "Purchases", amounts=False)
    purchases.show(db, chosen, linked=staff.may("view_workspaces"))
    result = breakdown.metrics(Figures(db, chosen), purchases.ARRIVAL, key="arrival", about=about.open_panel)
about.panel(chosen, operator=staff)
awaited.request_fits(result, chosen)
