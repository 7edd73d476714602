"""What staff work with: people, keys, approvals, audit, bulk grants, notes, saved views, search."""

from ledger.desk.approvals import Approval, list_approvals
from ledger.desk.attention import WaitingCase, WaitingCases, list_attention
from ledger.desk.attribute_lists import AttributeRow, apply_list, check_list
from ledger.desk.audit import Line
from ledger.desk.bulk_grants import Batch, Checked, GrantRequest, Row
from ledger.desk.key_grants import grant_with_key
from ledger.desk.keys import ApiKey
from ledger.desk.saved_views import list_views
from ledger.desk.search import (
    STATES,
    SearchFilters,
    WorkspaceMatch,
    count_needs,
    list_by_need,
    list_names,
    plans,
    search_event_key,
    search_workspaces,
    sources,
)

__all__ = [
    "STATES",
    "ApiKey",
    "Approval",
    "AttributeRow",
    "Batch",
    "Checked",
    "GrantRequest",
    "Line",
    "Row",
    "SearchFilters",
    "WaitingCase",
    "WaitingCases",
    "WorkspaceMatch",
    "apply_list",
    "check_list",
    "count_needs",
    "grant_with_key",
    "list_approvals",
    "list_attention",
    "list_by_need",
    "list_names",
    "list_views",
    "plans",
    "search_event_key",
    "search_workspaces",
    "sources",
]
