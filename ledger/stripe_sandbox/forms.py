"""Form bodies as Stripe's library sends them: `items[0][price]=price_1` and the like."""

import re
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

from ledger.stripe_sandbox.answers import Json

PARTS = re.compile(r"\[([^\]]*)\]")


def decode(encoded: str) -> Json:
    """Return nested dictionaries and lists of text; each parameter's own type converts them later."""
    tree: Json = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        head, *path = [name.partition("[")[0], *PARTS.findall(name)]
        place(tree, [head, *path], value)
    return {name: with_lists(value) for name, value in tree.items()}


def place(tree: Json, path: list[str], value: str) -> None:
    """Store one value at the path in its name; `[]` appends."""
    for part, following in pairwise(path):
        inner = tree.setdefault(part, {})
        if not isinstance(inner, dict):
            inner = tree[part] = {}
        tree = inner
        if following == "":
            path = [*path[:-1], str(len(tree))]
    tree[path[-1]] = value


def with_lists(value: Any) -> Any:
    """Return the value with dictionaries keyed 0, 1, 2 ... turned into lists."""
    if not isinstance(value, dict):
        return value
    inner = {name: with_lists(each) for name, each in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
