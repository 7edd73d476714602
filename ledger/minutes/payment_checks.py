"""Checks of money against minutes in our own rows: purchases and plan invoices with their lots."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.minutes.replay import Difference, Row


def purchase_differences(purchases: list[Row]) -> Iterator[Difference]:
    """Return the purchases whose lot, payment and minutes disagree."""
    for purchase in purchases:
        where = f"purchase {purchase['purchase_id']}"
        if purchase["booked_lot_id"] is None:
            if purchase["status"] != "quarantined":
                yield ("purchases", where, "a lot of minutes, because it was paid", None)
        elif purchase["paid_at"] is None:
            yield (
                "purchases",
                where,
                "no minutes, because it was not paid",
                f"lot {purchase['booked_lot_id']}",
            )
        elif (
            purchase["lot_id"] != purchase["booked_lot_id"] or purchase["minutes"] != purchase["lot_minutes"]
        ):
            yield (
                "purchases",
                where,
                f"{purchase['minutes']} minutes in lot {purchase['lot_id']}",
                purchase["lot_minutes"],
            )
        elif purchase["taken_back_minutes"] != purchase["taken_minutes"]:
            yield (
                "purchases",
                where,
                f"{purchase['taken_back_minutes']} minutes taken back",
                purchase["taken_minutes"],
            )


def invoice_differences(invoices: list[Row]) -> Iterator[Difference]:
    """Return the paid invoices whose lots do not add up to their stored minutes."""
    for invoice in invoices:
        where = f"invoice {invoice['invoice_id']}, {invoice['outcome']}"
        right = f"{invoice['minutes']} minutes credited, {invoice['taken_back_minutes']} taken back"
        result = f"{invoice['credited']} credited, {invoice['refunded']} taken back"
        yield ("invoices", where, right, f"{result}, {invoice['unlike']} lots of other minutes")
