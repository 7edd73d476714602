"""The pricing lab: exact replay of other tariffs, demand at the limit, uncertainty, and how far to trust it."""

from ledger.pricing.backtest import Backtest, backtest
from ledger.pricing.badges import ASSUMED, MEASURED, badges, belief_of
from ledger.pricing.calibration import Belief, measure_need_weight
from ledger.pricing.cohort import MOST_BUYERS, Cohort, Rehearsal, counted, draw_cohort
from ledger.pricing.forecast import Band
from ledger.pricing.lab import Comparison, Lab, Side, central_demand, compare, quick, refine, repeated
from ledger.pricing.losers import (
    Change,
    biggest_changes,
    break_even_churn,
    changed_bills,
    revenue_after_leaving,
)
from ledger.pricing.question import Question, question_of
from ledger.pricing.readings import (
    SnapshotReading,
    get_reading,
    keep_what_is_linked,
    load_snapshot,
    newest_snapshot,
    want_reading,
)
from ledger.pricing.refusals import PricingRefused, UnknownScenario, WrongScenarioText
from ledger.pricing.rehearsals import CohortRun, TestDesign, bought_so_far, list_cohorts, list_designs
from ledger.pricing.scenarios import (
    MOST_COMPARED,
    Scenario,
    code_version,
    get_scenario,
    list_scenarios,
    save_scenario,
)
from ledger.pricing.sensitivity import Swing, break_even_elasticity, tornado
from ledger.pricing.simulation import prepare
from ledger.pricing.snapshot import (
    LeftOut,
    Snapshot,
    count_workspaces,
    list_replayed_currencies,
    take_snapshot,
)
from ledger.pricing.tariff import BURN_ORDERS, Tariff, TariffPackage

__all__ = [
    "ASSUMED",
    "BURN_ORDERS",
    "MEASURED",
    "MOST_BUYERS",
    "MOST_COMPARED",
    "Backtest",
    "Band",
    "Belief",
    "Change",
    "Cohort",
    "CohortRun",
    "Comparison",
    "Lab",
    "LeftOut",
    "PricingRefused",
    "Question",
    "Rehearsal",
    "Scenario",
    "Side",
    "Snapshot",
    "SnapshotReading",
    "Swing",
    "Tariff",
    "TariffPackage",
    "TestDesign",
    "UnknownScenario",
    "WrongScenarioText",
    "backtest",
    "badges",
    "belief_of",
    "biggest_changes",
    "bought_so_far",
    "break_even_churn",
    "break_even_elasticity",
    "central_demand",
    "changed_bills",
    "code_version",
    "compare",
    "count_workspaces",
    "counted",
    "draw_cohort",
    "get_reading",
    "get_scenario",
    "keep_what_is_linked",
    "list_cohorts",
    "list_designs",
    "list_replayed_currencies",
    "list_scenarios",
    "load_snapshot",
    "measure_need_weight",
    "newest_snapshot",
    "prepare",
    "question_of",
    "quick",
    "refine",
    "repeated",
    "revenue_after_leaving",
    "save_scenario",
    "take_snapshot",
    "tornado",
    "want_reading",
]
