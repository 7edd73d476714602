"""Hold-outs and price tests: who is in which arm."""

from ledger.experiments.holdouts import HELD, running_arms

__all__ = ["HELD", "running_arms"]
