"""Saved pricing scenarios, up to four side by side: parameters, results, and what they say today."""

import streamlit as st

from dashboard.access import require
from dashboard.kit import template
from dashboard.screens.pricing import library

staff = require("view_metrics")
with template.head("Scenarios"):
    pass

scenarios = library.linked()
shown = scenarios or library.saved()
template.answer(library.answer(shown))
if scenarios:
    library.compared(scenarios)
    library.rerun_on_today(scenarios, staff)
else:
    st.caption("Choose up to four scenarios to see them side by side.")
    library.listed(shown)
