"""Hold-outs and price tests: who is in which arm."""

from ledger.experiments.holdouts import CONTROL, running_arms

__all__ = ["CONTROL", "running_arms"]
