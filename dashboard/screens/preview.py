"""The customer preview: what the user of a workspace sees, drawn from the answers of our own HTTP interface."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pandas as pd
import streamlit as st

from dashboard import installation, navigation
from dashboard.access import Operator
from dashboard.api import app as api
from dashboard.clock import present
from dashboard.kit import tables
from dashboard.text import day, minutes, money, plain, spaced
from ledger.desk import keys

KEY_NAME = "customer preview"
SCOPES = ("balance:read", "usage:write")
UNUSED = timedelta(days=1)
COLOURS = {"plan": "#0072B2", "extra": "#E69F00"}
BANNERS = {
    80: ("info", "80 % of your minutes are used."),
    90: ("warning", "90 % of your minutes are used."),
    100: ("error", "Your minutes are used up."),
}
INVITATIONS = {
    90: "Buy extra minutes to stay on the safe side.",
    100: "Buy extra minutes to go on recording.",
}
"""What a banner adds for those who are offered something."""


@st.cache_resource(show_spinner=False)
def _key(database: str) -> str:  # noqa: ARG001  one key for each database
    """The preview's own key, made when first needed and known to this process alone; old ones are revoked."""
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


def ask(path: str, **query: str) -> Any:
    """The JSON answer of our own interface, as a product's front end would get it. Raises httpx.HTTPStatusError."""

    async def get() -> httpx.Response:
        headers = {"Authorization": f"Bearer {_key(str(installation.engine().url))}"}
        transport = httpx.ASGITransport(app=api)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost", headers=headers
        ) as client:
            return await client.get(path, params=query)

    return asyncio.run(get()).raise_for_status().json()


def answers(workspace_id: str) -> dict[str, Any] | None:
    """Everything the customer's screens are drawn from, by path; None when there is no such workspace."""
    try:
        return {
            "balance": ask("/api/extra-minutes/balance", workspace_id=workspace_id),
            "limit": ask("/api/usage/check-limit", workspace_id=workspace_id),
            "packages": ask("/api/extra-minutes/packages", workspace_id=workspace_id),
            "purchases": ask("/api/extra-minutes/purchases", workspace_id=workspace_id),
        }
    except httpx.HTTPStatusError as error:
        if error.response.status_code != httpx.codes.NOT_FOUND:
            raise
        return None


def screen(told: Mapping[str, Any], operator: Operator, workspace_id: str) -> None:
    """Banner, usage bar, balance widget, and the purchase window, which opens by itself at 100 %.

    Where nothing is offered there is neither an invitation nor a window, as in a product that obeys the answer.
    """
    limit, offer = told["limit"], told["packages"]["items"]
    if limit["warning"]:
        kind, sentence = BANNERS[limit["warning"]]
        invitation = f" {INVITATIONS[limit['warning']]}" if offer and limit["warning"] in INVITATIONS else ""
        {"info": st.info, "warning": st.warning, "error": st.error}[kind](sentence + invitation)
    usage, widget = st.columns([3, 2], gap="large")
    with usage, st.container(border=True, height="stretch"):
        _usage(told)
    with widget, st.container(border=True, height="stretch"):
        _widget(told)
    if not offer:
        _no_offer(told["packages"])
        return
    opened_for = st.session_state.get("preview_opened")
    by_itself = limit["warning"] == 100 and opened_for != workspace_id  # noqa: PLR2004
    if (
        st.button("Buy minutes", type="primary", key="preview_buy", icon=":material/add_shopping_cart:")
        or by_itself
    ):
        st.session_state["preview_opened"] = workspace_id
        _window(offer, operator, workspace_id)


def _no_offer(packages: Mapping[str, Any]) -> None:
    """What only staff see here: why the customer is offered nothing."""
    hold_out = packages["hold_out"]
    if hold_out is None:
        st.caption("Nothing is on sale: the customer sees no offer.")
    else:
        st.caption(
            (
                ":material/visibility_off: Held out by {name}: the customer sees no offer. "
                "A purchase that support makes is not refused."
            ).format(name=plain(hold_out["name"]))
        )


