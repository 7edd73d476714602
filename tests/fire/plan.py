"""What happens in one round, decided by its seed alone: the calls of every client, and the faults between them."""

import random
from dataclasses import dataclass, field
from typing import Any

from ledger.stripe_sandbox.faults import FAULTS as STRIPE_FAULTS

CLIENTS = 5
OVER_HTTP = (3, 4)
"""Clients that call the HTTP interface; the others call the ledger in their own process."""
CALLS = 12
WORKSPACES = 3
FAULTS_OF_A_ROUND = (2, 4)
TOP_UP_CARDS = ("pm_card_visa", "pm_card_chargeCustomerFail", None)
"""The saved card of each workspace that buys by itself; None: the last workspace does not."""
TOP_UP_LIMIT_CENTS = 2_500
CARDS = ("pm_card_visa", "pm_card_visa", "pm_card_chargeDeclined")
PACKAGES = ("small", "medium")
CALL_WEIGHTS = {
    "use": 8,
    "full_use": 2,
    "batch": 3,
    "grant": 2,
    "plan": 1,
    "reset": 1,
    "purchase": 2,
    "refund": 1,
    "void": 1,
}
FAULTS = (
    *("database_killed",) * 3,
    *("connections_cut",) * 4,
    *("client_killed",) * 3,
    *("worker_killed",) * 2,
    *("api_killed",) * 3,
    *("disk_full",) * 2,
    "client_delayed",
    "api_delayed",
    "database_delayed",
    "workspace_locked",
    "clock_ahead",
    "clock_behind",
    *(f"stripe_{name}" for name in STRIPE_FAULTS),
)


@dataclass(frozen=True)
class Call:
    """One call of one client; a repeat has the same key and the same arguments."""

    key: str
    kind: str
    workspace_id: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedFault:
    """A fault that strikes when this share of all calls has been answered."""

    after_share: float
    name: str
    target: int


@dataclass(frozen=True)
class Round:
    """Everything that one seed decides."""

    seed: int
    workspaces: tuple[str, ...]
    calls: tuple[tuple[Call, ...], ...]
    faults: tuple[PlannedFault, ...]


def round_of(seed: int) -> Round:
    """Return the round of a seed, always the same."""
    dice = random.Random(seed)
    workspaces = tuple(f"fire-{seed}-{number}" for number in range(WORKSPACES))
    calls = tuple(
        tuple(_call(dice, f"{seed}-{client}-{number}", workspaces) for number in range(CALLS))
        for client in range(CLIENTS)
    )
    shares = sorted(dice.uniform(0.1, 0.9) for _ in range(dice.randint(*FAULTS_OF_A_ROUND)))
    faults = tuple(PlannedFault(share, dice.choice(FAULTS), dice.randrange(CLIENTS)) for share in shares)
    return Round(seed, workspaces, calls, faults)


def _call(dice: random.Random, key: str, workspaces: tuple[str, ...]) -> Call:
    (kind,) = dice.choices(list(CALL_WEIGHTS), list(CALL_WEIGHTS.values()))
    arguments: dict[str, Any] = {
        "use": lambda: {"minutes": dice.randint(1, 40)},
        "full_use": lambda: {"minutes": dice.randint(1, 60)},
        "batch": lambda: {
            "uses": [(dice.choice(workspaces), dice.randint(1, 30)) for _ in range(dice.randint(2, 12))]
        },
        "grant": lambda: {"minutes": dice.randint(1, 60)},
        "plan": lambda: {"plan": dice.choice(("starter", "pro")), "cycle": "monthly"},
        "reset": lambda: {"months": dice.randint(0, 1)},
        "purchase": lambda: {"package": dice.choice(PACKAGES), "card": dice.choice(CARDS)},
        "refund": lambda: {"cents": dice.randint(1, 999)},
        "void": lambda: {"minutes": dice.randint(1, 5)},
    }[kind]()
    return Call(key, kind, dice.choice(workspaces), arguments)
