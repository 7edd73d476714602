"""Metrics: what each number means, the number with its uncertainty, and the rows behind it, from one SQL file each."""

from ledger.metrics.measures import Measure, measure
from ledger.metrics.registry import METRICS, Metric
from ledger.metrics.rows import RowTotals, each_row, row_totals, rows

__all__ = ["METRICS", "Measure", "Metric", "RowTotals", "each_row", "measure", "row_totals", "rows"]
