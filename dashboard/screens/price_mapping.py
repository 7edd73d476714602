"""Mapping the prices of a Stripe account to plans, on the Catalogue page."""

from dataclasses import asdict
from functools import partial

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import actions
from dashboard.access import operator_or_nobody
from dashboard.installation import current
from dashboard.kit import forms, tables
from dashboard.text import money, problem
from ledger.payments import price_mapping
from ledger.stripe_gateway import GatewayError


def show(db: Connection, plan_codes: list[str], cycles: tuple[str, ...]) -> None:
    """Show the account's recurring prices when somebody wants them, and map one to a plan."""
    st.subheader("Existing prices at Stripe")
    if not st.toggle("Read the prices of the account", key="read_prices"):
        st.caption("Prices that were made at Stripe stand for a plan once you map them here.")
        return
    try:
        choices = price_mapping.list_price_choices(db, current().gateway())
    except GatewayError as error:
        st.error(problem(error))
        return
    rows = [asdict(each) | {"price": money(each.amount_cents or 0, each.currency)} for each in choices]
    tables.show(
        pd.DataFrame(rows),
        key="price_choices",
        empty="The account has no active recurring prices.",
        columns={
            "product_name": tables.text("Product"),
            "price": tables.text("Price"),
            "months": tables.whole("Months"),
            "price_id": tables.text("Price at Stripe"),
            "plan": tables.text("Plan"),
            "billing_cycle": tables.text("Cycle"),
        },
    )
    free = {each.price_id: each for each in choices if each.plan is None and each.months}
    if not free:
        return
    with st.form("map_form", border=True):
        which, plan, cycle = st.columns(3)
        which.selectbox("Price", list(free), format_func=lambda price: _named(free[price]), key="map_price")
        plan.selectbox("Plan", plan_codes, key="map_plan")
        cycle.selectbox("Cycle", cycles, key="map_cycle")
        st.form_submit_button("Map price", type="primary", key="map_submit", on_click=map_it)


def map_it() -> None:
    """The click on "Map price"."""
    state = st.session_state
    chosen = (state["map_price"], state["map_plan"], state["map_cycle"])
    act = partial(actions.map_price, operator_or_nobody(), *chosen)
    forms.carry_out("map price", lambda: act(key=forms.minted("map price")))


def _named(choice: price_mapping.PriceChoice) -> str:
    return f"{choice.product_name} · {money(choice.amount_cents or 0, choice.currency)} · {choice.price_id}"
