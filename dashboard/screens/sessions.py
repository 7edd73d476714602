"""Sign-ins: open sessions on the Staff page, and the button in the header that signs out everywhere."""

import streamlit as st
from sqlalchemy import Connection

from dashboard import actions
from dashboard.access import operator_or_nobody, sign_in_configured
from dashboard.clock import present
from dashboard.kit import forms, tables
from dashboard.text import plain
from ledger.desk import sessions


def list_sessions(db: Connection) -> None:
    """Draw who is signed in now, since when, and from where; and the form that ends somebody's sessions."""
    if not sign_in_configured():
        st.info("Nobody signs in here: whoever opens the printed address is the local administrator.")
        return
    living = sessions.list_sessions(db, at=present())
    frame = tables.from_rows(living, ("email", "started_at", "seen_at", "address", "browser"))
    tables.show(
        frame,
        key="sessions",
        empty="Nobody is signed in.",
        file_name="sessions.csv",
        columns={
            "email": tables.text("E-mail"),
            "started_at": tables.when("Signed in"),
            "seen_at": tables.when("Last click"),
            "address": tables.text("Address"),
            "browser": tables.text("Browser"),
        },
    )
    st.caption(
        "A session ends twelve hours after the sign-in, after two hours without a click, at sign-out, and when the "
        "person's role changes or they are deactivated."
    )
    people = {email: email for email in sorted({each.email for each in living if each.email})}
    if not people:
        return
    with st.form("session_form", border=True):
        st.markdown("**End sessions**")
        forms.pick("Person", people, key="session_email")
        st.form_submit_button("End all sessions", key="session_submit", on_click=ask_to_end)
    forms.confirmation("end_sessions", _sentence, end, yes="End sessions")


def ask_to_end() -> None:
    """Ask for a confirmation: the person is signed out in the middle of their work."""
    forms.ask_to_confirm("end_sessions", st.session_state["session_email"])


def _sentence(email: str) -> str:
    return f"{plain(email)} is signed out of every browser at once, and can sign in again."


def end(email: str) -> None:
    """End every session of the person."""
    operator = operator_or_nobody()
    forms.carry_out(
        "end_sessions",
        lambda: actions.end_sessions(operator, email, key=forms.key_of("end_sessions")),
    )


def sign_out_everywhere() -> None:
    """End every session of whoever clicks, then sign this browser out too."""
    operator = operator_or_nobody()
    if forms.carry_out(
        "everywhere", lambda: actions.sign_out_everywhere(operator, key=forms.key_of("everywhere"))
    ):
        st.logout()
