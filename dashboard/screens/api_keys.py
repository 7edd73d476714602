"""API keys on the Staff page: which programs may call the HTTP API, and with which scopes."""

from collections.abc import Mapping
from datetime import timedelta

import streamlit as st
from sqlalchemy import Connection

from dashboard import actions
from dashboard.access import operator_or_nobody
from dashboard.clock import present
from dashboard.kit import forms, states, tables
from dashboard.text import plain
from ledger.desk import keys


def list_keys(db: Connection) -> None:
    """Draw every key without its secret."""
    rows = keys.list_keys(db)
    frame = tables.from_rows(
        rows,
        (
            "key_id",
            "name",
            "workspace_id",
            "requests_per_minute",
            "grant_minutes_per_day",
            "created_at",
            "created_by",
            "last_used_at",
            "expires_at",
            "revoked_at",
        ),
    )
    frame["scopes"] = [", ".join(row.scopes) for row in rows]
    frame["state"] = [row.state_at(present()).capitalize() for row in rows]
    tables.show(
        frame,
        key="api_keys",
        file_name="api-keys.csv",
        empty="No API keys yet. Create one to call the HTTP API.",
        columns={
            "key_id": tables.text("Key"),
            "name": tables.text("Name"),
            "state": states.column("State", ("Active", "Expired", "Revoked"), width=110),
            "scopes": tables.text("Scopes"),
            "workspace_id": tables.text("Only workspace"),
            "requests_per_minute": tables.whole("Requests per minute"),
            "grant_minutes_per_day": tables.whole("Granted minutes per day"),
            "created_at": tables.when("Created"),
            "created_by": tables.text("Created by"),
            "last_used_at": tables.when("Last used"),
            "expires_at": tables.when("Expires"),
            "revoked_at": tables.when("Revoked"),
        },
    )


def change_keys(db: Connection) -> None:
    """Draw the forms that create a key (its secret is shown once), change its limit and revoke it."""
    forms.show_secret(
        "api key",
        "Copy this key now. It is shown once. Use it on your servers only, never in a browser or an app.",
    )
    make, end = st.columns(2, gap="large")
    with make, st.form("key_form", border=True):
        _key_form()
    living = {
        row.key_id: f"{row.name} ({row.key_id})" for row in keys.list_keys(db) if row.revoked_at is None
    }
    if not living:
        return
    with end, st.form("limit_form", border=True):
        st.markdown("**Change limit**")
        forms.pick("Key", living, key="limit_id")
        st.number_input(
            "Requests per minute (0: no limit)", min_value=0, max_value=keys.MOST_REQUESTS, key="limit_most"
        )
        st.form_submit_button("Save limit", key="limit_submit", on_click=change_limit)
    with end, st.form("revoke_form", border=True):
        st.markdown("**Revoke key**")
        forms.pick("Key", living, key="revoke_id")
        st.form_submit_button("Revoke", key="revoke_submit", on_click=ask_to_revoke)
    with end:
        forms.confirmation("revoke", lambda key_id: _revoked(living, key_id), revoke, yes="Revoke key")


def _key_form() -> None:
    st.markdown("**Create key**")
    st.caption("A key is a secret of your servers: never send one to a browser or an app.")
    forms.text_field("Name", key="key_name", max_chars=100, placeholder="recorder in production")
    st.multiselect("Scopes", keys.SCOPES, key="key_scopes")
    forms.field_error("key_scopes")
    st.number_input(
        "Requests per minute (0: no limit)", min_value=0, max_value=keys.MOST_REQUESTS, key="key_limit"
    )
    st.number_input(
        "Granted minutes per day",
        min_value=0,
        max_value=keys.MOST_GRANTED,
        value=keys.GRANT_MINUTES_PER_DAY,
        key="key_cap",
        help="Most that the key may grant in a UTC day.",
    )
    st.number_input("Expires in days (0: never)", min_value=0, max_value=3650, key="key_days")
    forms.text_field("Only workspace (empty: all)", key="key_workspace", max_chars=64)
    st.form_submit_button("Create key", key="key_submit", on_click=make_key, args=(forms.key_of("api key"),))


def make_key(key: str) -> None:
    """Create the key."""
    state = st.session_state
    operator = operator_or_nobody()
    name, scopes, days = state["key_name"] or "", list(state["key_scopes"]), int(state["key_days"])
    forms.carry_out(
        "api key",
        lambda: actions.create_key(
            operator,
            name,
            scopes,
            requests_per_minute=int(state["key_limit"]) or None,
            grant_minutes_per_day=int(state["key_cap"]),
            workspace_id=(state["key_workspace"] or "").strip() or None,
            expires_at=present() + timedelta(days=days) if days else None,
            key=key,
        ),
        clear=("key_name",),
        fields={
            "invalid_text": "key_name",
            "unknown_scope": "key_scopes",
            "unknown_workspace": "key_workspace",
        },
    )


def change_limit() -> None:
    """Change the limit of the chosen key."""
    operator, key_id = operator_or_nobody(), st.session_state["limit_id"]
    if forms.is_chosen(key_id):
        most = int(st.session_state["limit_most"]) or None
        key = forms.key_of("limit key")
        forms.carry_out("limit key", lambda: actions.limit_key(operator, key_id, most, key=key))


def ask_to_revoke() -> None:
    """Ask for confirmation: the program stops working permanently."""
    forms.ask_to_confirm("revoke", st.session_state["revoke_id"])


def _revoked(living: Mapping[str, str], key_id: str) -> str:
    name = plain(living.get(key_id, key_id))
    return f"Requests with {name} are refused at once. A revoked key can't be restored."


def revoke(key_id: str) -> None:
    """Revoke the key."""
    operator = operator_or_nobody()
    forms.carry_out("revoke", lambda: actions.revoke_key(operator, key_id, key=forms.key_of("revoke")))
