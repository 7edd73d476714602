"""Bring a company's history in, and take it out again: files, mappings, checks, booking in business order, export."""

from ledger.minutes.workspaces import SOURCES
from ledger.transfer.imports import (
    HEADLINES,
    ImportOutcome,
    ImportPlan,
    PastImport,
    list_imports,
    plan_import,
    run_import,
    undo_import,
)
from ledger.transfer.jobs import Job, Jobs
from ledger.transfer.layouts import LAYOUTS
from ledger.transfer.mapping import CHOICES, DATES, MAPPING_FILE, UNANSWERED, parse_mapping, written_mapping
from ledger.transfer.proposals import WHY, Proposal, answered_by
from ledger.transfer.stripe_choices import parse_choices
from ledger.transfer.stripe_imports import (
    BalanceTotal,
    StripeImportPlan,
    balance_totals,
    plan_stripe_import,
    run_stripe_import,
    with_answers,
)
from ledger.transfer.tables import SUFFIXES

__all__ = [
    "CHOICES",
    "DATES",
    "HEADLINES",
    "LAYOUTS",
    "MAPPING_FILE",
    "SOURCES",
    "SUFFIXES",
    "UNANSWERED",
    "WHY",
    "BalanceTotal",
    "ImportOutcome",
    "ImportPlan",
    "Job",
    "Jobs",
    "PastImport",
    "Proposal",
    "StripeImportPlan",
    "answered_by",
    "balance_totals",
    "list_imports",
    "parse_choices",
    "parse_mapping",
    "plan_import",
    "plan_stripe_import",
    "run_import",
    "run_stripe_import",
    "undo_import",
    "with_answers",
    "written_mapping",
]
