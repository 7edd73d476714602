"""What do we sell, and at what price? Packages and plans in versions, prices at Stripe, price tests."""

import streamlit as st

from dashboard import url
from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import template
from dashboard.screens import catalogue, package_form, price_mapping

require("manage_catalogue")
with template.head("Catalogue"):
    pass

with reading() as db:
    catalogue.offer(db)
    tabs = url.tabs({"packages": "Packages", "plans": "Plans", "tests": "Price tests"})
    packages, plans, tests = tabs.values()
    if packages.open:
        with packages:
            with st.expander("Change a price, add a package, or take one off sale", icon=":material/edit:"):
                package_form.new_version(db)
                catalogue.withdrawal(db)
            catalogue.versions(db)
    if plans.open:
        with plans:
            price_mapping.plan_prices(db)
            price_mapping.existing_prices(db)
    if tests.open:
        with tests:
            catalogue.price_tests(db)
