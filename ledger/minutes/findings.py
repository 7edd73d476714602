"""Findings of a verification: one wrong row each, with a repair that preserves the history."""

from dataclasses import dataclass

RESTORE = "restore this row from a backup, or void and grant the difference with a reason"
SEALED = (
    "the row was changed outside the ledger: find out by whom, and restore it from a backup; rebuild nothing"
)
REPAIR = {
    "seals": SEALED,
    "periods": "run reset-due: it books the missing period",
    "purchases": "run reconcile: it re-reads the payment and books the difference",
    "invoices": "run reconcile: it re-reads the invoice and books the difference",
    "facts": "when no seal is broken, run rollup --rebuild; otherwise entries were changed and must be restored first",
    "sums": "when no seal is broken, run rollup --rebuild; otherwise entries were changed and must be restored first",
    "refunds": "run reconcile: it re-reads the payment and its refunds",
    "ahead of time": "the clock was wrong: correct it, then void the minutes credited too early, with a reason",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One wrong row: the check, the place, the expected and the actual value."""

    check: str
    workspace_id: str
    where: str
    expected: str
    actual: str
    proposal: str

    def __str__(self) -> str:
        """Return the finding as one line."""
        difference = f"expected {self.expected}, found {self.actual}"
        return f"{self.workspace_id}: {self.check}, {self.where}: {difference} ({self.proposal})"


def finding_of(check: str, workspace_id: str, where: str, expected: object, actual: object) -> Finding:
    """Return the finding of a check with its proposal."""
    proposal = REPAIR.get(check, RESTORE)
    return Finding(
        check=check,
        workspace_id=workspace_id,
        where=where,
        expected=str(expected),
        actual=str(actual),
        proposal=proposal,
    )
