"""What workspaces crossed, and whether their systems were told."""

import streamlit as st

from dashboard import forms, warnings_out
from dashboard.access import require
from dashboard.db import reading
from dashboard.text import _

staff = require("view_events")
st.title(_("Warnings"))
st.caption(
    _("80, 90 and 100 % used, extra minutes taking over, limits hit: as they are sent to customers' systems.")
)
forms.report()

with reading() as db:
    warnings_out.state_of_sending(db)
    warnings_out.list_warnings(db)
    if staff.may("manage_keys"):
        warnings_out.change_endpoint(db)
