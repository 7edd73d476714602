"""What would other prices, packages or allowances have done to our real history?"""

import streamlit as st

from dashboard.access import require
from dashboard.pricing import (
    controls,
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
from dashboard.text import _

staff = require("use_pricing")
st.title(_("Pricing"))

taken = facts.snapshot()
with st.container(horizontal=True, vertical_alignment="center"):
    st.caption(facts.caption(taken))
    st.button(
        _("Read today's data"), key="pr_renew", on_click=facts.renew, args=[taken], type="tertiary",
        icon=":material/refresh:",
    )  # fmt: skip
reading.under_way(taken.source)

saving.open_linked()
controls.prepare(taken)
controls.first_use(taken)
workbench.show(taken)
question = st.session_state.get("pr_last") or facts.today(taken)

names = [_("How sure"), _("Trust"), _("Saved scenarios"), _("Price test"), _("Rehearsal")]
sure, trusted, saved, tested, rehearsed = st.tabs(names, key="pr_tab", on_change="rerun")
if sure.open:
    with sure:
        uncertainty.show(taken, staff)
if trusted.open:
    with trusted:
        trust.show(taken, question)
if saved.open:
    with saved:
        library.listed()
if tested.open:
    with tested:
        price_tests.show(taken, question, staff)
if rehearsed.open:
    with rehearsed:
        rehearsal.show(taken, question, staff)
