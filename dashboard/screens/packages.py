"""Packages and revenue: which sizes are bought, at what price, what they earn, and every purchase."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import url
from dashboard.kit import charts, exports, tables
from dashboard.kit.filters import Filters
from dashboard.screens.outcome import STATES
from dashboard.text import counted, money, spaced
from ledger.metrics import measure
from ledger.payments.sales import PurchaseFilters, list_purchases, package_codes, purchase_totals

SIZE = (
    "average-package-minutes",
    "average-package-minutes-net",
    "median-package-minutes",
    "price-per-minute",
)
MONEY = ("revenue-gross", "refunds", "disputes-lost", "revenue-net", "fees")
BUYERS = ("average-package-revenue", "average-package-revenue-net", "arppu", "repeat-rate", "refund-rate")
ARRIVAL = ("webhook-lag",)
PAGE = 50


def mix(db: Connection, filters: Filters) -> None:
    """Shares of the sizes by month, with their counts."""
    st.subheader("Which sizes", anchor=False)
    whole = measure(db, "average-package-minutes", **filters.chosen, by="package", interval=False)
    if not whole.parts:
        st.info("No purchases in this period.")
        return
    by_size = sorted(whole.parts, key=lambda part: part.value or 0)
    by_package = {}
    for part in by_size:
        monthly = measure(
            db, "average-package-minutes", **filters.chosen, by="month", package=part.part, interval=False
        )
        by_package[(part.part or "").capitalize()] = [
            (one.part or "", float(one.n or 0)) for one in monthly.parts
        ]
    charts.show(charts.mix(by_package), key="mix", alt="Share of each package by month")
    st.table(
        {
            "Package": [(part.part or "").capitalize() for part in by_size],
            "Purchases": [f"{part.n:,}" for part in by_size],
            "Minutes sold": [f"{part.numerator or 0:,.0f}" for part in by_size],
        },
        border="horizontal",
    )


def purchases(db: Connection, filters: Filters, *, linked: bool) -> None:
    """Every purchase of the period, paid or not: filters, pages from the server, CSV of all.

    `linked`: whether a workspace's id leads to its page.
    """
    wanted = _wanted(db, filters)
    totals = purchase_totals(db, wanted)
    if not totals:
        st.info("No purchases in this period with these filters.")
        return
    count = sum(total.purchases for total in totals)
    sums = " + ".join(money(total.amount_cents, total.currency) for total in totals)
    told = counted(count, "{n} purchase", "{n} purchases")
    st.caption(f"{told} · prices add up to {sums}, paid or not")
    page = url.page(-(-count // PAGE))
    found = list_purchases(db, wanted, limit=PAGE, offset=PAGE * (page - 1))
    tables.show(
        pd.DataFrame([_line(row) for row in found]), key="purchases", columns=_columns(), linked=linked
    )
    exports.download_purchases(wanted, key="purchases_csv")


def _wanted(db: Connection, filters: Filters) -> PurchaseFilters:
    """The purchases of the period in the states and sizes that are chosen; none chosen: all."""
    states = url.pills("State", {state: spaced(state) for state in STATES}, key="state", several=True)
    packages = url.pills(
        "Package", {code: code.capitalize() for code in package_codes(db)}, key="package", several=True
    )
    return PurchaseFilters(
        start=filters.period.start,
        end=filters.period.end,
        source=filters.source,
        states=tuple(states),
        packages=tuple(packages),
        plan=filters.plan,
        billing_cycle=filters.billing_cycle,
        as_of=filters.as_of,
    )


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    """A purchase in words and in money; the CSV has the exact names and cents."""
    back, fee, currency = row["refunded_cents"], row["fee_cents"], row["currency"]
    return {
        **row,
        "status": spaced(row["status"]),
        "package": row["package"].capitalize(),
        "price": money(row["amount_cents"], currency),
        "refunded": money(back, currency) if back else "",
        "fee": money(fee, currency) if fee else "",
        "taken_back_minutes": row["taken_back_minutes"] or None,
        "shortfall_minutes": row["shortfall_minutes"] or None,
        "dispute": spaced(row["dispute_status"] or ""),
        "failure": spaced(row["failure_code"] or ""),
    }


def _columns() -> dict[str, Any]:
    return {
        "created_at": tables.when("Begun"),
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
