"""First steps on an empty installation: three, each with its command."""

import streamlit as st
from sqlalchemy import Connection

from dashboard import navigation
from dashboard.url import dashboard_address, no_workspace_yet
from ledger.desk import keys

CURL = """curl -X POST {address}/api/{path} \\
  -H "Authorization: Bearer $API_KEY" -H "Content-Type: application/json" \\
  -H "Idempotency-Key: first-use-{path}" \\
  -d '{body}'"""
USE = (
    (
        "workspaces",
        (
            '{"workspace_id": "acme", "name": "Acme", "owner_email": "owner@acme.example", '
            '"plan": "starter", "billing_cycle": "monthly"}'
        ),
    ),
    ("usage/track-minute", '{"workspace_id": "acme", "minutes": 5}'),
)
PURCHASE = (
    (
        "extra-minutes/purchase",
        '{"workspace_id": "acme", "package": "small", "payment_method": "pm_card_visa"}',
    ),
)


def checklist(db: Connection) -> None:
    """Draw the steps to the first numbers: an API key, the first use, the first purchase."""
    no_workspace_yet()
    has_key = any(key.revoked_at is None for key in keys.list_keys(db))
    with st.container(border=True, key="first_use"):
        mark = ":material/check_circle:" if has_key else ":material/radio_button_unchecked:"
        st.markdown(f"{mark} **1. Create an API key** with the scopes for workspaces, usage and purchases.")
        if not has_key:
            st.page_link(navigation.address("staff"), label="Staff and keys", icon=":material/key:")
        st.markdown(":material/radio_button_unchecked: **2. Track the first minutes** of a workspace.")
        st.code(commands(USE), language="bash", wrap_lines=True)
        st.markdown(
            ":material/radio_button_unchecked: **3. Buy the first package**, with a test card in the sandbox."
        )
        st.code(commands(PURCHASE), language="bash", wrap_lines=True)


def commands(requests: tuple[tuple[str, str], ...]) -> str:
    """Return the requests as lines for a shell, one after the other."""
    address = dashboard_address()
    return "\n\n".join(CURL.format(address=address, path=path, body=body) for path, body in requests)
