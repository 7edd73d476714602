"""Packages and revenue: which sizes are bought, at what price, what they earn, and every purchase."""

from typing import Any

import streamlit as st
from sqlalchemy import Connection

from dashboard import charts, exports, tables
from dashboard.filters import Filters
from dashboard.text import _
from ledger.metrics import measure
from ledger.sales import PurchaseFilters, list_purchases, package_codes, purchase_totals

SIZE = (
    "average-package-minutes",
    "average-package-minutes-net",
    "median-package-minutes",
    "price-per-minute",
)
MONEY = ("revenue-gross", "refunds", "disputes-lost", "revenue-net", "fees")
BUYERS = ("average-package-revenue", "average-package-revenue-net", "arppu", "repeat-rate", "refund-rate")
ARRIVAL = ("webhook-lag",)
STATES = (
    "requires_payment",
    "requires_action",
    "processing",
    "paid",
    "failed",
    "canceled",
    "quarantined",
    "partially_refunded",
    "refunded",
    "disputed",
)
PAGE = 50


def mix(db: Connection, filters: Filters) -> None:
    """Shares of the sizes by month, with their counts."""
    st.subheader(_("Which sizes"), anchor=False)
    whole = measure(db, "average-package-minutes", **filters.chosen, by="package", interval=False)
    if not whole.parts:
        st.info(_("No purchases in this period."))
        return
    by_size = sorted(whole.parts, key=lambda part: part.value or 0)
    by_package = {}
    for part in by_size:
        monthly = measure(
            db, "average-package-minutes", **filters.chosen, by="month", package=part.part, interval=False
        )
        by_package[part.part or ""] = [(one.part or "", float(one.n or 0)) for one in monthly.parts]
    charts.show(charts.mix(by_package), key="mix", alt=_("Share of each package by month"))
    st.table(
        {
            _("Package"): [part.part for part in by_size],
            _("Purchases"): [f"{part.n:,}" for part in by_size],
            _("Minutes sold"): [f"{part.numerator or 0:,.0f}" for part in by_size],
        },
        border="horizontal",
    )


def purchases(db: Connection, filters: Filters) -> None:
    """Every purchase of the period, paid or not: filters, pages from the server, CSV of all."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        states = st.pills(_("State"), STATES, selection_mode="multi", key="state", bind="query-params")
        packages = st.pills(
            _("Package"),
            package_codes(db),
            selection_mode="multi",
            key="package",
            bind="query-params",
        )
    wanted = PurchaseFilters(
        start=filters.period.start,
        end=filters.period.end,
        source=filters.source,
        states=tuple(states),
        packages=tuple(packages),
        plan=filters.plan,
        billing_cycle=filters.billing_cycle,
        as_of=filters.as_of,
    )
    totals = purchase_totals(db, wanted)
    if not totals:
        st.info(_("No purchases in this period with these filters."))
        return
    count = sum(total.purchases for total in totals)
    st.caption(
        " · ".join(
            [_("{n:,} purchases").format(n=count)]
            + [
                _("control sum {sum} {currency}").format(sum=f"{t.amount_cents:,}", currency=t.currency)
                for t in totals
            ]
        )
    )
    page = st.pagination(max(1, -(-count // PAGE)), key="purchases_page", bind="query-params")
    found: list[dict[str, Any]] = list_purchases(db, wanted, limit=PAGE, offset=PAGE * (page - 1))
    tables.show(exports.frame(found), key="purchases")
    exports.download_purchases(wanted, key="purchases_csv")
