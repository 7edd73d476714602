"""What stands beside every page: who is signed in, in which mode the installation runs, and signing in."""

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from dashboard import access, installation
from dashboard.clock import as_of
from dashboard.text import moment, plain

BadgeColour = Literal["red", "orange", "gray", "violet"]
MODES: Mapping[str, tuple[BadgeColour, str, str]] = {
    "sandbox": ("gray", ":material/science:", "Sandbox, no real money"),
    "stripe_test": ("orange", ":material/experiment:", "Stripe test, no real money"),
    "live": ("red", ":material/paid:", "Live: real money"),
}


def show(operator: access.Operator) -> None:
    """The lower sidebar: mode, who one is, *act as* in a demo database, signing out."""
    with st.sidebar:
        colour, icon, sentence = MODES[installation.settings().mode]
        st.badge(sentence, icon=icon, color=colour)
        if access.may_act_as():
            _act_as()
        else:
            st.caption(f"{plain(operator.name)} · {operator.role}")
        if operator.signed_in_by == "oidc":
            st.button("Sign out", icon=":material/logout:", on_click=st.logout)
    if at := as_of():
        st.info(f"You read as of {moment(at)}.", icon=":material/history:")


def _act_as() -> None:
    names = {actor: operator.name for actor, operator in access.DEMO_STAFF.items()}
    st.selectbox(
        "Act as",
        list(names),
        format_func=names.__getitem__,
        key="act_as",
        persist_state="session",
        help="A demo database: see the dashboard through the eyes of each role. It is recorded as such.",
    )


def sign_in() -> None:
    """The view of somebody who is not signed in, is unknown here, or signed in too long ago."""
    st.title("Minutes")
    if not st.user.get("is_logged_in"):
        st.write("Sign in to see balances, purchases and metrics.")
    elif access.sign_in_expired():
        st.warning("Your sign-in is older than twelve hours. Sign in again.")
    else:
        who = plain(str(st.user.get("email") or st.user.get("sub")))
        st.warning(f"{who} is not on the staff list. Ask an administrator to add you.")
        st.button("Sign out", on_click=st.logout)
        return
    st.button("Sign in", type="primary", on_click=st.login)
