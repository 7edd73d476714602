"""What every refusal is, and those of the ledger's core: docstring = message, `code` for programs, `sqlstate` of SQL.

Rooms that refuse things of their own (payments, Stripe, pricing, keys, alerts) keep those classes beside them.
"""

from __future__ import annotations

from typing import ClassVar


class LedgerError(Exception):
    """The ledger refused."""

    code: ClassVar[str] = "ledger_error"
    sqlstate: ClassVar[str | None] = None

    def __init__(self, detail: str = "") -> None:
        """Keep `detail`: which value was refused, in words for people."""
        meaning = self.meaning()
        super().__init__(f"{meaning.removesuffix('.')}: {detail}" if detail else meaning)
        self.detail = detail

    @classmethod
    def meaning(cls) -> str:
        """First line of the docstring."""
        return (cls.__doc__ or "").strip().splitlines()[0]


class NotFound(LedgerError):
    """There is no such thing."""

    code = "not_found"


class UnknownWorkspace(NotFound):
    """There is no workspace of this id."""

    code = "unknown_workspace"
    sqlstate = "LG404"


class UnknownLot(NotFound):
    """The workspace has no lot of this number."""

    code = "unknown_lot"
    sqlstate = "LG405"


class UnknownPlan(LedgerError):
    """There is no plan of this name, or it has no such billing cycle."""

    code = "unknown_plan"
    sqlstate = "LG406"


class UnknownPackage(LedgerError):
    """No package of this code is on offer."""

    code = "unknown_package"
    sqlstate = "LG407"


class UnknownEntry(NotFound):
    """The statement has no entry of this number."""

    code = "unknown_entry"


class UnknownMetric(NotFound):
    """There is no metric of this slug."""

    code = "unknown_metric"


class InsufficientMinutes(LedgerError):
    """There are not enough minutes."""

    code = "insufficient_minutes"
    sqlstate = "LG402"


class KeyReused(LedgerError):
    """This key was used before with another body."""

    code = "key_reused"
    sqlstate = "LG409"


class WorkspaceExists(LedgerError):
    """A workspace of this id exists already, with other data."""

    code = "workspace_exists"


class InvalidAttribute(LedgerError):
    """The attribute cannot be stored."""

    code = "invalid_attribute"


class InvalidMinutes(LedgerError):
    """Minutes are whole numbers from 1 to 1,000,000."""

    code = "invalid_minutes"
    sqlstate = "LG422"


class InvalidKey(LedgerError):
    """A key is text of 1 to 255 characters."""

    code = "invalid_key"
    sqlstate = "LG424"


class InvalidTime(LedgerError):
    """A time needs an offset from UTC, and what is booked lies in the years 1970 to 2199."""

    code = "invalid_time"
    sqlstate = "LG423"


class InvalidText(LedgerError):
    """This text is missing, too long, or has a character that cannot be stored."""

    code = "invalid_text"


class InvalidEmail(LedgerError):
    """This is not an e-mail address; it must look like name@example.com."""

    code = "invalid_email"


class InvalidWorkspaceId(LedgerError):
    """A workspace id is 1 to 64 of A-Z a-z 0-9 _ . : - and starts with a letter or digit."""

    code = "invalid_workspace_id"


class InvalidDuration(LedgerError):
    """A duration is a whole number of seconds, 0 or more."""

    code = "invalid_duration"
    sqlstate = "LG425"


class LotsDisagree(LedgerError):
    """The lots of this workspace hold less than its balance says: run verify."""

    code = "lots_disagree"
    sqlstate = "LG500"


class MigrationChanged(LedgerError):
    """A migration that was applied before has been edited since."""

    code = "migration_changed"


class UnknownStaff(LedgerError):
    """Nobody on the staff list is meant by this, or the role does not exist."""

    code = "unknown_staff"


class UnknownApproval(NotFound):
    """There is no such request for approval."""

    code = "unknown_approval"


class AlreadyDecided(LedgerError):
    """Somebody has decided this request already."""

    code = "already_decided"


class SecondPersonNeeded(LedgerError):
    """Nobody decides their own request: a second person is needed."""

    code = "second_person_needed"


class UnknownBatch(NotFound):
    """There is no such bulk grant batch."""

    code = "unknown_batch"


class UnknownHoldOut(NotFound):
    """There is no hold-out of this name."""

    code = "unknown_hold_out"


class InvalidHoldOut(LedgerError):
    """A hold-out needs a new name, a share of 10 to 50 percent, and how many limit hits it needs."""

    code = "invalid_hold_out"


class HoldOutConflict(LedgerError):
    """This does not fit the hold-outs that there are."""

    code = "hold_out_conflict"


class ImportRefused(LedgerError):
    """This import can't go on."""

    code = "import_refused"


class NewerEntries(LedgerError):
    """Newer entries stand on this import: it can't be undone any more."""

    code = "newer_entries"
    sqlstate = "LG410"


def _all(root: type[LedgerError]) -> list[type[LedgerError]]:
    return [root, *(each for child in root.__subclasses__() for each in _all(child))]


def error_for(sqlstate: str | None, detail: str) -> LedgerError | None:
    """The error that SQL means by an own SQLSTATE, or None for any other."""
    for kind in _all(LedgerError):
        if kind.sqlstate is not None and kind.sqlstate == sqlstate:
            return kind(detail)
    return None
