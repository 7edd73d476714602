"""Minutes: workspaces, credits, uses, balances, and the proof that they add up."""

from ledger.minutes.attributes import (
    AttributeValue,
    get_attributes,
    list_segments,
    number_of,
    require_attributes,
    set_attributes,
    set_attributes_of_many,
)
from ledger.minutes.balances import Balance, Draw, Entry, get_balance
from ledger.minutes.explanations import (
    CurrentHit,
    LotStory,
    UsageAlert,
    UsageDay,
    current_hit,
    explain_lots,
    list_payment_events,
    list_usage_alerts,
    minutes_used_by,
    usage_days,
)
from ledger.minutes.exports import ExportFilters, ExportPage, export_rows
from ledger.minutes.uses import track_full_or_refuse
from ledger.minutes.verify import verify
from ledger.minutes.workspaces import (
    BILLING_CYCLES,
    Workspace,
    cancel_plan,
    creation_times,
    get_workspace,
    update_workspace,
)

__all__ = [
    "BILLING_CYCLES",
    "AttributeValue",
    "Balance",
    "CurrentHit",
    "Draw",
    "Entry",
    "ExportFilters",
    "ExportPage",
    "LotStory",
    "UsageAlert",
    "UsageDay",
    "Workspace",
    "cancel_plan",
    "creation_times",
    "current_hit",
    "explain_lots",
    "export_rows",
    "get_attributes",
    "get_balance",
    "get_workspace",
    "list_payment_events",
    "list_segments",
    "list_usage_alerts",
    "minutes_used_by",
    "number_of",
    "require_attributes",
    "set_attributes",
    "set_attributes_of_many",
    "track_full_or_refuse",
    "update_workspace",
    "usage_days",
    "verify",
]
