"""The tab "Payments": state, money and minutes of each purchase, with its receipt."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard.kit import states, tables
from dashboard.text import money
from ledger.payments import Purchase, list_purchases


def show(db: Connection, workspace_id: str) -> None:
    """Draw the purchases of a workspace."""
    table(list_purchases(db, workspace_id))


def table(purchases: Sequence[Purchase]) -> None:
    """Draw state, money and minutes of each purchase, with its receipt."""
    frame = pd.DataFrame([_line(purchase) for purchase in purchases])
    tables.show(
        frame,
        key="purchases",
        empty="No purchases yet.",
        file_name="purchases.csv",
        columns={
            "at": tables.when("When"),
            "package": tables.text("Package"),
            "minutes": tables.whole("Minutes"),
            "paid": tables.text("Price", alignment="right"),
            "status": states.column("State", states.PURCHASES.values()),
            "refunded": tables.text("Refunded", alignment="right"),
            "back": tables.whole("Taken back"),
            "shortfall": tables.whole("Shortfall"),
            "failure": tables.text("Failure", width="medium"),
            "receipt": st.column_config.LinkColumn("Receipt", display_text="open"),
            "payment": tables.text("Payment"),
            "purchase": tables.text("Purchase"),
        },
    )


def _line(purchase: Purchase) -> dict[str, object]:
    return {
        "at": purchase.paid_at or purchase.created_at,
        "package": purchase.package_name,
        "minutes": purchase.minutes,
        "paid": money(purchase.charged_cents, purchase.currency),
        "status": states.PURCHASES[purchase.status],
        "refunded": money(purchase.refunded_cents, purchase.currency) if purchase.refunded_cents else "",
        "back": purchase.taken_back_minutes or None,
        "shortfall": purchase.shortfall_minutes or None,
        "failure": purchase.failure_message or "",
        "receipt": purchase.receipt_url if (purchase.receipt_url or "").startswith("https://") else None,
        "payment": purchase.payment_intent or "",
        "purchase": str(purchase.purchase_id),
    }
