"""Hold-outs and price tests: who is in which arm."""

from typing import TYPE_CHECKING

from ledger.experiments.holdouts import (
    CONTROL,
    SHARES,
    TREATMENT,
    HoldOut,
    count_arms,
    each_arm,
    get_hold_out,
    hold_out_of,
    list_arms,
    list_hold_outs,
    running_arms,
)
from ledger.experiments.offers_seen import record_offer_seen
from ledger.late_imports import importer

if TYPE_CHECKING:
    from ledger.experiments.price_arms import RESAMPLES, PriceArm, read_arms, too_early
    from ledger.experiments.price_test import Design, design_test, elasticity_error

__all__ = [
    "CONTROL",
    "RESAMPLES",
    "SHARES",
    "TREATMENT",
    "Design",
    "HoldOut",
    "PriceArm",
    "count_arms",
    "design_test",
    "each_arm",
    "elasticity_error",
    "get_hold_out",
    "hold_out_of",
    "list_arms",
    "list_hold_outs",
    "read_arms",
    "record_offer_seen",
    "running_arms",
    "too_early",
]
LATE = {
    "PriceArm": "ledger.experiments.price_arms",
    "RESAMPLES": "ledger.experiments.price_arms",
    "read_arms": "ledger.experiments.price_arms",
    "too_early": "ledger.experiments.price_arms",
    "Design": "ledger.experiments.price_test",
    "design_test": "ledger.experiments.price_test",
    "elasticity_error": "ledger.experiments.price_test",
}
"""Names whose modules bring statistics, which take a second to import: only who uses them pays for it."""
__getattr__ = importer(__name__, LATE)
