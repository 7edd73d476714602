"""One shard of a demo company. Customers are independent, so shards are built in parallel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zlib import crc32

import numpy as np
from sqlalchemy import Engine

from ledger.demo.customers import Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Customers in sign-up order, and the days [first, until) of their sign-ups."""

    engine: Engine
    number: int
    customers: Sequence[Customer]
    first: date
    until: date
    seed: int

    def rng(self, what: str, *which: int) -> np.random.Generator:
        """Return this shard's reproducible random generator for one purpose."""
        return np.random.default_rng([self.seed, crc32(what.encode()), self.number, *which])

    def rng_of(self, customer: Customer, what: str, *which: int) -> np.random.Generator:
        """Return the random generator for one decision of a customer."""
        return self.rng(what, customer.number, *which)
