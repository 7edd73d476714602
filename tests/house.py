"""Reads the house's source files for the tests of its rules."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
ONE_NOUN = {
    "ledger/demo",
    "ledger/estimates",
    "ledger/metrics",
    "ledger/pricing",
    "ledger/stripe_gateway",
    "ledger/stripe_sandbox",
    "ledger/transfer",
    "dashboard/actions",
    "dashboard/api",
    "dashboard/screens/pricing",
    "dashboard/screens/workspace",
}
ROOMS = ("ledger", "dashboard", "pages", "tests")

SQL_STATEMENT = re.compile(
    r"\s*(SELECT\b.+\bFROM\b|SELECT\s+[\w.]+\s*\(|INSERT\s+INTO\b|UPDATE\s+\w+\s+SET\b|DELETE\s+FROM\b"
    r"|WITH\s+\w+\s+AS\s*\(|(CREATE|ALTER|DROP)\s+(TABLE|INDEX|VIEW|ROLE|DATABASE|FUNCTION|SCHEMA)\b"
    r"|TRUNCATE\s+\w+|COPY\s+\w+.*\bFROM\b|REFRESH\s+MATERIALIZED)",
    re.IGNORECASE | re.DOTALL,
)
SQL_FUNCTION = re.compile(
    r"CREATE (?:OR REPLACE )?FUNCTION\s+(\w+).*?\$(\w*)\$.*?\$\2\$.*?;", re.DOTALL | re.IGNORECASE
)
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
}


def sources(*rooms: str, suffix: str = "py") -> list[Path]:
    """List the files of rooms, as paths inside the checkout."""
    result = (path for room in rooms for path in (CHECKOUT / room).rglob(f"*.{suffix}"))
    return sorted(path.relative_to(CHECKOUT) for path in result)


@cache
def text_of(path: Path) -> str:
    """Return the text of a file of the checkout."""
    return (CHECKOUT / path).read_text()


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the parsed source of a file of the checkout."""
    return ast.parse(text_of(path))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of the source of a file: most rules walk all files, and one walk does for all rules."""
    return tuple(ast.walk(tree_of(path)))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Return each function's place and its length in lines, decorators left out."""
    for node in nodes_of(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            yield f"{path}:{node.name}", node.end_lineno - node.lineno + 1


def sql_functions(path: Path) -> Iterator[tuple[str, int]]:
    """Return each SQL function's place and its length in lines."""
    for definition in SQL_FUNCTION.finditer(text_of(path)):
        yield f"{path}:{definition[1]}", definition[0].count("\n") + 1


@cache
def imported_modules(path: Path) -> frozenset[str]:
    """Return every module that a file imports, relative imports resolved."""
    modules: set[str] = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(path.parts[: len(path.parts) - node.level]) if node.level else ""
            modules.add(".".join(part for part in (base, node.module) if part))
    return frozenset(modules)


def imports_any(path: Path, names: set[str]) -> set[str]:
    """Return those of the packages that a file imports, whole or in part."""
    return {
        name for name in names for module in imported_modules(path) if f"{module}.".startswith(f"{name}.")
    }


def sql_in_strings(path: Path) -> Iterator[str]:
    """Return the places of strings that look like SQL statements; docstrings are prose."""
    prose = {
        id(node.body[0].value)
        for node in nodes_of(path)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in nodes_of(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            one_case = node.value.strip()[:2].isupper() or node.value.strip()[:2].islower()
            if one_case and SQL_STATEMENT.match(node.value):
                yield f"{path}:{node.lineno}"


def clock_reads(path: Path) -> Iterator[str]:
    """Return the places where a file asks what time it is."""
    for node in nodes_of(path):
        reads: set[tuple[str, str]] = set()
        if isinstance(node, ast.Attribute):
            owner = (
                node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            )
            reads = {(owner, node.attr)}
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            reads = {("time", alias.name) for alias in node.names}
        if reads & CLOCKS:
            yield f"{path}:{node.lineno}"


def clicks_of_who_looked(path: Path) -> Iterator[str]:
    """Return the places of callbacks that are handed the person for whom the page was drawn."""
    for node in nodes_of(path):
        if isinstance(node, ast.Call):
            handed = {word.arg: word.value for word in node.keywords}
            given = [handed[name] for name in ("args", "kwargs") if name in handed]
            names = {part.id for value in given for part in ast.walk(value) if isinstance(part, ast.Name)}
            if handed.keys() & {"on_click", "on_change", "on_submit"} and names & {"operator", "staff"}:
                yield f"{path}:{node.lineno}"


def has_mirror(path: Path) -> bool:
    """Return whether a module has tests of its own.

    By name: `test_uses.py`, or `test_uses_in_batches.py` beside it, in the same room of `tests`. A room that is one
    noun, such as `stripe_sandbox`, is tested as a whole. The parts of a screen may be tested through their page. Or a
    test calls the module by its import.
    """
    floor, *room, noun = path.with_suffix("").parts
    if "/".join((floor, *room)) in ONE_NOUN:
        return any(CHECKOUT.joinpath("tests", floor, *room).glob("test_*.py"))
    rooms = [CHECKOUT.joinpath("tests", floor, *room), CHECKOUT / "tests" / "pages"]
    by_name = any(any(each.glob(f"test_{noun}.py")) or any(each.glob(f"test_{noun}_*.py")) for each in rooms)
    return by_name or ".".join(path.with_suffix("").parts) in imported_by_tests()


def public_classes(path: Path) -> set[str]:
    """Return the public classes that a module defines."""
    return {
        node.name for node in tree_of(path).body if isinstance(node, ast.ClassDef) and node.name[0] != "_"
    }


def imports_past_rooms(path: Path) -> list[str]:
    """Return the modules inside the ledger's rooms that a file imports from, past the room's own face."""
    return sorted(
        module for module in imported_modules(path) if module.startswith("ledger.") and module.count(".") > 1
    )


def room_of(path: Path) -> str:
    """Return the room of a file, or its own name where it stands beside the rooms."""
    return path.with_suffix("").parts[1]


def rooms_used(path: Path, house: str) -> set[str]:
    """Return the other rooms of a house that a file imports from."""
    names = {module.split(".")[1] for module in imported_names(path) if module.startswith(f"{house}.")}
    there = {
        name
        for name in names
        if (CHECKOUT / house / name).is_dir() or (CHECKOUT / house / f"{name}.py").exists()
    }
    return there - {room_of(path)}


@cache
def imported_by_tests() -> frozenset[str]:
    """Return the modules that the tests import."""
    tests = [path for path in sources("tests") if path.name.startswith("test_")]
    return frozenset(module for path in tests for module in imported_names(path))


@cache
def imported_names(path: Path) -> frozenset[str]:
    """Return every module that a file imports, also as `from package import module`."""
    result = set(imported_modules(path))
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            result |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(result)
