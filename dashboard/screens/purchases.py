"""The Purchases page: every purchase, in every state."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import url
from dashboard.kit import exports, tables, template
from dashboard.kit.filters import Filters
from dashboard.kit.labels import package_name
from dashboard.text import PURCHASE_STATES, counted, money, plain, sentence_case
from ledger.payments import PurchaseFilters, PurchaseTotal, catalogue_names, purchase_totals, sales

ARRIVAL = ("webhook-lag",)
PAGE = 50


def answer(totals: list[PurchaseTotal]) -> str:
    """Return how much was bought, in one sentence."""
    count = sum(total.purchases for total in totals)
    if not count:
        return "**No purchases** in this period with these filters."
    sums = " + ".join(money(total.amount_cents, total.currency) for total in totals)
    return f"**{counted(count, '{n} purchase', '{n} purchases')}** with a list value of {plain(sums)}, paid or not."


def show(db: Connection, filters: Filters, *, linked: bool) -> None:
    """Draw every purchase of the period, paid or not: filters, pages from the server, CSV of all.

    `linked`: whether a workspace's id leads to its page.
    """
    said = st.container()
    wanted = _wanted(db, filters)
    totals = purchase_totals(db, wanted)
    with said:
        template.answer(answer(totals))
    if not totals:
        return
    count = sum(total.purchases for total in totals)
    page = url.page(-(-count // PAGE))
    result = sales.list_purchases(db, wanted, limit=PAGE, offset=PAGE * (page - 1))
    tables.show(
        pd.DataFrame([_line(db, row) for row in result]),
        key="purchases",
        columns=_columns(),
        linked=linked,
        height=560,
    )
    exports.download_purchases(wanted, key="purchases_csv")


def _wanted(db: Connection, filters: Filters) -> PurchaseFilters:
    """Return the purchases of the period in the states and sizes that are chosen; none chosen: all."""
    with st.container(horizontal=True):
        states = url.pills(
            "State", {state: sentence_case(state) for state in PURCHASE_STATES}, key="state", several=True
        )
        packages = url.pills("Package", dict(catalogue_names(db).packages), key="package", several=True)
    return PurchaseFilters(
        start=filters.period.start,
        end=filters.period.end,
        source=filters.source,
        states=tuple(states),
        packages=tuple(packages),
        plan=filters.plan,
        billing_cycle=filters.billing_cycle,
        attributes=filters.attributes,
        as_of=filters.as_of,
    )


def _line(db: Connection, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a purchase in words and in money; the CSV has the exact names and cents."""
    back, fee, currency = row["refunded_cents"], row["fee_cents"], row["currency"]
    return {
        **row,
        "status": sentence_case(row["status"]),
        "package": package_name(db, row["package"]),
        "price": money(row["amount_cents"], currency),
        "refunded": money(back, currency) if back else "",
        "fee": money(fee, currency) if fee else "",
        "taken_back_minutes": row["taken_back_minutes"] or None,
        "shortfall_minutes": row["shortfall_minutes"] or None,
        "dispute": sentence_case(row["dispute_status"] or ""),
        "failure": sentence_case(row["failure_code"] or ""),
    }


def _columns() -> dict[str, Any]:
    return {
        "created_at": tables.when("Started"),
        "workspace_id": tables.text("Workspace"),
        "package": tables.text("Package"),
        "minutes": tables.whole("Minutes"),
        "price": tables.text("Price", alignment="right"),
        "status": tables.text("State", width=tables.STATE_WIDTH),
        "paid_at": tables.when("Paid"),
        "refunded": tables.text("Refunded", alignment="right"),
        "fee": tables.text("Fee", alignment="right"),
        "taken_back_minutes": tables.whole("Minutes taken back"),
        "shortfall_minutes": tables.whole("Shortfall"),
        "failure": tables.text("Failure", width="medium"),
        "dispute": tables.text("Dispute"),
        "payment_intent": tables.text("Payment"),
        "purchase_id": tables.text("Purchase"),
    }