def _usage(told: Mapping[str, Any]) -> None:
    limit = told["limit"]
    st.markdown(f"**{'Usage'}**")
    percent = limit["percent_used"]
    if percent is None:
        st.caption("No minutes yet.")
        return
    colour = COLOURS["extra" if limit["using_extra"] else "plan"]
    st.html(
        '<div style="background:rgba(128,128,128,.25);border-radius:8px;height:18px;overflow:hidden"'
        f' role="progressbar" aria-label="{"Usage"}"'
        f' aria-valuenow="{percent}" aria-valuemin="0" aria-valuemax="100">'
        f'<div style="background:{colour};height:18px;width:{min(percent, 100)}%"></div></div>'
    )
    if limit["using_extra"]:
        st.caption(f":orange[■] {percent:g} % used, extra minutes are in use")
    else:
        st.caption(f":blue[■] {percent:g} % used")


def _widget(told: Mapping[str, Any]) -> None:
    balance = told["balance"]
    st.metric("Minutes left", f"{balance['total_minutes']:,}")
    due = balance["minutes_reset_date"]
    renews = f" · next minutes on {day(datetime.fromisoformat(due))}" if due else ""
    st.caption(
        "{plan} of your plan, {extra} extra".format(
            plan=minutes(balance["plan_minutes"]), extra=minutes(balance["extra_minutes"])
        )
        + renews
    )


@st.dialog("Extra minutes", width="medium")
def _window(packages: list[Mapping[str, Any]], operator: Operator, workspace_id: str) -> None:
    st.write("Used after your plan minutes, oldest first. They do not expire.")
    for number, package in enumerate(packages):
        if number % 2 == 0:
            cells = st.columns(2)  # a pair each: on a phone all stand below each other, in their order
        with cells[number % 2].container(border=True):
            st.metric(plain(package["name"]), money(package["amount_cents"], package["currency"]))
            each = money(round(package["amount_cents"] * 100 / package["minutes"]), package["currency"])
            st.caption("{n} · {each} for 100 minutes".format(n=minutes(package["minutes"]), each=each))
    if operator.may("simulate_purchases"):
        st.page_link(
            navigation.address("purchase"),
            label="Pay with a test card (Simulate purchase)",
            icon=":material/shopping_cart:",
            query_params={"id": workspace_id},
        )


def history(told: Mapping[str, Any]) -> None:
    """The customer's purchase history."""
    st.subheader("Purchase history")
    rows = told["purchases"]["items"]
    frame = pd.DataFrame(
        [
            {
                "at": datetime.fromisoformat(row.get("paid_at") or row["created_at"]),
                "package": row.get("package_name") or row["package"].capitalize(),
                "minutes": row["minutes"],
                "price": money(row["amount_cents"], row["currency"]),
                "status": spaced(row["status"]),
            }
            for row in rows
        ]
    )
    tables.show(
        frame,
        key="preview_history",
        empty="No purchases yet.",
        columns={
            "at": tables.when("When"),
            "package": tables.text("Package"),
            "minutes": tables.whole("Minutes"),
            "price": tables.text("Price"),
            "status": tables.text("State"),
        },
    )


def raw(told: Mapping[str, Any], workspace_id: str) -> None:
    """The HTTP answers behind the screen, for those who build the real one."""
    paths = {
        "balance": "/api/extra-minutes/balance",
        "limit": "/api/usage/check-limit",
        "packages": "/api/extra-minutes/packages",
        "purchases": "/api/extra-minutes/purchases",
    }
    with st.expander("The HTTP answers behind this screen", icon=":material/data_object:"):
        for name, path in paths.items():
            st.caption(f"`GET {path}?workspace_id={quote(workspace_id)}`")
            st.json(told[name], expanded=1)
