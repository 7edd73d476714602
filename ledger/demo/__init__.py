"""A believable company, made through the real functions of the ledger; the same arguments make the same data."""

from ledger.demo.company import AnotherDemo, Demo, build, present_demo

__all__ = ["AnotherDemo", "Demo", "build", "present_demo"]
