"""What is sold: packages and plans in versions, prices made at Stripe from here, price tests."""

import streamlit as st

from dashboard import forms, shelf
from dashboard.access import require
from dashboard.db import reading
from dashboard.text import _

require("manage_catalogue")
st.title(_("Catalogue"))
forms.report()

with reading() as db:
    shelf.offer(db)
    names = [_("Packages"), _("Plans"), _("Price tests")]
    packages, plans, tests = st.tabs(names, key="catalogue_tab", on_change="rerun", bind="query-params")
    if packages.open:
        with packages:
            shelf.versions(db)
            shelf.new_version(db)
            shelf.withdrawal(db)
    if plans.open:
        with plans:
            shelf.plan_prices(db)
    if tests.open:
        with tests:
            shelf.price_tests(db)
