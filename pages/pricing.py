"""What would other prices, packages or allowances have done to our real history?"""

import streamlit as st

from dashboard.access import require
from dashboard.pricing import controls, facts, library, saving, trust, uncertainty, workbench
from dashboard.text import _

staff = require("use_pricing")
st.title(_("Pricing"))

taken = facts.snapshot()
with st.container(horizontal=True, vertical_alignment="center"):
    st.caption(facts.caption(taken))
    st.button(_("Read today's data"), on_click=facts.forget, type="tertiary", icon=":material/refresh:")

saving.open_linked()
controls.prepare(taken)
controls.first_use(taken)
workbench.show(taken, staff)

names = [_("How sure"), _("Trust"), _("Saved scenarios")]
sure, trusted, saved = st.tabs(names, key="pr_tab", on_change="rerun")
if sure.open:
    with sure:
        uncertainty.show(taken, staff)
if trusted.open and st.session_state.get("pr_last"):
    with trusted:
        trust.show(taken, st.session_state["pr_last"])
if saved.open:
    with saved:
        library.listed()
