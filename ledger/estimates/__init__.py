"""Statistics for the metrics: pure functions over numbers, without a database or clock.

Every function returns `None`, never NaN, when the data support no estimate.
"""

from ledger.estimates.bootstrap import mean_by_workspace
from ledger.estimates.causal import (
    BALANCE_BOUND,
    Effect,
    difference_in_differences,
    drifts_apart,
    e_value,
    event_study,
    hold_out,
    launch_effect,
    matched_landmark,
    risk_ratio_of,
)
from ledger.estimates.hazards import Hazard, proportional_hazards, time_varying_hazards
from ledger.estimates.proportions import Interval, difference, hits_per_arm, share, share_by_workspace
from ledger.estimates.survival import (
    Curve,
    incidence,
    log_rank,
    quantile,
    quantile_bounds,
    share_by,
    survival,
    value_at,
)

__all__ = [
    "BALANCE_BOUND",
    "Curve",
    "Effect",
    "Hazard",
    "Interval",
    "difference",
    "difference_in_differences",
    "drifts_apart",
    "e_value",
    "event_study",
    "hits_per_arm",
    "hold_out",
    "incidence",
    "launch_effect",
    "log_rank",
    "matched_landmark",
    "mean_by_workspace",
    "proportional_hazards",
    "quantile",
    "quantile_bounds",
    "risk_ratio_of",
    "share",
    "share_by",
    "share_by_workspace",
    "survival",
    "time_varying_hazards",
    "value_at",
]
