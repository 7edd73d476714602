"""What all actions share: the permission, the transaction, the audit line, the answer to a second click."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from dashboard import installation
from dashboard.access import PERMISSIONS, UNKNOWN, Operator
from dashboard.clock import present
from ledger.desk import audit
from ledger.errors import LedgerError
from ledger.minutes import Balance, get_balance

P = ParamSpec("P")
R = TypeVar("R")

ACTIONS: dict[str, str] = {}
"""Every action of staff and the permission it needs; the permission matrix is made from it."""

CHECKED: dict[str, Callable[..., object]] = {}
"""The same actions, as they are called: so that a test can try each of them with each role."""


class NotAllowed(LedgerError):
    """Your role does not allow this."""

    code = "not_allowed"


class Unreachable(LedgerError):
    """The database did not answer, so nothing was done. Try again: a repeat never books twice."""

    code = "unreachable"


@dataclass(frozen=True)
class ActionResult:
    """What an action did, in a sentence for the person who clicked. `waits_for`: the request for approval it made."""

    sentence: str
    waits_for: UUID | None = None
    repeated: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)


def needs(
    permission: str,
) -> Callable[[Callable[Concatenate[Operator, P], R]], Callable[Concatenate[Operator, P], R]]:
    """Make a function an action: it runs only for operators whose role has the permission (else NotAllowed).

    Raises Unreachable when nobody can say who clicks.
    """

    def wrap(action: Callable[Concatenate[Operator, P], R]) -> Callable[Concatenate[Operator, P], R]:
        ACTIONS[action.__name__] = permission

        @wraps(action)
        def checked(operator: Operator, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if operator is UNKNOWN:
                raise Unreachable
            if not operator.may(permission):
                raise NotAllowed(f"It needs: {PERMISSIONS[permission].lower()}.")
            return action(operator, *args, **kwargs)

        CHECKED[action.__name__] = checked
        return checked

    return wrap


@dataclass(frozen=True)
class Acting:
    """One action under way: its transaction, its time, and who acts."""

    db: Connection
    at: datetime
    operator: Operator
    request_id: str

    def seen(self, *actions: str) -> audit.Line | None:
        """Return the audit line of the same request when it was carried out before, under one of these names."""
        lines = (audit.recorded(self.db, self.request_id, action) for action in actions)
        return next((line for line in lines if line), None)

    def record(self, action: str, **columns: Any) -> None:
        """Add the audit line."""
        audit.record(
            self.db,
            actor=self.operator.actor,
            role=self.operator.role,
            action=action,
            at=self.at,
            request_id=self.request_id,
            **columns,
        )


@contextmanager
def acting(operator: Operator, request_id: str) -> Iterator[Acting]:
    """Yield the transaction of one action. Two actions of one person follow each other, never side by side."""
    with installation.writing() as db:
        audit.one_at_a_time(db, operator.actor)
        yield Acting(db, present(), operator, request_id)


def balances(db: Connection, workspace_id: str) -> dict[str, int]:
    """Return both pools and their sum, as the audit log stores them before and after. Raises UnknownWorkspace."""
    return pools(get_balance(db, workspace_id))


def pools(balance: Balance) -> dict[str, int]:
    """Return both pools of a balance and their sum."""
    return {
        "plan_minutes": balance.plan_minutes,
        "extra_minutes": balance.extra_minutes,
        "total_minutes": balance.total_minutes,
    }
