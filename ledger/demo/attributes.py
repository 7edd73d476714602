"""Customer attributes of the demo company: country and acquisition channel."""

import numpy as np

from ledger.demo.customers import Customer

COUNTRIES = {"DE": 0.30, "US": 0.24, "GB": 0.16, "FR": 0.12, "ES": 0.10, "JP": 0.08}
"""Share of customers in each country."""
UNKNOWN_COUNTRY = 0.04
"""Share of customers without a country."""
FROM_SALES_ON_LARGER_PLAN, FROM_PARTNERS = 0.35, 0.20
"""Share of the larger plan's customers acquired by sales; share of all others acquired by partners."""


def draw_attributes(customer: Customer, rng: np.random.Generator) -> dict[str, str]:
    """Draw a customer's country and channel, after its plan."""
    drawn = {"channel": _channel(customer.plan, rng)}
    if rng.random() >= UNKNOWN_COUNTRY:
        drawn["country"] = str(rng.choice(list(COUNTRIES), p=list(COUNTRIES.values())))
    return drawn


def _channel(plan: str, rng: np.random.Generator) -> str:
    luck = rng.random()
    if plan == "pro" and luck < FROM_SALES_ON_LARGER_PLAN:
        return "Sales"
    return "Partner" if rng.random() < FROM_PARTNERS else "Self-serve"
