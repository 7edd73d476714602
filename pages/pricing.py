"""What would other prices, packages or allowances have done to our real history?"""

import streamlit as st

from dashboard import url
from dashboard.access import require
from dashboard.kit import template
from dashboard.screens.pricing import (
    address,
    controls,
    currencies,
    facts,
    library,
    price_tests,
    reading,
    rehearsal,
    saving,
    trust,
    uncertainty,
    workbench,
)

staff = require("use_pricing")
with template.head("Pricing"):
    currency = currencies.chosen()
    beside = st.container(horizontal=True, vertical_alignment="center", gap="small")
taken = facts.snapshot(currency)
with beside:
    st.caption(facts.caption(taken))
    st.button(
        "Refresh data", key="pr_renew", on_click=facts.renew, args=[taken], type="tertiary",
        icon=":material/refresh:",
    )  # fmt: skip
currencies.state_left_out(taken)
reading.under_way(taken.source, currency)

saving.open_linked()
address.open_address(taken)
controls.prepare(taken)
controls.first_use(taken)
workbench.show(taken)
question = controls.last(taken)

names = {"sure": "How sure", "trust": "Trust", "saved": "Saved scenarios"}
tabs = url.tabs({**names, "test": "Price test", "rehearsal": "Rehearsal"})
if tabs["sure"].open:
    with tabs["sure"]:
        uncertainty.show(taken, staff)
if tabs["trust"].open:
    with tabs["trust"]:
        trust.show(taken, question)
if tabs["saved"].open:
    with tabs["saved"]:
        library.listed(library.saved())
if tabs["test"].open:
    with tabs["test"]:
        price_tests.show(taken, question, staff)
if tabs["rehearsal"].open:
    with tabs["rehearsal"]:
        rehearsal.show(taken, question, staff)
