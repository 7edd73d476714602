"""What does the customer see? Their own page, read-only."""

import streamlit as st

from dashboard import navigation
from dashboard.access import require
from dashboard.kit import template
from dashboard.screens import preview
from dashboard.text import plain
from dashboard.url import no_such_workspace, selected_workspace

staff = require("view_workspaces")
workspace_id = selected_workspace()

responses = preview.answers(workspace_id)
if responses is None:
    no_such_workspace(workspace_id)
    st.stop()

with template.head("Customer preview"):
    st.page_link(
        navigation.address("workspace"),
        label=f"Back to {plain(workspace_id)}",
        icon=":material/arrow_back:",
        query_params={"id": workspace_id},
    )
preview.offer(responses, staff, workspace_id)
preview.frame(staff, workspace_id)
preview.raw(responses, workspace_id)
