"""Sign-ups: each customer's plan, usage and habits, drawn from the seed before the history begins."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np

from ledger.demo.identity import address, company_name, workspace_id
from ledger.demo.seasonality import moment, next_reset

GROWTH = 2.2
"""Sign-ups a day at the end, as a multiple of those at the beginning."""
CALLS_A_DAY, CALLS_SPREAD = 0.9, 0.95
"""Mean calls per day and customer, and their spread over customers (standard deviation of the logarithm)."""
MINUTES_A_CALL, MINUTES_SPREAD = 15.0, 0.35
"""Mean call length of a customer, in minutes, and its spread over customers."""
LARGER_PLAN_FROM = 300
"""Minutes per month above which most customers choose the larger plan."""


@dataclass(slots=True, kw_only=True)
class Customer:
    """One workspace: its traits and its history. Rates are per average day."""

    number: int
    """Position among all customers, in sign-up order."""
    place: int
    """Position within its shard."""
    workspace_id: str
    name: str
    owner_email: str
    signs_up_at: datetime
    plan: str
    billing_cycle: str
    calls_a_day: float
    minutes_a_call: float
    growth_a_month: float

    active: bool = False
    allocated_at: datetime | None = None
    next_reset: datetime | None = None
    latest_at: datetime = field(init=False)
    blocked_at: datetime | None = None
    warned: bool = False
    hits: int = 0
    bought: bool = False

    def __post_init__(self) -> None:
        """Set the last booking to the sign-up."""
        self.latest_at = self.signs_up_at

    @property
    def minutes_a_day(self) -> float:
        """Return the unconstrained usage."""
        return self.calls_a_day * self.minutes_a_call

    def start_plan(self, plan: str, billing_cycle: str, at: datetime) -> None:
        """Record an allocation, which sets a new anchor and credit."""
        self.active, self.plan, self.billing_cycle, self.allocated_at = True, plan, billing_cycle, at
        self.next_reset = next_reset(at, at) if billing_cycle == "monthly" else None
        self.record_credit()

    def leaves(self) -> None:
        """Record a cancellation."""
        self.active, self.next_reset = False, None

    def record_credit(self) -> None:
        """Record a credit, which opens a new epoch."""
        self.blocked_at, self.warned = None, False

    def record_resets_until(self, at: datetime) -> None:
        """Record the monthly resets that the ledger books up to `at`."""
        while self.allocated_at and self.next_reset and self.next_reset <= at:
            self.next_reset = next_reset(self.allocated_at, self.next_reset)
            self.record_credit()

    def next_moment(self, at: datetime) -> datetime:
        """Return `at`, or a later time after the last booking."""
        self.latest_at = max(at, self.latest_at + timedelta(seconds=20))
        return self.latest_at


def draw_customers(workspaces: int, shards: int, first: date, until: date, seed: int) -> list[Customer]:
    """Draw the customers who sign up in [first, until), in sign-up order, spread over `shards`."""
    rng = np.random.default_rng(seed)
    days = (until - first).days
    weights = np.exp(np.log(GROWTH) * np.arange(days) / days)
    weights *= [0.45 if (first + timedelta(days=day)).weekday() >= 5 else 1.0 for day in range(days)]
    drawn = np.sort(rng.choice(days, size=workspaces, p=weights / weights.sum()))
    moments = sorted(moment(first + timedelta(days=int(day)), rng) for day in drawn)
    taken: set[str] = set()
    return [_draw(number, number // shards, at, rng, taken) for number, at in enumerate(moments)]


def _draw(number: int, place: int, at: datetime, rng: np.random.Generator, taken: set[str]) -> Customer:
    while (identity := workspace_id(rng)) in taken:
        continue
    taken.add(identity)
    name = company_name(rng)
    calls = _spread(CALLS_A_DAY, CALLS_SPREAD, rng)
    length = _spread(MINUTES_A_CALL, MINUTES_SPREAD, rng)
    larger = 1 / (1 + (LARGER_PLAN_FROM / (calls * length * 30.4)) ** 1.4)
    plan = "pro" if rng.random() < larger else "starter"
    annual = rng.random() < (0.2 if plan == "pro" else 0.11)
    return Customer(
        number=number,
        place=place,
        workspace_id=identity,
        name=name,
        owner_email=address(name, rng),
        signs_up_at=at,
        plan=plan,
        billing_cycle="annual" if annual else "monthly",
        calls_a_day=calls,
        minutes_a_call=length,
        growth_a_month=float(rng.normal(0.01, 0.04)),
    )


def _spread(mean: float, spread: float, rng: np.random.Generator) -> float:
    """Draw from a lognormal distribution with this mean: many small values, a few very large ones."""
    return float(rng.lognormal(np.log(mean) - spread**2 / 2, spread))
