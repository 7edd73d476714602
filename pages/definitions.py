"""What each number means: formula, rows behind it, worked example."""

import streamlit as st

from dashboard import definitions
from dashboard.access import require
from dashboard.db import reading
from dashboard.text import _
from ledger.metric_versions import list_versions

staff = require("view_metrics")
st.title(_("Definitions"))
st.caption(
    _(
        "Each metric is one SQL file that gives the rows behind its number. The worked examples are ten workspaces "
        "small enough for pencil and paper; the tests run them through the product on every change."
    )
)
with reading() as db:
    versions = list_versions(db)
for metric in definitions.chosen():
    definitions.show(metric, versions.get(metric.slug, []))
