"""The runbook names every alert that the product raises, once, with what happened and what to do."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from dashboard.screens.payment_alerts import RUNBOOK
from tests.house import CHECKOUT, nodes_of, sources, text_of

ROW = re.compile(r"^\| `(\w+)` \| (.+) \| (.+) \|$", re.MULTILINE)
CONSTRAINT = r"CONSTRAINT {}_kind CHECK \(kind IN \(([^)]+)\)\)"


def section(title: str) -> list[tuple[str, str, str]]:
    """Return the rows of a section of the runbook."""
    text = (CHECKOUT / RUNBOOK).read_text()
    return ROW.findall(text.partition(f"## {title}\n")[2].partition("\n## ")[0])


def words_of(value: ast.AST) -> set[str]:
    """Return the texts that an expression may be; of several names at once, that of the first."""
    if isinstance(value, ast.Constant):
        return {value.value} if isinstance(value.value, str) else set()
    if isinstance(value, ast.IfExp):
        return words_of(value.body) | words_of(value.orelse)
    return words_of(value.elts[0]) if isinstance(value, ast.Tuple) else set()


def assigned(name: str, path: Path) -> set[str]:
    """Return the texts that a name has in a file."""
    words = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Assign):
            first = node.targets[0].elts[0] if isinstance(node.targets[0], ast.Tuple) else node.targets[0]
            words |= words_of(node.value) if isinstance(first, ast.Name) and first.id == name else set()
    return words


def kinds_in(path: Path) -> set[str]:
    """Return the kinds of the alerts that a file opens. Fail where a kind cannot be read from the source."""
    kinds: set[str] = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "raise_alert":
            kind = node.args[1]
            imported = [other for other in sources("ledger/payments") if isinstance(kind, ast.Name)]
            words = words_of(kind) or assigned(kind.id, path)
            words = words or set().union(*(assigned(kind.id, other) for other in imported))
            assert words, f"{path}:{node.lineno}"
            kinds |= words
    return kinds


def allowed(table: str) -> set[str]:
    """Return the kinds that the constraint of a table allows."""
    texts = (text_of(path) for path in sources("ledger/sql/migrations", suffix="sql"))
    (kinds,) = (match[1] for text in texts if (match := re.search(CONSTRAINT.format(table), text)))
    return set(re.findall(r"'(\w+)'", kinds))


def test_every_payment_alert_that_the_source_opens_has_its_row_and_no_other() -> None:
    opened = set().union(*(kinds_in(path) for path in sources("ledger")))

    assert {"dispute", "inquiry", "fraud_warning", "quarantined", "drift"} < opened
    assert Counter(kind for kind, _, _ in section("Payment alerts")) == Counter(opened)


@pytest.mark.parametrize(
    ("title", "table"),
    [("Usage alerts", "usage_alerts"), ("Subscriptions to alerts", "alert_subscriptions")],
)
def test_every_kind_that_the_database_allows_has_its_row_and_no_other(title: str, table: str) -> None:
    assert Counter(kind for kind, _, _ in section(title)) == Counter(allowed(table))


def test_each_row_says_what_happened_and_what_to_do() -> None:
    for title in ("Payment alerts", "Usage alerts", "Subscriptions to alerts"):
        for kind, happened, action in section(title):
            assert min(len(happened.split()), len(action.split())) >= 3, kind
