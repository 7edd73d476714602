"""What a proof reports: one row that does not fit, and what to do about it. No proposal erases a trace."""

from dataclasses import dataclass

RESTORE = "restore this row from a backup, or void and grant the difference with a reason"
SEALED = "somebody changed it behind the ledger's back: find out who, and restore it from a backup; nothing is rebuilt"
REPAIR = {
    "seals": SEALED,
    "periods": "run reset-due: it books the missing period",
    "purchases": "run reconcile: it re-reads the payment and books the difference",
    "invoices": "run reconcile: it re-reads the invoice and books the difference",
    "facts": "when no seal is broken, run rollup --rebuild; otherwise entries were changed and must be restored first",
    "sums": "when no seal is broken, run rollup --rebuild; otherwise entries were changed and must be restored first",
    "refunds": "run reconcile: it re-reads the payment and its refunds",
    "ahead of time": "the clock was wrong: correct it, then void what was given too early with a reason",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One row that does not fit: the check that says so, the place, what it should be and what it is."""

    check: str
    workspace_id: str
    where: str
    expected: str
    actual: str
    proposal: str

    def __str__(self) -> str:
        """One line for people."""
        difference = f"expected {self.expected}, found {self.actual}"
        return f"{self.workspace_id}: {self.check}, {self.where}: {difference} ({self.proposal})"


def finding_of(check: str, workspace_id: str, where: str, expected: object, actual: object) -> Finding:
    """Return the finding of a check with the proposal that belongs to it."""
    proposal = REPAIR.get(check, RESTORE)
    return Finding(
        check=check,
        workspace_id=workspace_id,
        where=where,
        expected=str(expected),
        actual=str(actual),
        proposal=proposal,
    )
