"""What each number means: formula, rows behind it, worked example."""

import streamlit as st

from dashboard import definitions
from dashboard.access import require
from dashboard.text import _

staff = require("view_metrics")
st.title(_("Definitions"))
st.caption(
    _(
        "Each metric is one SQL file that gives the rows behind its number. The worked examples are ten workspaces "
        "small enough for pencil and paper; the tests run them through the product on every change."
    )
)
for metric in definitions.chosen():
    definitions.show(metric)
