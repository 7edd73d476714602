"""Stripe's billing of a workspace, on its page: subscriptions as last read, and the link to its billing portal."""

from functools import partial

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import actions, url
from dashboard.access import Operator, operator_or_nobody
from dashboard.kit import forms, states, tables, template
from dashboard.kit.labels import plan_name
from dashboard.text import day, sentence_case
from ledger.payments import subscriptions

FORM = "billing_link"
USE = "Send this link to the customer now. It opens Stripe's billing portal and expires within minutes."


def show(db: Connection, staff: Operator, workspace_id: str) -> None:
    """Draw the subscriptions, and for those who may the button that makes the link."""
    known = subscriptions.list_stripe_subscriptions(db, workspace_id)
    if known:
        template.section("Subscriptions")
        tables.show(
            pd.DataFrame([_line(db, each) for each in known]),
            key="stripe_subscriptions",
            file_name="subscriptions.csv",
            columns={
                "plan": tables.text("Plan"),
                "state": tables.text("State", width=states.WIDTH),
                "until": tables.when("Paid until"),
                "read": tables.when("Read from Stripe"),
                "subscription": tables.text("Subscription"),
            },
        )
    if staff.may("link_stripe"):
        st.button(
            "Create billing link",
            key=FORM,
            icon=":material/open_in_new:",
            on_click=create,
            args=(workspace_id,),
        )
        forms.show_secret(FORM, USE)


def state(subscription: subscriptions.StripeSubscription) -> str:
    """Return the state of a subscription: what Stripe calls it, unless it is paused or about to end."""
    if subscription.ended_at is not None:
        return f"Ended {day(subscription.ended_at)}"
    if subscription.paused:
        return "Paused: renewals are not collected"
    ends_at = subscription.ends_at
    return f"Ends {day(ends_at)}" if ends_at else sentence_case(subscription.status)


def create(workspace_id: str) -> None:
    """Handle the click on "Create billing link"."""
    act = partial(
        actions.create_billing_link, operator_or_nobody(), workspace_id, address=url.dashboard_address()
    )
    forms.carry_out(FORM, lambda: act(key=forms.key_of(FORM)))


def _line(db: Connection, each: subscriptions.StripeSubscription) -> dict[str, object]:
    plan = f"{plan_name(db, each.plan)}, {each.billing_cycle}" if each.plan else "Not mapped"
    return {
        "plan": plan,
        "state": state(each),
        "until": each.current_period_end,
        "read": each.synced_at,
        "subscription": each.subscription_id,
    }
