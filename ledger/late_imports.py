"""Names of a room that are imported on first use, because what they bring along takes a second to import."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def importer(room: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a room; it raises AttributeError. `modules`: each name with its module."""

    def attribute(name: str) -> Any:
        if name in modules:
            return getattr(import_module(modules[name]), name)
        raise AttributeError(f"module {room!r} has no attribute {name!r}")

    return attribute
