"""Errors of the ledger's core. The docstring is the message, `code` is for programs, `sqlstate` is what SQL raises.

Rooms with errors of their own (payments, Stripe, pricing, keys, alerts) define them beside their code.
"""

from __future__ import annotations

from typing import ClassVar


class LedgerError(Exception):
    """The ledger refused this request."""

    code: ClassVar[str] = "ledger_error"
    sqlstate: ClassVar[str | None] = None

    def __init__(self, detail: str = "") -> None:
        """Store `detail`: the refused value, as a sentence for people."""
        meaning = self.meaning()
        super().__init__(f"{meaning.removesuffix('.')}: {detail}" if detail else meaning)
        self.detail = detail

    @classmethod
    def meaning(cls) -> str:
        """Return the first line of the docstring."""
        return (cls.__doc__ or "").strip().splitlines()[0]


class NotFound(LedgerError):
    """Not found."""

    code = "not_found"


class UnknownWorkspace(NotFound):
    """No workspace has this id."""

    code = "unknown_workspace"
    sqlstate = "LG404"


class UnknownLot(NotFound):
    """This workspace has no lot with this number."""

    code = "unknown_lot"
    sqlstate = "LG405"


class UnknownPlan(LedgerError):
    """No plan has this name and billing cycle."""

    code = "unknown_plan"
    sqlstate = "LG406"


class UnknownPackage(LedgerError):
    """No package with this code is on offer."""

    code = "unknown_package"
    sqlstate = "LG407"


class UnknownEntry(NotFound):
    """The statement has no entry with this number."""

    code = "unknown_entry"


class UnknownMetric(NotFound):
    """No metric has this slug."""

    code = "unknown_metric"


class InsufficientMinutes(LedgerError):
    """Not enough minutes."""

    code = "insufficient_minutes"
    sqlstate = "LG402"


class KeyReused(LedgerError):
    """This idempotency key was already used with different parameters."""

    code = "key_reused"
    sqlstate = "LG409"


class WorkspaceExists(LedgerError):
    """A workspace with this id already exists, with other data."""

    code = "workspace_exists"


class InvalidAttribute(LedgerError):
    """This attribute can't be stored."""

    code = "invalid_attribute"


class UnknownAttribute(LedgerError):
    """No workspace has an attribute of this name."""

    code = "unknown_attribute"


class InvalidMinutes(LedgerError):
    """Minutes must be a whole number from 1 to 1,000,000."""

    code = "invalid_minutes"
    sqlstate = "LG422"


class InvalidKey(LedgerError):
    """An idempotency key must have 1 to 255 characters."""

    code = "invalid_key"
    sqlstate = "LG424"


class InvalidTime(LedgerError):
    """Timestamps need a UTC offset, a year from 1970 to 2199, and a workspace that existed then."""

    code = "invalid_time"
    sqlstate = "LG423"


class InvalidText(LedgerError):
    """This text is missing, too long, or contains a character that can't be stored."""

    code = "invalid_text"

    def __init__(self, detail: str = "", *, what: str = "", cause: str = "") -> None:
        """Store the name of the text (`what`), and what is wrong with it, as a sentence (`cause`)."""
        super().__init__(detail)
        self.what = what
        self.cause = cause


class InvalidEmail(InvalidText):
    """This is not an e-mail address. It must look like name@example.com."""

    code = "invalid_email"


class InvalidWorkspaceId(LedgerError):
    """A workspace id is 1 to 64 of A-Z a-z 0-9 _ . : - and starts with a letter or digit."""

    code = "invalid_workspace_id"


class InvalidDuration(LedgerError):
    """A duration must be a whole number of seconds, 0 or more."""

    code = "invalid_duration"
    sqlstate = "LG425"


class LotsDisagree(LedgerError):
    """The lots of this workspace hold less than its balance. Run verify."""

    code = "lots_disagree"
    sqlstate = "LG500"


class MigrationChanged(LedgerError):
    """A migration that was already applied has been edited."""

    code = "migration_changed"


class TableInUse(LedgerError):
    """A table that a migration changes stays locked by somebody else; nothing is half done. Run it again."""

    code = "table_in_use"


class OwnerNeeded(LedgerError):
    """Only the owner of the database may migrate it: set DATABASE_URL_OWNER and run `python -m ledger migrate`."""

    code = "owner_needed"


class UnknownStaff(LedgerError):
    """No staff member matches, or the role does not exist."""

    code = "unknown_staff"


class UnknownApproval(NotFound):
    """No approval request has this id."""

    code = "unknown_approval"


class AlreadyDecided(LedgerError):
    """This request was already decided."""

    code = "already_decided"


class SecondPersonNeeded(LedgerError):
    """You can't approve your own request. A second person must decide."""

    code = "second_person_needed"


class UnknownBatch(NotFound):
    """No bulk grant has this id."""

    code = "unknown_batch"


class UnknownHoldOut(NotFound):
    """No hold-out has this name."""

    code = "unknown_hold_out"


class InvalidHoldOut(LedgerError):
    """A hold-out needs a new name, a share of 10 to 50 percent, and a planned number of limit hits."""

    code = "invalid_hold_out"


class HoldOutConflict(LedgerError):
    """This conflicts with another hold-out."""

    code = "hold_out_conflict"


class ImportRefused(LedgerError):
    """This import can't continue."""

    code = "import_refused"


class NewerEntries(LedgerError):
    """Newer entries depend on this import. It can't be undone."""

    code = "newer_entries"
    sqlstate = "LG410"


def _all(root: type[LedgerError]) -> list[type[LedgerError]]:
    return [root, *(each for child in root.__subclasses__() for each in _all(child))]


def meanings() -> dict[str, str]:
    """Return what each code means: the first line of its class's docstring, for the classes imported so far."""
    return {kind.code: kind.meaning() for kind in _all(LedgerError) if "code" in vars(kind)}


def error_for(sqlstate: str | None, detail: str) -> LedgerError | None:
    """Return the error for one of our SQLSTATEs, or None for any other."""
    for kind in _all(LedgerError):
        if kind.sqlstate is not None and kind.sqlstate == sqlstate:
            return kind(detail)
    return None
