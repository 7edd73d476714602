"""Who may do what? People and roles, the limits of each role, and API keys."""

from dashboard import url
from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import template
from dashboard.screens import api_keys, sessions, staff

operator = require("manage_staff")
with template.head("Staff and keys"):
    pass

with reading() as db:
    staff.overview(db)
    tabs = url.tabs(
        {"people": "People", "sessions": "Sign-ins", "limits": "Limits", "roles": "Roles", "keys": "API keys"}
    )
    with tabs["people"]:
        if tabs["people"].open:
            staff.list_people(db)
            staff.change_people(db, operator)
    with tabs["sessions"]:
        if tabs["sessions"].open:
            sessions.list_sessions(db)
    with tabs["limits"]:
        if tabs["limits"].open:
            staff.change_limits(db)
    with tabs["roles"]:
        if tabs["roles"].open:
            staff.matrix()
    with tabs["keys"]:
        if operator.may("manage_keys") and tabs["keys"].open:
            api_keys.list_keys(db)
            api_keys.change_keys(db)
