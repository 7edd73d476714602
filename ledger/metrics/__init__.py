"""Metrics: what each number means, the number with its uncertainty, and the rows behind it, from one SQL file each."""

from ledger.metrics.closed_months import ClosedMonthReading, closed_number
from ledger.metrics.control import rows_of_control
from ledger.metrics.fits import FITTED, few_payments, fit_at_once, stored_fit
from ledger.metrics.measures import TOO_FEW, Measure, measure
from ledger.metrics.registry import CLOSING, METRICS, Metric
from ledger.metrics.rows import RowTotals, each_row, row_totals, rows

__all__ = [
    "CLOSING",
    "FITTED",
    "METRICS",
    "TOO_FEW",
    "ClosedMonthReading",
    "Measure",
    "Metric",
    "RowTotals",
    "closed_number",
    "each_row",
    "few_payments",
    "fit_at_once",
    "measure",
    "row_totals",
    "rows",
    "rows_of_control",
    "stored_fit",
]
