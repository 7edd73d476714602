"""Churn: cancellation hazards that a retention analysis should recover."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from ledger.demo import parameters
from ledger.demo.customers import CALLS_A_DAY, CALLS_SPREAD, Customer
from ledger.demo.shard import Shard

MEDIAN_CALLS = CALLS_A_DAY / float(np.exp(CALLS_SPREAD**2 / 2))
DAYS_A_MONTH = 30.4


def leavers(shard: Shard, day: date, customers: Sequence[Customer]) -> list[Customer]:
    """Draw the customers who cancel on a day."""
    hazards = np.array([hazard(customer) for customer in customers]) / DAYS_A_MONTH
    leaves = shard.rng("leaving", day.toordinal()).random(len(customers)) < 1 - np.exp(-hazards)
    return [customer for customer, is_leaving in zip(customers, leaves, strict=True) if is_leaving]


def hazard(customer: Customer) -> float:
    """Return a customer's monthly cancellation rate."""
    leaving = parameters.LEAVES_A_MONTH * (customer.calls_a_day / MEDIAN_CALLS) ** parameters.LEAVING_BY_USE
    if customer.hits:
        leaving *= parameters.LEAVING_AFTER_LIMIT
    if customer.bought:
        leaving *= parameters.LEAVING_AFTER_BUYING
    if customer.billing_cycle == "annual":
        leaving *= parameters.LEAVING_OF_ANNUAL
    return float(leaving)
