"""Purchases of all workspaces that were started in a period, in any state."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ledger.database import query


@dataclass(frozen=True)
class PurchaseFilters:
    """Purchases started in [start, end) of one source; no states or packages: all.

    `plan` and `billing_cycle`: those of the workspace when it started the purchase, `none` without a plan.
    `attributes`: those it has now, as pairs of key and segment. `as_of`: nothing started later.
    """

    start: datetime
    end: datetime
    source: str
    states: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    plan: str | None = None
    billing_cycle: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    as_of: datetime | None = None

    def binds(self) -> dict[str, Any]:
        """Return the filters as query parameters."""
        return {
            **vars(self),
            "states": list(self.states),
            "packages": list(self.packages),
            "attributes": json.dumps(dict(self.attributes)) if self.attributes else None,
        }


@dataclass(frozen=True)
class PurchaseTotal:
    """Number of purchases in one currency, and the sum of their prices in cents; `status` None: in all states."""

    currency: str
    purchases: int
    amount_cents: int
    status: str | None = None


def purchase_totals(db: Connection, filters: PurchaseFilters) -> list[PurchaseTotal]:
    """Return count and control sum by currency; empty without purchases."""
    return sum_up(purchase_states(db, filters))


def purchase_states(db: Connection, filters: PurchaseFilters) -> list[PurchaseTotal]:
    """Return count and control sum by currency and state; empty without purchases."""
    return [PurchaseTotal(**row) for row in db.execute(query("sales_totals"), filters.binds()).mappings()]


def sum_up(totals: Iterable[PurchaseTotal]) -> list[PurchaseTotal]:
    """Return totals by currency, whatever the states."""
    by_currency: dict[str, tuple[int, int]] = {}
    for total in totals:
        purchases, cents = by_currency.get(total.currency, (0, 0))
        by_currency[total.currency] = (purchases + total.purchases, cents + total.amount_cents)
    return [PurchaseTotal(currency, *sums) for currency, sums in by_currency.items()]


def list_purchases(
    db: Connection, filters: PurchaseFilters, *, limit: int, offset: int
) -> list[dict[str, Any]]:
    """Return one page of purchases, newest first."""
    page = {**filters.binds(), "limit": limit, "offset": offset}
    return [dict(row) for row in db.execute(query("sales"), page).mappings()]


def each_purchase(db: Connection, filters: PurchaseFilters) -> Iterator[dict[str, Any]]:
    """Yield all purchases, newest first, fetched in portions."""
    binds = {**filters.binds(), "limit": None, "offset": 0}
    result = db.execute(query("sales"), binds, execution_options={"yield_per": 1000})
    with closing(result):
        for row in result.mappings():
            yield dict(row)
