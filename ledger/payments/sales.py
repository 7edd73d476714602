"""Purchases over all workspaces: what was begun in a period, whatever became of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ledger.database import query


@dataclass(frozen=True)
class PurchaseFilters:
    """Purchases begun in [start, end) of one source; no states or packages: all.

    `plan` and `billing_cycle`: those of the workspace when it began the purchase, `none` without a plan. `attributes`:
    those it has now, as pairs of key and segment. `as_of`: nothing that began later.
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
        """As query parameters."""
        return {
            **vars(self),
            "states": list(self.states),
            "packages": list(self.packages),
            "attributes": json.dumps(dict(self.attributes)) if self.attributes else None,
        }


@dataclass(frozen=True)
class PurchaseTotal:
    """How many purchases there are in one currency, and what their prices add up to (cents)."""

    currency: str
    purchases: int
    amount_cents: int


def purchase_totals(db: Connection, filters: PurchaseFilters) -> list[PurchaseTotal]:
    """Count and control sum by currency; empty when there are none."""
    return [PurchaseTotal(**row) for row in db.execute(query("sales_totals"), filters.binds()).mappings()]


def list_purchases(
    db: Connection, filters: PurchaseFilters, *, limit: int, offset: int
) -> list[dict[str, Any]]:
    """One page of purchases, newest first."""
    page = {**filters.binds(), "limit": limit, "offset": offset}
    return [dict(row) for row in db.execute(query("sales"), page).mappings()]


def each_purchase(db: Connection, filters: PurchaseFilters) -> Iterator[dict[str, Any]]:
    """All purchases, newest first, fetched in portions."""
    binds = {**filters.binds(), "limit": None, "offset": 0}
    result = db.execute(query("sales"), binds, execution_options={"yield_per": 1000})
    with closing(result):
        for row in result.mappings():
            yield dict(row)
