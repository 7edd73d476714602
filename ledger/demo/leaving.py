"""Who gives up a plan, and when: hazards that an analysis of retention should find again."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from ledger.demo import truth
from ledger.demo.customers import CALLS_A_DAY, CALLS_SPREAD, Customer

MEDIAN_CALLS = CALLS_A_DAY / float(np.exp(CALLS_SPREAD**2 / 2))


def leavers(day: date, customers: Sequence[Customer], seed: int) -> list[Customer]:
    """Draw who cancels on a day."""
    rng = np.random.default_rng([seed, 5, day.toordinal()])
    chances = 1 - np.exp(-np.array([hazard(customer) for customer in customers]) / 30.4)
    return [customers[i] for i in np.flatnonzero(rng.random(len(customers)) < chances)]


def hazard(customer: Customer) -> float:
    """Cancellations a month that one customer would make, if it could again and again."""
    leaving = truth.LEAVES_A_MONTH * (customer.calls_a_day / MEDIAN_CALLS) ** truth.LEAVING_BY_USE
    if customer.hits:
        leaving *= truth.LEAVING_AFTER_LIMIT
    if customer.bought:
        leaving *= truth.LEAVING_AFTER_BUYING
    if customer.billing_cycle == "annual":
        leaving *= truth.LEAVING_OF_ANNUAL
    return float(leaving)
