"""Plans that are paid through Stripe, on the Workspace page: each invoice with its arithmetic, and the link itself."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import actions
from dashboard.access import Operator, operator_or_nobody
from dashboard.kit import forms, tables, template
from dashboard.screens.workspace import billing
from dashboard.text import minutes, money
from ledger.payments import owners, plan_invoices, plan_lines


def show(db: Connection, staff: Operator, workspace_id: str) -> None:
    """Show the paid invoices with their outcome, and the Stripe links of the workspace."""
    template.section("Plan invoices")
    rows = [_row(invoice) for invoice in plan_invoices.list_plan_invoices(db, workspace_id)]
    tables.show(
        pd.DataFrame(rows),
        key="plan_invoices",
        empty="No plan invoices paid through Stripe.",
        file_name="plan_invoices.csv",
        columns={
            "paid_at": tables.when("Paid"),
            "invoice": tables.text("Invoice"),
            "amount": tables.text("Amount"),
            "minutes": tables.whole("Minutes"),
            "taken_back": tables.whole("Taken back"),
            "settled": tables.whole("Settled"),
            "shortfall": tables.whole("Shortfall"),
            "why": tables.text("Why"),
        },
    )
    if owed := plan_lines.owed_minutes(db, workspace_id):
        st.info(
            f"Owes {minutes(owed)}: a plan change returned their money after they were used. The next plan minutes "
            "that are paid for settle them first."
        )
    link = owners.stripe_link(db, workspace_id)
    names = ", ".join(f"`{each}`" for each in (*link.customers, *link.subscriptions))
    st.caption(f"At Stripe: {names}" if names else "Not linked to Stripe yet.")
    if staff.may("link_stripe"):
        _link_form(workspace_id)
    billing.show(db, staff, workspace_id)


def _row(invoice: plan_invoices.PlanInvoice) -> dict[str, Any]:
    short = invoice.shortfall_minutes + sum(max(0, line.shortfall_minutes) for line in invoice.lines)
    return {
        "paid_at": invoice.paid_at,
        "invoice": invoice.invoice_id,
        "amount": money(invoice.amount_paid_cents, invoice.currency),
        "minutes": invoice.minutes,
        "taken_back": invoice.taken_back_minutes,
        "settled": invoice.settled_minutes or None,
        "shortfall": short or None,
        "why": "; ".join(filter(None, (invoice.because, *(line.arithmetic for line in invoice.lines)))),
    }


def _link_form(workspace_id: str) -> None:
    with st.form("link_form", border=True):
        customer, subscription = st.columns(2)
        for column, kind, prefix in ((customer, "customer", "cus"), (subscription, "subscription", "sub")):
            with column:
                forms.text_field(
                    f"Stripe {kind}", key=f"link_{kind}", max_chars=255, placeholder=f"{prefix}_..."
                )
        st.form_submit_button("Link", key="link_submit", on_click=link, args=(workspace_id,))


def link(workspace_id: str) -> None:
    """Handle the click on "Link"."""
    state = st.session_state
    act = partial(
        actions.link_stripe,
        operator_or_nobody(),
        workspace_id,
        customer_id=state["link_customer"].strip() or None,
        subscription_id=state["link_subscription"].strip() or None,
        starts_at=None,
    )
    fields = {kind: f"link_{kind}" for kind in ("customer", "subscription")}
    forms.carry_out(
        "link", lambda: act(key=forms.key_of("link")), clear=tuple(fields.values()), fields=fields
    )
