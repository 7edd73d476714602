"""The slim header over every page: product, search, mode of the installation, and the person at the screen."""

from collections.abc import Callable, Mapping
from typing import Literal

import streamlit as st

from dashboard import access, installation, navigation
from dashboard.clock import as_of
from dashboard.text import moment, plain

BadgeColour = Literal["red", "orange", "gray", "violet"]
MODES: Mapping[str, tuple[BadgeColour, str, str, str]] = {
    "sandbox": ("gray", ":material/science:", "Sandbox", "No real money moves here."),
    "stripe_test": ("orange", ":material/experiment:", "Test", "Stripe test mode: no real money moves here."),
    "live": ("red", ":material/paid:", "LIVE", "Real money."),
}


def show(operator: access.Operator, sign_out_everywhere: Callable[[], None] | None = None) -> bool:
    """Draw the header; return whether the search was opened. Without `sign_out_everywhere` it is not offered."""
    with st.container(key="app_header", horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(
            navigation.address(navigation.HOME), label="**Minutes**", icon=":material/timer:", width="content"
        )
        searched = st.button(
            "Search",
            key="jump",
            icon=":material/search:",
            shortcut="Ctrl+K",
            help="Pages, workspaces, purchases, scenarios",
        )
        st.space("stretch")
        colour, icon, name, meaning = MODES[installation.settings().mode]
        st.badge(name, icon=icon, color=colour, help=meaning)
        _person(operator, sign_out_everywhere)
    if at := as_of():
        st.info(f"You see the data as of {moment(at)}.", icon=":material/history:")
    return searched


def _person(operator: access.Operator, sign_out_everywhere: Callable[[], None] | None) -> None:
    """Draw the signed-in person and their role, unless the name already includes it."""
    says_it = operator.role in operator.name.lower()
    who = plain(operator.name if says_it else f"{operator.name} · {operator.role}")
    with st.popover(who, icon=":material/account_circle:", type="tertiary", key="person"):
        st.caption(f"{plain(operator.actor)} · {operator.role}")
        if access.may_act_as():
            names = {actor: one.name for actor, one in access.DEMO_STAFF.items()}
            st.selectbox(
                "Act as",
                list(names),
                index=list(names).index(operator.actor) if operator.actor in names else None,
                placeholder=operator.name,
                format_func=names.__getitem__,
                key="act_as",
                persist_state="session",
                on_change=access.remember_acting,
                help="See the demo as each role does. Actions are recorded under that name.",
            )
        if operator.signed_in_by == "oidc":
            st.button("Sign out", icon=":material/logout:", on_click=st.logout)
            if sign_out_everywhere:
                st.button(
                    "Sign out everywhere",
                    icon=":material/devices:",
                    on_click=sign_out_everywhere,
                    help="Ends your session in every browser, including on lost devices.",
                )


def sign_in() -> None:
    """Draw the page for people who are not signed in, not on the staff list, or signed in too long ago."""
    st.title("Minutes", anchor=False)
    if not st.user.get("is_logged_in"):
        st.write("Sign in to see balances, purchases and metrics.")
    elif access.sign_in_expired():
        st.warning("Your sign-in is older than twelve hours. Sign in again.")
    elif access.session_ended():
        st.warning("Your session has ended. Sign in again.")
    else:
        who = plain(str(st.user.get("email") or st.user.get("sub")))
        st.warning(f"{who} is not on the staff list. Ask an administrator to add you.")
        st.button("Sign out", on_click=st.logout)
        return
    st.button("Sign in", type="primary", on_click=st.login)
