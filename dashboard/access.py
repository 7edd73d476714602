"""The person at the screen, and what their role allows.

A hidden button is not a locked door: every page and every action asks here.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

import streamlit as st
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from streamlit.web.server.starlette.starlette_app_utils import decode_xsrf_token_string

from dashboard import installation
from dashboard.clock import present
from dashboard.server.returning import USER_COOKIE
from dashboard.text import plain
from ledger.desk import audit, search, sessions, staff

PERMISSIONS: Mapping[str, str] = {
    "view_metrics": "See metrics, their definitions and the rows behind them",
    "view_personal_data": "See names and e-mail addresses of customers",
    "view_workspaces": "Search workspaces; see balance, lots, statement, purchases and customer preview",
    "write_notes": "Write notes on a workspace and pin it",
    "set_attributes": "Set what else is known about workspaces: country, channel, seats",
    "grant_minutes": "Grant minutes within the role's limits, request more, and take back unused grants",
    "refund_purchases": "Refund purchases within the role's limits, and request more",
    "grant_in_bulk": "Grant minutes to a list of workspaces",
    "view_approvals": "See requests waiting for approval",
    "decide_approvals": "Approve or reject requests of other people",
    "use_pricing": "Simulate other prices, packages and plans on the real history",
    "simulate_purchases": "Make test purchases in the sandbox or in Stripe's test mode",
    "view_events": "See payment events and their effects",
    "replay_events": "Replay payment events",
    "link_stripe": "Link Stripe customers and subscriptions to workspaces, and migrate from another system",
    "view_health": "See system health and run its checks",
    "manage_catalogue": "Change packages, plans and prices; run price tests and hold-outs",
    "import_history": "Import workspace history from files, and undo imports",
    "manage_staff": "Add and remove staff, change roles and limits",
    "manage_keys": "Create and revoke API keys",
    "view_audit": "Read the audit log",
    "manage_personal_data": "Export and erase the personal data of one customer",
}

_SUPPORT = frozenset(
    [
        "view_metrics",
        "view_personal_data",
        "view_workspaces",
        "write_notes",
        "set_attributes",
        "grant_minutes",
        "refund_purchases",
        "link_stripe",
        "grant_in_bulk",
        "view_approvals",
        "view_events",
        "view_health",
    ]
)
ROLES: Mapping[str, frozenset[str]] = {
    "viewer": frozenset({"view_metrics"}),
    "support": _SUPPORT,
    "pricing": frozenset({"view_metrics", "use_pricing", "simulate_purchases"}),
    "admin": frozenset(PERMISSIONS),
}


@dataclass(frozen=True)
class Operator:
    """The person at the screen. `actor` is the name under which everything they do is recorded."""

    actor: str
    name: str
    role: str
    signed_in_by: str

    def may(self, permission: str) -> bool:
        """Whether the role allows it. An unknown role allows nothing; an unknown permission is a mistake."""
        if permission not in PERMISSIONS:
            raise ValueError(f"no such permission: {permission}")
        return permission in ROLES.get(self.role, frozenset())


NOBODY = Operator("nobody", "Nobody", "none", "nothing")
UNKNOWN = Operator("unknown", "Unknown", "none", "nothing")
_at_the_screen: ContextVar[Operator | None] = ContextVar("at_the_screen")
"""The operator of this run of a page. A thread runs the pages of one session, and each run sets it anew."""
LOCAL_ADMINISTRATOR = Operator("local-administrator", "Local administrator", "admin", "local")
DEMO_STAFF: Mapping[str, Operator] = {
    operator.actor: operator
    for operator in (
        Operator("ada.admin@demo.invalid", "Ada (administrator)", "admin", "demo"),
        Operator("sam.support@demo.invalid", "Sam (support)", "support", "demo"),
        Operator("pia.pricing@demo.invalid", "Pia (pricing)", "pricing", "demo"),
        Operator("vic.viewer@demo.invalid", "Vic (product team)", "viewer", "demo"),
    )
}


def sign_in_configured() -> bool:
    """Whether staff sign in with an identity provider; otherwise there is one local administrator."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


@st.cache_data(ttl=60, show_spinner=False)
def _is_demo(database: str) -> bool:  # noqa: ARG001  the cache has one answer for each database
    with installation.reading() as connection:
        present_sources = search.sources(connection)
    return "demo" in present_sources and "live" not in present_sources


@st.cache_resource(show_spinner=False)
def _acting() -> dict[str, str]:
    """Return who acts as whom in this process, by browser: a reload begins a new session, and keeps this."""
    return {}


def _browser() -> str:
    """Return the token of the browser's cookie: the cookie itself has another mask on every visit."""
    token, _ = decode_xsrf_token_string(str(st.context.cookies.get("_streamlit_xsrf", "")))
    return token.hex() if token else ""


