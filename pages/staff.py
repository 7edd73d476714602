"""People and their roles, what each role may give away, and the keys of programs."""

import streamlit as st

from dashboard import api_keys, forms, people
from dashboard.access import require
from dashboard.db import reading
from dashboard.text import _

staff = require("manage_staff")
st.title(_("Staff and keys"))
forms.report()

with reading() as db:
    names = [_("People"), _("Limits"), _("Roles"), _("API keys")]
    tabs = dict(
        zip(names, st.tabs(names, key="staff_tab", on_change="rerun", bind="query-params"), strict=True)
    )
    with tabs[_("People")]:
        if tabs[_("People")].open:
            people.list_people(db)
            people.change_people(db, staff)
    with tabs[_("Limits")]:
        if tabs[_("Limits")].open:
            people.change_limits(db)
    with tabs[_("Roles")]:
        if tabs[_("Roles")].open:
            people.matrix()
    with tabs[_("API keys")]:
        if staff.may("manage_keys") and tabs[_("API keys")].open:
            api_keys.list_keys(db)
            api_keys.change_keys(db)
