"""What workspaces crossed, and whether their systems were told."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import forms
from dashboard.screens import usage_alerts

staff = require("view_events")
st.title("Warnings")
st.caption(
    "80, 90 and 100 % used, extra minutes taking over, limits hit: as they are sent to customers' systems."
)
forms.report()

with reading() as db:
    usage_alerts.state_of_sending(db)
    usage_alerts.list_warnings(db)
    if staff.may("manage_keys"):
        usage_alerts.change_endpoint(db)