def remember_acting() -> None:
    """Keep the choice of *Act as* for this browser."""
    if browser := _browser():
        _acting()[browser] = st.session_state["act_as"]


def may_act_as() -> bool:
    """Whether the sidebar offers to act as one of the demo staff: a demo database without sign-in."""
    return not sign_in_configured() and _is_demo(str(installation.engine().url))


def current_operator() -> Operator | None:
    """Return the signed-in person, read again on every run; None when nobody known is signed in."""
    if sign_in_configured():
        return _signed_in()
    if may_act_as():
        chosen = st.session_state.get("act_as") or _acting().get(_browser(), "")
        return DEMO_STAFF.get(chosen, LOCAL_ADMINISTRATOR)
    return LOCAL_ADMINISTRATOR


def enter() -> Operator | None:
    """Return the operator of this run of a page, read once: `require` uses the same one."""
    operator = current_operator()
    _at_the_screen.set(operator)
    return operator


def operator_or_nobody() -> Operator:
    """Return who clicks now, not who saw the page; when the sign-in has ended, nobody, who may do nothing.

    A database that does not answer cannot say who it is: UNKNOWN, whose actions are refused with just that.
    """
    try:
        return current_operator() or NOBODY
    except OperationalError:
        return UNKNOWN


def _signed_in() -> Operator | None:
    """Return the staff row of the signed-in identity. The cookie holds the identity, never the permissions."""
    if not st.user.get("is_logged_in") or sign_in_expired():
        return None
    issuer, subject = str(st.user.get("iss") or ""), str(st.user.get("sub") or "")
    session_id = browser_session()
    with installation.reading() as connection:
        session = session_id and sessions.live_session(connection, session_id, at=present())
        row = staff.by_identity(connection, issuer, subject)
    if session_id and not session:
        return None
    if row is None:
        row = _sign_in_first(issuer, subject)
    if row and session and sessions.is_due(session, row.email, present()):
        with installation.writing() as connection:
            sessions.note_click(connection, session.session_id, row.email, at=present())
    return Operator(row.email, row.name, row.role, "oidc") if row else None


def browser_session() -> bytes | None:
    """Return the id of this browser's sign-in session."""
    return sessions.session_id_of(dict(st.context.cookies), USER_COOKIE)


def session_ended() -> bool:
    """Return whether this browser's sign-in was ended, or left alone too long."""
    session_id = browser_session()
    if session_id is None:
        return False
    with installation.reading() as connection:
        return sessions.live_session(connection, session_id, at=present()) is None


def _sign_in_first(issuer: str, subject: str) -> staff.Staff | None:
    """Bind a verified address of the staff list to the identity; record whoever is not on it, once a sign-in."""
    email = str(st.user.get("email") or "")
    with installation.writing() as connection:
        if st.user.get("email_verified") is True and (
            row := staff.sign_in_first(connection, email, issuer, subject)
        ):
            request = f"first sign-in {row.email} {present().isoformat()}"
            _record_sign_in(connection, "first_sign_in", row.email, row.role, request)
            return row
        request = f"refused sign-in {issuer} {subject} {st.user.get('iat')}"[:250]
        if audit.recorded(connection, request, "sign_in_refused") is None:
            _record_sign_in(connection, "sign_in_refused", email or subject or "unknown", "none", request)
    return None


def _record_sign_in(connection: Connection, action: str, who: str, role: str, request_id: str) -> None:
    audit.record(
        connection, actor=who, role=role, action=action, at=present(), request_id=request_id, subject=who
    )


def sign_in_expired() -> bool:
    """Whether the identity provider's word is older than a working day."""
    issued = st.user.get("auth_time") or st.user.get("iat")
    if not isinstance(issued, int):
        return True
    return present() - datetime.fromtimestamp(issued, UTC) > sessions.LASTS


def require(permission: str) -> Operator:
    """Return the operator when their role has the permission; otherwise explain why and stop the page."""
    operator = _at_the_screen.get(NOBODY)
    if operator is NOBODY:  # a page that runs outside `app.py`, which would have let somebody enter
        operator = current_operator()
    if operator is None:
        _refuse("You are signed out", "Sign in to see this page.")
    if not operator.may(permission):
        _refuse(
            "You don't have access",
            (
                f"Your role ({plain(operator.role)}) doesn't include this permission: "
                f"{PERMISSIONS[permission].lower()}. Ask an administrator for access."
            ),
        )
    return operator


def _refuse(title: str, sentence: str) -> NoReturn:
    st.space("small")  # clear of the page's question, which stands close to a page's title otherwise
    st.error(sentence, title=title, icon=":material/lock:")
    st.stop()
    raise PermissionError(sentence)
