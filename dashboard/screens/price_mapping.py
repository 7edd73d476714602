"""Mapping the prices of a Stripe account to plans, on the Catalogue page."""

from dataclasses import asdict
from functools import partial

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, url
from dashboard.access import operator_or_nobody
from dashboard.installation import current
from dashboard.kit import forms, tables, template
from dashboard.kit.labels import plan_name
from dashboard.text import money, problem
from ledger.desk import plans
from ledger.minutes import BILLING_CYCLES
from ledger.payments import CENTS, list_plan_prices, price_mapping
from ledger.stripe_gateway import GatewayError

NOT_A_PLAN = "Not a plan"


def plan_prices(db: Connection) -> None:
    """Draw the mapping of Stripe prices to plans; an unmapped price never credits minutes."""
    rows = list_plan_prices(db)
    frame = pd.DataFrame([asdict(row) | {"price": money(row.amount_cents, row.currency)} for row in rows])
    tables.show(
        frame.assign(plan=[plan_name(db, row.plan) for row in rows]),
        key="plan_prices",
        file_name="plan-prices.csv",
        empty="No plans are sold through Stripe yet.",
        columns={
            "plan": tables.text("Plan"),
            "billing_cycle": tables.text("Cycle"),
            "minutes": tables.whole("Minutes"),
            "price": tables.text("Price"),
            "price_id": tables.text("Stripe price"),
            "valid_from": tables.when("From"),
            "valid_to": tables.when("Until"),
        },
    )
    currency = forms.currency_field("plan_currency")
    with st.form("plan_form", border=True):
        left, middle, right = st.columns(3)
        left.selectbox("Plan", plans(db), format_func=partial(plan_name, db), key="plan_code")
        middle.selectbox("Cycle", BILLING_CYCLES, key="plan_cycle")
        with right:
            label = f"Price ({currency.upper()})"
            forms.money_field(
                label, 1900, key="plan_price", least=CENTS[0], most=CENTS[-1], currency=currency
            )
        st.form_submit_button(
            "Create price at Stripe", key="plan_submit", on_click=ask_for_plan, args=(currency,)
        )
    forms.confirmation("plan", partial(_at_stripe, db), publish_plan, yes="Create price")


def existing_prices(db: Connection) -> None:
    """Draw the mapping of prices created at Stripe to plans."""
    show(db, {code: plan_name(db, code) for code in plans(db)}, BILLING_CYCLES)


def ask_for_plan(currency: str) -> None:
    """Ask for a confirmation: a price at Stripe is permanent."""
    state = st.session_state
    cents = forms.cents_of("plan_price", currency)
    forms.ask_to_confirm("plan", (state["plan_code"], state["plan_cycle"], cents, currency))


def _at_stripe(db: Connection, price: tuple[str, str, int, str]) -> str:
    plan, cycle, cents, currency = price
    amount = money(cents, currency)
    return f"Prices at Stripe are permanent. Create {plan_name(db, plan)}, {cycle}, for {amount}?"


def publish_plan(price: tuple[str, str, int, str]) -> None:
    """Create the price at Stripe."""
    plan, cycle, cents, currency = price
    act = partial(actions.publish_plan_price, operator_or_nobody(), plan, cycle, cents, currency=currency)
    forms.carry_out("plan price", lambda: act(key=forms.key_of("plan price")))


def show(db: Connection, plan_names: dict[str, str], cycles: tuple[str, ...]) -> None:
    """Draw the account's recurring prices on request, and the form that maps one to a plan."""
    template.section("Existing prices at Stripe")
    if not url.toggle("Load prices from Stripe", key="prices"):
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
        file_name="stripe-prices.csv",
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
    """Map the price to the plan, or mark it as not a plan."""
    state = st.session_state
    price_id, plan, cycle = state["map_price"], state["map_plan"], state["map_cycle"]
    if plan == NOT_A_PLAN:
        act = partial(actions.mark_price_as_other, operator_or_nobody(), price_id)
    else:
        act = partial(actions.map_price, operator_or_nobody(), price_id, plan, cycle)
    forms.carry_out("map price", lambda: act(key=forms.key_of("map price")))


def _named(choice: price_mapping.PriceChoice) -> str:
    return f"{choice.product_name} · {money(choice.amount_cents or 0, choice.currency)} · {choice.price_id}"
