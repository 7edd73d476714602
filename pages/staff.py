"""People and their roles, what each role may give away, and the keys of programs."""

import streamlit as st

from dashboard import api_keys, forms, people, url
from dashboard.access import require
from dashboard.db import reading
from dashboard.text import _

staff = require("manage_staff")
st.title(_("Staff and keys"))
forms.report()

with reading() as db:
    tabs = url.tabs(
        {"people": _("People"), "limits": _("Limits"), "roles": _("Roles"), "keys": _("API keys")}
    )
    with tabs["people"]:
        if tabs["people"].open:
            people.list_people(db)
            people.change_people(db, staff)
    with tabs["limits"]:
        if tabs["limits"].open:
            people.change_limits(db)
    with tabs["roles"]:
        if tabs["roles"].open:
            people.matrix()
    with tabs["keys"]:
        if staff.may("manage_keys") and tabs["keys"].open:
            api_keys.list_keys(db)
            api_keys.change_keys(db)
