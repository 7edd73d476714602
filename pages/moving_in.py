"""Does the ledger agree with Stripe and the old system? Compare, link customers, try the first sync, go live."""

from dashboard import url
from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import template
from dashboard.screens import moving_in

require("link_stripe")
with template.head("Moving in"):
    pass

with reading() as db:
    moving_in.overview(db)
    tabs = url.tabs({"compare": "Comparison", "links": "Links", "sync": "First sync", "old": "Old balances"})
    compare, links, sync, old = tabs.values()
    if compare.open:
        with compare:
            moving_in.comparison(db)
    if links.open:
        with links:
            moving_in.links()
    if sync.open:
        with sync:
            moving_in.first_sync()
    if old.open:
        with old:
            moving_in.old_balances()
