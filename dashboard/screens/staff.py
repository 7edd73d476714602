"""People on the Staff page: who may sign in under which role, and the limits of each role."""

from collections import Counter
from collections.abc import Mapping

import streamlit as st
from sqlalchemy import Connection

from dashboard import actions
from dashboard.access import PERMISSIONS, ROLES, Operator, operator_or_nobody
from dashboard.kit import forms, tables, template
from dashboard.kit.choices import choice
from dashboard.text import counted, plain
from ledger.desk import staff

MONEY = {
    "cents_per_refund": "Money per refund, any currency",
    "cents_per_day": "Money per day, any currency",
}
LIMITS = {"minutes_per_grant": "Minutes per grant", "minutes_per_day": "Minutes per day", **MONEY}


def overview(db: Connection) -> None:
    """Draw how many people can sign in, by role."""
    template.answer(answer(Counter(row.role for row in staff.list_staff(db) if not row.disabled_at)))


def answer(people_by_role: Mapping[str, int]) -> str:
    """Return how many people can sign in, by role, in one sentence."""
    total = sum(people_by_role.values())
    if not total:
        return "**Nobody can sign in yet**: the local administrator works alone. Add the first person below."
    roles = ", ".join(f"{people_by_role[role]} {role}" for role in ROLES if people_by_role.get(role))
    return f"**{counted(total, '{n} person can sign in', '{n} people can sign in')}**: {roles}."


def list_people(db: Connection) -> None:
    """Draw current and former users."""
    columns = ("email", "name", "role", "subject", "added_at", "added_by", "disabled_at")
    frame = tables.from_rows(staff.list_staff(db), columns)
    frame["signed_in"] = frame["subject"].notna()
    tables.show(
        frame,
        key="staff",
        empty="No users yet.",
        file_name="staff.csv",
        columns={
            "email": tables.text("E-mail"),
            "name": tables.text("Name"),
            "role": tables.text("Role"),
            "signed_in": st.column_config.CheckboxColumn("Has signed in"),
            "added_at": tables.when("Added"),
            "added_by": tables.text("Added by"),
            "disabled_at": tables.when("Deactivated"),
        },
    )


def change_people(db: Connection, operator: Operator) -> None:
    """Draw the forms that add a user, change a role, and deactivate a user."""
    enter, leave = st.columns(2, gap="large")
    with enter, st.form("staff_form", border=True):
        st.markdown("**Add user or change role**")
        forms.text_field("E-mail", key="staff_email", type="email", max_chars=254)
        st.text_input("Name", key="staff_name", max_chars=200)
        st.selectbox("Role", list(ROLES), key="staff_role")
        st.form_submit_button(
            "Save user", key="staff_submit", on_click=save_person, args=(forms.key_of("staff"),)
        )
    others = {
        row.email: row.email
        for row in staff.list_staff(db)
        if not row.disabled_at and row.email != operator.actor
    }
    if not others:
        return
    with leave, st.form("leave_form", border=True):
        st.markdown("**Deactivate user**")
        forms.pick("Person", others, key="leave_email")
        st.form_submit_button("Deactivate", key="leave_submit", on_click=ask_to_deactivate)
    with leave:
        forms.confirmation("deactivate", _deactivation, deactivate, yes="Deactivate")


def save_person(key: str) -> None:
    """Add the user, or change the role."""
    state = st.session_state
    operator = operator_or_nobody()
    email, role, name = state["staff_email"] or "", state["staff_role"], state["staff_name"] or ""
    forms.carry_out(
        "staff",
        lambda: actions.add_staff(operator, email, role=role, name=name, key=key),
        clear=("staff_email", "staff_name"),
        fields={"invalid_email": "staff_email"},
    )


def ask_to_deactivate() -> None:
    """Ask for confirmation: the user loses access at once."""
    forms.ask_to_confirm("deactivate", st.session_state["leave_email"])


def _deactivation(email: str) -> str:
    return f"{plain(email)} can no longer sign in or do anything, effective immediately."


def deactivate(email: str) -> None:
    """Deactivate the user."""
    operator = operator_or_nobody()
    forms.carry_out("leave", lambda: actions.disable_staff(operator, email, key=forms.key_of("leave")))


def change_limits(db: Connection) -> None:
    """Draw the form of what each role may do without a second person."""
    limits = staff.limits(db)
    names = {name: name for name in limits if ROLES[name] & {"grant_minutes"}}
    role = choice("Role", names, key="role", label_visibility="visible")
    now = limits[role]
    with st.form("limits_form", border=True):
        for cell, (name, label) in zip(st.columns(4), LIMITS.items(), strict=True):
            with cell:
                if name in MONEY:
                    forms.money_field(label, getattr(now, name), key=f"{role}_{name}", most=10**9)
                else:
                    st.number_input(label, 0, 10**9, getattr(now, name), key=f"{role}_{name}")
        st.form_submit_button(
            "Save limits",
            key="limits_submit",
            on_click=save_limits,
            args=(role, forms.key_of("limits")),
        )


def save_limits(role: str, key: str) -> None:
    """Save the limits of the role."""
    new = staff.Limits(
        role,
        *(
            forms.cents_of(f"{role}_{name}") if name in MONEY else int(st.session_state[f"{role}_{name}"])
            for name in LIMITS
        ),
    )
    operator = operator_or_nobody()
    forms.carry_out("limits", lambda: actions.set_limits(operator, new, key=key))


def matrix() -> None:
    """Draw the permissions of each role, from the table that every action checks."""
    lines = [f"| {'Permission'} | {' | '.join(ROLES)} |", f"|---|{'---|' * len(ROLES)}"]
    for permission, sentence in PERMISSIONS.items():
        marks = (" ✓ " if permission in granted else "   " for granted in ROLES.values())
        lines.append(f"| {plain(sentence)} |{'|'.join(marks)}|")
    st.markdown("\n".join(lines))
