"""Metrics: what each number means, the number with its uncertainty, and the rows behind it, from one SQL file each."""

from ledger.metrics.ages import use_by_age
from ledger.metrics.annotations import KINDS, annotate, goal_and_annotations, goal_of, list_annotations
from ledger.metrics.arms import HORIZON_DAYS, LEAST_PER_GROUP
from ledger.metrics.closed_months import ClosedMonthReading, ClosedNumber, closed_number, list_closed
from ledger.metrics.cohorts import HitCohort, HitCohortMonth, list_cohorts
from ledger.metrics.control import rows_of_control
from ledger.metrics.fits import (
    FITTED,
    few_payments,
    fit_at_once,
    keep_wanted,
    missing_fits,
    stored_fit,
    want_fits,
)
from ledger.metrics.funnel import AlertLevel, Funnel, alert_levels, conversion_funnel
from ledger.metrics.measures import (
    TOO_FEW,
    Measure,
    MetricFilters,
    list_currencies,
    list_paid_currencies,
    measure,
    read_ahead,
)
from ledger.metrics.month_causes import Cause
from ledger.metrics.registry import CLOSING, METRICS, Metric, metric_of
from ledger.metrics.rollups import refresh_rollups
from ledger.metrics.rows import (
    LATEST,
    PARTS,
    RowTotals,
    Selection,
    each_row,
    rolled_totals,
    row_totals,
    rows,
)
from ledger.metrics.sums import State, rollup_state
from ledger.metrics.versions import Version, list_versions
from ledger.metrics.waiting import list_waiting
from ledger.metrics.whole_days import EARLIEST

__all__ = [
    "CLOSING",
    "EARLIEST",
    "FITTED",
    "HORIZON_DAYS",
    "KINDS",
    "LATEST",
    "LEAST_PER_GROUP",
    "METRICS",
    "PARTS",
    "TOO_FEW",
    "AlertLevel",
    "Cause",
    "ClosedMonthReading",
    "ClosedNumber",
    "Funnel",
    "HitCohort",
    "HitCohortMonth",
    "Measure",
    "Metric",
    "MetricFilters",
    "RowTotals",
    "Selection",
    "State",
    "Version",
    "alert_levels",
    "annotate",
    "closed_number",
    "conversion_funnel",
    "each_row",
    "few_payments",
    "fit_at_once",
    "goal_and_annotations",
    "goal_of",
    "keep_wanted",
    "list_annotations",
    "list_closed",
    "list_cohorts",
    "list_currencies",
    "list_paid_currencies",
    "list_versions",
    "list_waiting",
    "measure",
    "metric_of",
    "missing_fits",
    "read_ahead",
    "refresh_rollups",
    "rolled_totals",
    "rollup_state",
    "row_totals",
    "rows",
    "rows_of_control",
    "stored_fit",
    "use_by_age",
    "want_fits",
]
