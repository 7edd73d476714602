"""The pricing lab: exact replay of other tariffs, demand at the limit, uncertainty, and how far to trust it."""

from ledger.pricing.forecast import Band
from ledger.pricing.lab import Comparison, Side, central_demand, quick
from ledger.pricing.losers import changed_bills
from ledger.pricing.question import Question, question_of
from ledger.pricing.refusals import PricingRefused
from ledger.pricing.sensitivity import Swing
from ledger.pricing.snapshot import Snapshot

__all__ = [
    "Band",
    "Comparison",
    "PricingRefused",
    "Question",
    "Side",
    "Snapshot",
    "Swing",
    "central_demand",
    "changed_bills",
    "question_of",
    "quick",
]
