"""What staff may do. Every action checks the permission, and holds limit or approval, audit line and ledger
call in one transaction: either all of it happened or nothing did.
"""

from dashboard.actions.acting import ACTIONS, Done, NotAllowed
from dashboard.actions.decisions import decide
from dashboard.actions.gifts import grant_minutes, void_minutes
from dashboard.actions.identity import erase_personal_data, export_personal_data
from dashboard.actions.makegood import give_row, start_batch, stop_batch, undo_row
from dashboard.actions.notes import add_note, open_workspace, pin_workspace, remove_note
from dashboard.actions.people import add_staff, create_key, disable_staff, revoke_key, set_limits
from dashboard.actions.repayments import refund_purchase

__all__ = [
    "export_personal_data",
    "erase_personal_data",
    "ACTIONS",
    "Done",
    "NotAllowed",
    "add_note",
    "add_staff",
    "create_key",
    "decide",
    "disable_staff",
    "give_row",
    "grant_minutes",
    "open_workspace",
    "pin_workspace",
    "refund_purchase",
    "remove_note",
    "revoke_key",
    "set_limits",
    "start_batch",
    "stop_batch",
    "undo_row",
    "void_minutes",
]
