"""A realistic demo company, created through the real ledger functions. The same arguments create the same data."""

from ledger.demo.company import AnotherDemo, Demo, build, present_demo

__all__ = ["AnotherDemo", "Demo", "build", "present_demo"]
