"""The Import page: the past of the Stripe account, compared with its balance report, tried and booked."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import actions
from dashboard.access import operator_or_nobody
from dashboard.clock import present
from dashboard.kit import forms, tables
from dashboard.text import counted, money, plain
from ledger.transfer import BalanceTotal, StripeImportPlan, balance_totals

A_YEAR = timedelta(days=365)
PLAN = "stripe plan"
"""Where a session holds the account that was read."""


def show(folder: Path | None) -> None:
    """Draw the form that reads the account and, once it is read, its mapping and the buttons that book it."""
    with st.expander("From Stripe", icon=":material/credit_card:", expanded=PLAN in st.session_state):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.date_input("Since", present().date() - 3 * A_YEAR, key="stripe_since", width=160)
            name = plain(folder.name) if folder else "no folder chosen"
            st.checkbox(f"With the files of a folder ({name})", key="stripe_files", disabled=folder is None)
            st.button(
                "Read account", key="stripe_read", on_click=read, args=(folder, forms.key_of("stripe read"))
            )
        st.caption("Reads customers, subscriptions, invoices, payments, refunds and disputes. Books nothing.")
        plan = st.session_state.get(PLAN)
        if plan is not None:
            _account(plan)
            _choices(plan)
            _buttons()


def read(folder: Path | None, key: str) -> None:
    """Handle the click on "Read account"."""
    state, operator = st.session_state, operator_or_nobody()
    files = folder if state.get("stripe_files") else None
    since = state["stripe_since"]
    _hold(
        forms.carry_out("stripe read", lambda: actions.read_stripe_account(operator, since, files, key=key))
    )


def _hold(done: actions.ActionResult | None) -> None:
    if done:
        st.session_state[PLAN] = done.details["plan"]
        st.session_state["stripe_choices"] = done.details["plan"].choices.text


def _account(plan: StripeImportPlan) -> None:
    account = plan.account
    said = (
        counted(len(account.customers), "{n} customer", "{n} customers"),
        counted(len(account.plan_invoices), "{n} paid plan invoice", "{n} paid plan invoices"),
        counted(len(account.payments), "{n} payment", "{n} payments"),
    )
    st.markdown(f"**{' · '.join(said)}** since {account.since:%b %d, %Y}")
    tables.show(
        totals_frame(balance_totals(plan)),
        key="stripe_totals",
        file_name="stripe-balance.csv",
        empty="Nothing has moved the balance since then.",
        columns={
            name: tables.text(label, alignment="left" if name == "what" else "right")
            for name, label in TOTALS.items()
        },
    )


TOTALS = {
    "what": "Balance report",
    "stripe_cents": "Stripe",
    "packages_cents": "Packages",
    "plans_cents": "Plans",
    "left_out_cents": "Left out",
    "difference_cents": "Difference",
}


def totals_frame(totals: Sequence[BalanceTotal]) -> pd.DataFrame:
    """Return a line for payments, refunds and disputes of each currency, with amounts as people read them."""
    return pd.DataFrame(
        [
            {"what": f"{each.what.capitalize()}, {each.currency.upper()}"}
            | {name: money(getattr(each, name), each.currency) for name in TOTALS if name != "what"}
            for each in totals
        ]
    )


def _choices(plan: StripeImportPlan) -> None:
    for question in plan.questions:
        st.warning(plain(question))
    st.text_area("Mapping of customers, prices and payments", key="stripe_choices", height=300)
    st.button("Save choices", key="stripe_answer", on_click=answer, args=(forms.key_of("stripe choices"),))


def answer(key: str) -> None:
    """Handle the click on "Save choices"."""
    state, operator = st.session_state, operator_or_nobody()
    plan, text = state[PLAN], state["stripe_choices"]
    _hold(forms.carry_out("stripe choices", lambda: actions.answer_choices(operator, plan, text, key=key)))


def _buttons() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.checkbox("Skip refused rows", key="stripe_skip")
        st.button("Dry run", key="stripe_try", on_click=start, args=(True, forms.key_of("stripe try")))
        st.button(
            "Import from Stripe",
            key="stripe_book",
            type="primary",
            on_click=start,
            args=(False, forms.key_of("stripe book")),
        )


def start(dry_run: bool, key: str) -> None:
    """Handle the click on "Dry run" or "Import from Stripe"."""
    state, operator = st.session_state, operator_or_nobody()
    plan, skip = state[PLAN], state["stripe_skip"]
    forms.carry_out(
        "stripe try" if dry_run else "stripe book",
        lambda: actions.start_stripe_import(operator, plan, dry_run=dry_run, skip_refused=skip, key=key),
    )
