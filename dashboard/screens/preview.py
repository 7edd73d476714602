"""The customer preview: the customer's own page in a frame, and the HTTP answers behind it."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import streamlit as st

from dashboard import installation, navigation
from dashboard.access import Operator
from dashboard.api import app as api
from dashboard.clock import present
from dashboard.kit import template
from dashboard.text import counted, plain
from ledger.desk import keys
from ledger.payments import open_portal

KEY_NAME = "customer preview"
SCOPES = ("balance:read", "usage:write")
UNUSED = timedelta(days=1)
FRAME_HEIGHT = 900
RENEWED = timedelta(minutes=5)


@st.cache_resource(show_spinner=False)
def _key(database: str) -> str:  # noqa: ARG001  one key for each database
    """Return the preview's own key, created on first use and known only to this process; old ones are revoked."""
    at = present()
    with installation.writing() as connection:
        for old in keys.list_keys(connection):
            if (
                old.name == KEY_NAME
                and old.revoked_at is None
                and at - (old.last_used_at or old.created_at) > UNUSED
            ):
                keys.revoke_key(connection, old.key_id, actor=KEY_NAME, at=at)
        return keys.create_key(connection, name=KEY_NAME, scopes=SCOPES, actor=KEY_NAME, at=at).text


def fetch(path: str, **query: str) -> Any:
    """Return the JSON of our own API, as a product's front end would get it. Raise httpx.HTTPStatusError."""

    async def get() -> httpx.Response:
        headers = {"Authorization": f"Bearer {_key(str(installation.engine().url))}"}
        transport = httpx.ASGITransport(app=api)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost", headers=headers
        ) as client:
            return await client.get(path, params=query)

    return asyncio.run(get()).raise_for_status().json()


def answers(workspace_id: str) -> dict[str, Any] | None:
    """Return the API responses behind the customer's screens, by name; None for an unknown workspace."""
    try:
        return {
            "balance": fetch("/api/extra-minutes/balance", workspace_id=workspace_id),
            "limit": fetch("/api/usage/check-limit", workspace_id=workspace_id),
            "packages": fetch("/api/extra-minutes/packages", workspace_id=workspace_id),
            "purchases": fetch("/api/extra-minutes/purchases", workspace_id=workspace_id),
        }
    except httpx.HTTPStatusError as error:
        if error.response.status_code != httpx.codes.NOT_FOUND:
            raise
        return None


def frame(operator: Operator, workspace_id: str) -> None:
    """Draw the customer's own page as it is, in a frame where nothing can be bought."""
    st.iframe(f"/api/portal/{_token(operator, workspace_id)}", height=FRAME_HEIGHT, alt="The customer's page")


def _token(operator: Operator, workspace_id: str) -> str:
    """Return the token of this session's preview; a new one when the last is about to expire."""
    known = st.session_state.get("preview_link")
    if known and known[0] == workspace_id and known[2] - present() > RENEWED:
        return str(known[1])
    with installation.writing() as db:
        token, link = open_portal(db, workspace_id, read_only=True, actor=operator.actor, at=present())
    st.session_state["preview_link"] = (workspace_id, token, link.expires_at)
    return token


def offer(responses: Mapping[str, Any], operator: Operator, workspace_id: str) -> None:
    """Draw the answer, visible to staff only, and the link to a test purchase."""
    template.answer(answer(responses["packages"]))
    if responses["packages"]["items"] and operator.may("simulate_purchases"):
        st.page_link(
            navigation.address("purchase"),
            label="Simulate purchase with a test card",
            icon=":material/shopping_cart:",
            query_params={"id": workspace_id},
        )


def answer(packages: Mapping[str, Any]) -> str:
    """Return the customer's offer, or why there is none, in one sentence."""
    if packages["items"]:
        count = counted(len(packages["items"]), "{n} package", "{n} packages")
        return f"The customer can buy **{count}**. You can't buy in this preview."
    if packages["hold_out"] is None:
        return "**Nothing is on sale**: the customer sees no offer."
    name = plain(packages["hold_out"]["name"])
    return f"**Held out by {name}**: the customer sees no offer. Support can still make a purchase."


def raw(responses: Mapping[str, Any], workspace_id: str) -> None:
    """Draw the HTTP responses behind the screen, for developers of the real one."""
    paths = {
        "balance": "/api/extra-minutes/balance",
        "limit": "/api/usage/check-limit",
        "packages": "/api/extra-minutes/packages",
        "purchases": "/api/extra-minutes/purchases",
    }
    with st.expander("HTTP responses behind this screen", icon=":material/data_object:"):
        for name, path in paths.items():
            st.caption(f"`GET {path}?workspace_id={quote(workspace_id)}`")
            st.json(responses[name], expanded=1)
