"""Plays actions of staff one after the other, and reads the audit lines that each has left."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import ledger
from dashboard.access import Operator
from dashboard.actions.acting import CHECKED
from ledger.desk import audit
from tests.shop import Shop

SAM = Operator("sam@example.com", "Sam", "support", "oidc")
ADA = Operator("ada@example.com", "Ada", "admin", "oidc")
BEN = Operator("ben@example.com", "Ben", "admin", "oidc")
VIC = Operator("vic@example.com", "Vic", "viewer", "oidc")


class _Anything:
    """Equal to whatever it is compared with."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return True


ANY = _Anything()


@dataclass
class Desk:
    """Acts as members of staff in a shop."""

    shop: Shop
    played: set[str] = field(default_factory=set)
    secrets: list[str] = field(default_factory=list)

    def lines(self) -> list[audit.Line]:
        """Return every line, oldest first."""
        with ledger.reading(self.shop.engine) as db:
            return audit.list_lines(db, limit=1000)[::-1]

    def plays(
        self, who: Operator, name: str, /, *args: Any, line: str, again: bool = True, **kwargs: Any
    ) -> Any:
        """Play an action twice: the first time it leaves one line of this kind, the second time none."""
        self.played.add(name)
        action: Callable[..., Any] = CHECKED[name]
        before = len(self.lines())
        done = action(who, *args, **kwargs)
        after = self.lines()[before:]
        assert [(each.action, each.actor, each.role) for each in after] == [(line, who.actor, who.role)], name
        if again:
            action(who, *args, **kwargs)
        assert len(self.lines()) == before + 1, name
        if details := getattr(done, "details", None):
            self.secrets += [details["secret"]] if "secret" in details else []
        return done

    def last(self) -> audit.Line:
        """Return the newest line."""
        return self.lines()[-1]

    def has_written_no_secret(self, *, shown: int) -> None:
        """Assert that no line holds one of the secrets that were shown, or that the database holds."""
        assert len(self.secrets) == shown
        stored = self.shop.rows(
            "SELECT secret AS text FROM webhook_endpoints UNION SELECT previous_secret FROM webhook_endpoints "
            "UNION SELECT secret FROM alert_subscriptions UNION SELECT secret_hash::text FROM api_keys"
        )
        log = json.dumps([vars(line) for line in self.lines()], default=str)
        secrets = {*self.secrets, *(row["text"] for row in stored if row["text"])}
        assert [each for each in secrets if each in log or each.rpartition("_")[2] in log] == []


def says(
    line: audit.Line,
    *,
    minutes: int | None = None,
    amount_cents: int | None = None,
    sides: tuple[Any, Any] = ({}, {}),
    reason: str = "",
    workspace_id: str | None = "acme",
) -> None:
    """Assert everything that a line says."""
    assert (line.minutes, line.amount_cents, line.reason, line.workspace_id) == (
        minutes,
        amount_cents,
        reason,
        workspace_id,
    )
    assert (dict(line.before), dict(line.after)) == sides
