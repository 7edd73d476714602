"""Mapping the prices of a Stripe account to plans, on the Catalogue page."""

from dataclasses import asdict
from functools import partial

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import actions
from dashboard.access import operator_or_nobody
from dashboard.installation import current
from dashboard.kit import forms, tables, template
from dashboard.text import money, problem
from ledger.payments import price_mapping
from ledger.stripe_gateway import GatewayError

NOT_A_PLAN = "Not a plan"


def show(db: Connection, plan_names: dict[str, str], cycles: tuple[str, ...]) -> None:
    """Draw the account's recurring prices on request, and the form that maps one to a plan."""
    template.section("Existing prices at Stripe")
    if not st.toggle("Load prices from Stripe", key="read_prices"):
        st.caption("Map a price you created at Stripe to the plan it pays for.")
        return
    try:
        choices = price_mapping.list_price_choices(db, current().gateway())
    except GatewayError as error:
        st.error(problem(error))
        return
    tables.show(
        pd.DataFrame([_row(each) for each in choices]),
        key="price_choices",
        empty="The account has no active recurring prices.",
        columns={
            "product_name": tables.text("Product"),
            "price": tables.text("Price"),
            "months": tables.whole("Months"),
            "price_id": tables.text("Stripe price"),
            "plan": tables.text("Plan"),
            "billing_cycle": tables.text("Cycle"),
        },
    )
    free = {each.price_id: each for each in choices if each.is_open}
    if not free:
        return
    with st.form("map_form", border=True):
        which, plan, cycle = st.columns(3)
        which.selectbox("Price", list(free), format_func=lambda price: _named(free[price]), key="map_price")
        plan.selectbox(
            "Plan",
            [*plan_names, NOT_A_PLAN],
            format_func=lambda code: plan_names.get(code, code),
            key="map_plan",
        )
        cycle.selectbox("Cycle", cycles, key="map_cycle")
        st.form_submit_button("Map price", type="primary", key="map_submit", on_click=map_it)


def _row(choice: price_mapping.PriceChoice) -> dict[str, object]:
    plan = NOT_A_PLAN if choice.is_other else choice.plan
    return {**asdict(choice), "price": money(choice.amount_cents or 0, choice.currency), "plan": plan}


def map_it() -> None:
    """Map the price to the plan, or say that it is none."""
    state = st.session_state
    price_id, plan, cycle = state["map_price"], state["map_plan"], state["map_cycle"]
    if plan == NOT_A_PLAN:
        act = partial(actions.mark_price_as_other, operator_or_nobody(), price_id)
    else:
        act = partial(actions.map_price, operator_or_nobody(), price_id, plan, cycle)
    forms.carry_out("map price", lambda: act(key=forms.minted("map price")))


def _named(choice: price_mapping.PriceChoice) -> str:
    return f"{choice.product_name} · {money(choice.amount_cents or 0, choice.currency)} · {choice.price_id}"
