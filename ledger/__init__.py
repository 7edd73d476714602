"""The truth about minutes: functions over a connection. The caller owns the transaction and passes the time."""

from typing import TYPE_CHECKING

from ledger.database import connect, reading, writing
from ledger.desk.search import search_workspaces
from ledger.errors import (
    InsufficientMinutes,
    InvalidDuration,
    InvalidKey,
    InvalidMinutes,
    InvalidText,
    InvalidTime,
    InvalidWorkspaceId,
    KeyReused,
    LedgerError,
    UnknownEntry,
    UnknownLot,
    UnknownPackage,
    UnknownPlan,
    UnknownWorkspace,
    WorkspaceExists,
)
from ledger.late_imports import importer
from ledger.migrations import migrate
from ledger.minutes.balances import (
    Balance,
    Draw,
    Entry,
    Limit,
    Lot,
    check_usage_limit,
    explain_entry,
    get_balance,
    list_entries,
    list_lots,
)
from ledger.minutes.credits import grant_minutes, void_minutes
from ledger.minutes.findings import Finding
from ledger.minutes.uses import Refused, Use, track_minutes, track_uses
from ledger.minutes.verify import verify
from ledger.minutes.workspaces import (
    Workspace,
    cancel_plan,
    create_workspace,
    get_workspace,
    reset_monthly_minutes,
    update_plan_allocation,
)

if TYPE_CHECKING:
    from ledger.metrics import METRICS, measure

__all__ = [
    "METRICS",
    "Balance",
    "Draw",
    "Entry",
    "Finding",
    "InsufficientMinutes",
    "InvalidDuration",
    "InvalidKey",
    "InvalidMinutes",
    "InvalidText",
    "InvalidTime",
    "InvalidWorkspaceId",
    "KeyReused",
    "LedgerError",
    "Limit",
    "Lot",
    "Refused",
    "UnknownEntry",
    "UnknownLot",
    "UnknownPackage",
    "UnknownPlan",
    "UnknownWorkspace",
    "Use",
    "Workspace",
    "WorkspaceExists",
    "cancel_plan",
    "check_usage_limit",
    "connect",
    "create_workspace",
    "explain_entry",
    "get_balance",
    "get_workspace",
    "grant_minutes",
    "list_entries",
    "list_lots",
    "measure",
    "migrate",
    "reading",
    "reset_monthly_minutes",
    "search_workspaces",
    "track_minutes",
    "track_uses",
    "update_plan_allocation",
    "verify",
    "void_minutes",
    "writing",
]
LATE = {"METRICS": "ledger.metrics", "measure": "ledger.metrics"}
"""Metrics bring statistics: only who asks for them waits for their import."""
__getattr__ = importer(__name__, LATE)
