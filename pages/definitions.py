"""What each number means: formula, rows behind it, worked example."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading_copy
from dashboard.kit import template
from dashboard.screens import definitions
from ledger.metrics import list_versions

staff = require("view_metrics")
with template.head("Definitions"):
    pass
template.answer(
    "Every number is one SQL query with an example. The product is checked against it on every change."
)

with reading_copy() as db:
    versions = list_versions(db)
left, right = st.columns([1, 3], gap="large")
with left:
    chosen = definitions.listed(definitions.matching())
if chosen:
    with right:
        definitions.show(chosen, versions.get(chosen.slug, []))
