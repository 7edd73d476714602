"""The Purchases page: every purchase, in every state."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import url
from dashboard.kit import exports, states, tables, template, tiles
from dashboard.kit.filters import Filters
from dashboard.kit.labels import package_name
from dashboard.text import counted, decimal, money, plain, sentence_case, short_money
from ledger.payments import PurchaseFilters, PurchaseTotal, catalogue_names, purchase_states, sales, sum_up

ARRIVAL = ("webhook-lag",)
PAGE = 50
GROUPS: Mapping[str, Sequence[str]] = {
    "All": (),
    "Paid": ("paid",),
    "Refunded": ("partially_refunded", "refunded"),
    "Disputed": ("disputed",),
    "Failed": ("failed", "quarantined"),
    "Not paid": ("requires_payment", "requires_action", "processing", "canceled"),
}
SELDOM = ("refunded", "taken_back_minutes", "shortfall_minutes", "failure", "dispute")
"""Columns that are left out of a page on which no row has anything in them."""


def answer(totals: Sequence[PurchaseTotal]) -> str:
    """Return how much was bought and what became of it, in one sentence; `totals`: by currency and state."""
    count = sum(total.purchases for total in totals)
    if not count:
        return "**No purchases** in this period with these filters."
    sums = " + ".join(money(total.amount_cents, total.currency) for total in sum_up(totals))
    of_state = Counter[str]()
    for total in totals:
        of_state[total.status or ""] += total.purchases
    parts = ", ".join(
        f"{decimal(of_state[state])} {name.lower()}"
        for state, name in states.PURCHASES.items()
        if of_state[state]
    )
    said = f"**{counted(count, '{n} purchase', '{n} purchases')}** with a list value of {plain(sums)}"
    return f"{said}: {parts}." if parts else f"{said}."


def show(db: Connection, filters: Filters, *, linked: bool) -> None:
    """Draw every purchase of the period, paid or not: filters, pages from the server, CSV of all.

    `linked`: whether a workspace's id leads to its page.
    """
    said, wanted = st.container(), _wanted(db, filters)
    by_state = purchase_states(db, replace(wanted, states=()))
    chosen = [total for total in by_state if not wanted.states or total.status in wanted.states]
    with said:
        template.answer(answer(chosen))
        if by_state:
            _groups(by_state, wanted.states)
    count = sum(total.purchases for total in chosen)
    if not count:
        return
    page = url.page(-(-count // PAGE)) if count > PAGE else 1
    result = sales.list_purchases(db, wanted, limit=PAGE, offset=PAGE * (page - 1))
    tables.show(
        pd.DataFrame([_line(db, row) for row in result]),
        key="purchases",
        file_name=None,
        columns=_columns(result),
        linked=linked,
        height="content",
    )
    exports.download_purchases(wanted, key="purchases_csv")


def _groups(by_state: Sequence[PurchaseTotal], chosen: Sequence[str]) -> None:
    """Draw a tile for each group of states with how many purchases it has; selecting one shows only those."""
    with template.tile_row(len(GROUPS)):
        for name, members in GROUPS.items():
            totals = [total for total in by_state if not members or total.status in members]
            sums = " + ".join(short_money(total.amount_cents, total.currency) for total in sum_up(totals))
            key = name.lower().replace(" ", "_")
            with st.container(border=True, key=f"tile_state_{key}", gap=None, height="stretch"):
                count = sum(total.purchases for total in totals)
                tiles.figure(name, decimal(count), sums, chosen=set(chosen) == set(members))
                st.button(name, key=f"show_{key}", on_click=url.choose, args=["state", members])


def _wanted(db: Connection, filters: Filters) -> PurchaseFilters:
    """Return the purchases of the period in the states and sizes that are chosen; none chosen: all."""
    sizes = catalogue_names(db).packages
    packages = url.pills("Package", dict(sizes), key="package", several=True, label_visibility="collapsed")
    return PurchaseFilters(
        start=filters.period.start,
        end=filters.period.end,
        source=filters.source,
        states=tuple(url.choices(states.PURCHASES, "state")),
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
        "status": states.PURCHASES[row["status"]],
        "package": package_name(db, row["package"]),
        "price": money(row["amount_cents"], currency),
        "refunded": money(back, currency) if back else "",
        "fee": money(fee, currency) if fee else "",
        "taken_back_minutes": row["taken_back_minutes"] or None,
        "shortfall_minutes": row["shortfall_minutes"] or None,
        "dispute": sentence_case(row["dispute_status"] or ""),
        "failure": sentence_case(row["failure_code"] or ""),
    }


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the columns, what identifies a purchase last; those with nothing in any row are left out."""
    columns = {
        "created_at": tables.when("Started"),
        "workspace_id": tables.text("Workspace"),
        "package": tables.text("Package"),
        "minutes": tables.whole("Minutes"),
        "price": tables.text("Price", alignment="right"),
        "status": states.column("State", states.PURCHASES.values()),
        "failure": tables.text("Failure", width=140),
        "refunded": tables.text("Refunded", alignment="right"),
        "taken_back_minutes": tables.whole("Taken back"),
        "shortfall_minutes": tables.whole("Shortfall"),
        "dispute": tables.text("Dispute"),
        "fee": tables.text("Fee", alignment="right"),
        "paid_at": tables.when("Paid"),
        "payment_intent": tables.text("Payment"),
        "purchase_id": tables.text("Purchase"),
    }
    sources = {"refunded": "refunded_cents", "failure": "failure_code", "dispute": "dispute_status"}
    empty = {name for name in SELDOM if not any(row[sources.get(name, name)] for row in rows)}
    return {name: look for name, look in columns.items() if name not in empty}
