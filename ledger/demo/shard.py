"""One shard of a demo company; no customer's history depends on another's, so all shards are made at the same time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zlib import crc32

import numpy as np
from sqlalchemy import Engine

from ledger.demo.customers import Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Customers in the order of signing up, and the days [first, until) in which they do."""

    engine: Engine
    number: int
    customers: Sequence[Customer]
    first: date
    until: date
    seed: int

    def rng(self, what: str, *which: int) -> np.random.Generator:
        """Return the random generator of one purpose of this shard: always the same numbers."""
        return np.random.default_rng([self.seed, crc32(what.encode()), self.number, *which])

    def rng_of(self, customer: Customer, what: str, *which: int) -> np.random.Generator:
        """Return the random generator of one decision of a customer."""
        return self.rng(what, customer.number, *which)
