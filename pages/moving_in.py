"""Moving in: link customers of Stripe, see what the first sync would do, run it on trial, go live."""

import streamlit as st

from dashboard import url
from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import forms
from dashboard.screens import moving_in

require("link_stripe")
st.title("Moving in")
forms.report()

with reading() as db:
    moving_in.answer(db)
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
