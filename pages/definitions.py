"""What each number means: formula, rows behind it, worked example."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading
from dashboard.screens import definitions
from ledger.metrics.versions import list_versions

staff = require("view_metrics")
st.title("Definitions")
st.caption(
    "Each metric is one SQL file that gives the rows behind its number. The worked examples are ten workspaces "
    "small enough for pencil and paper; the tests run them through the product on every change."
)
with reading() as db:
    versions = list_versions(db)
asked, others = definitions.chosen()
if asked:
    definitions.show(asked, versions.get(asked.slug, []), opened=True)
for page, metrics in definitions.grouped(others).items():
    st.subheader(page)
    for metric in metrics:
        definitions.show(metric, versions.get(metric.slug, []))
if not asked and not others:
    st.info("No metric is described with these words.", icon=":material/search_off:")
