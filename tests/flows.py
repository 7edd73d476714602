"""Reads the floors and flows of `docs/architecture.md`, and whether one step of a flow really leads to the next."""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.house import CHECKOUT, imported_modules, imported_names, text_of, tree_of

DOCUMENT = Path("docs/architecture.md")
SQL_COMMENT = re.compile(r"--[^\n]*")
BLOCKS = {
    "queries": r"^-- name: {name}\n.*?(?=^-- name: |\Z)",
    "functions": r"^CREATE OR REPLACE FUNCTION {name}\(.*\Z",
    "migrations": r"^CREATE TABLE {name} \(.*?^\)",
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One row of a flow: what it names, and the steps (or the request, or the worker) that lead to it."""

    number: int
    after: tuple[str, ...]
    path: Path
    name: str

    @property
    def text(self) -> str:
        """The source of what the step names, empty when the file does not define it; SQL without comments."""
        if not (CHECKOUT / self.path).is_file():
            return ""
        if self.path.suffix == ".py":
            return ast.unparse(node) if (node := definition(self.path, self.name)) else ""
        block = BLOCKS[self.path.parent.name if self.is_flat else self.path.parent.parent.name]
        result = re.search(block.format(name=self.name), text_of(self.path), re.DOTALL | re.MULTILINE)
        return SQL_COMMENT.sub("", result[0]) if result else ""

    @property
    def is_flat(self) -> bool:
        """Whether an SQL file lies in its folder itself, not under a noun."""
        return self.path.parent.name in BLOCKS

    @property
    def is_data(self) -> bool:
        """Whether the step is data: a constant or a table, which the step after it may name."""
        if self.path.suffix == ".py":
            return isinstance(definition(self.path, self.name), ast.Assign | ast.AnnAssign)
        return self.path.parent.name == "migrations"


@cache
def rooms(house: str) -> list[tuple[int, str]]:
    """Return the rooms that the page lists for a house, each with its floor."""
    section = text_of(DOCUMENT).split(f"### `{house}/`\n")[1].split("\n#")[0]
    return [
        (int(floor), room) for floor, room in re.findall(r"^\| (\d+) \| `(\w+)` \|", section, re.MULTILINE)
    ]


@cache
def steps(flow: str) -> dict[str, Step]:
    """Return the steps of a flow by their number."""
    section = text_of(DOCUMENT).split(f"## {flow}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \| `([^`]+)` \| `([^`]+)` \|", section, re.MULTILINE)
    return {
        number: Step(number=int(number), after=tuple(after.split(", ")), path=Path(path), name=name)
        for number, after, path, name in rows
    }


def definition(path: Path, name: str) -> ast.stmt | None:
    """Return the function, class, method (`Class.method`) or constant of a module; None when it has none."""
    body: list[ast.stmt] = tree_of(path).body
    *owners, last = name.split(".")
    for owner in owners:
        body = next((n.body for n in body if isinstance(n, ast.ClassDef) and n.name == owner), [])
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        if last in names | {getattr(node, "name", None)}:
            return node
    return None


def leads(step: Step, following: Step) -> bool:
    """Return whether a step names the one that follows, is data that the other names, or decorates it."""
    named_by_it = step.is_data or called(step.name) in decorators(following)
    return names(step, following) or (named_by_it and names(following, step))


def names(step: Step, other: Step) -> bool:
    """Return whether the source of a step calls, queries or reads what the other names."""
    if step.path.suffix == ".py" and other.path.suffix == ".py":
        return called(other.name) in identifiers(step) and reaches(step.path, other.path)
    if step.path.suffix == ".py":
        is_query = other.path.parent.name == "queries"
        return other.name in (named(step, "query", 0) if is_query else named(step, "call", 1))
    if other.path.suffix == ".py":
        return False
    is_table = other.path.parent.name == "migrations"
    used = rf"\b(?:INTO|UPDATE|FROM|JOIN) {other.name}\b" if is_table else rf"\b{other.name}\("
    body = step.text.partition("\n")[2] if step.name == other.name else step.text
    return re.search(used, body) is not None


def called(name: str) -> str:
    """Return what a caller writes: of a method its own name."""
    return name.rpartition(".")[2]


def identifiers(step: Step) -> set[str]:
    """Return every name and attribute in the source of a step."""
    node = definition(step.path, step.name)
    result = ast.walk(node) if node else ()
    return {part.id if isinstance(part, ast.Name) else part.attr for part in result if is_name(part)}


def decorators(step: Step) -> set[str]:
    """Return the names in the decorators of a function."""
    node = definition(step.path, step.name) if step.path.suffix == ".py" else None
    result = [part for decorator in getattr(node, "decorator_list", ()) for part in ast.walk(decorator)]
    return {part.id for part in result if isinstance(part, ast.Name)}


def is_name(node: ast.AST) -> bool:
    """Return whether a node is a name or an attribute."""
    return isinstance(node, ast.Name | ast.Attribute)


def named(step: Step, reader: str, position: int) -> set[str]:
    """Return the names that the source of a step passes to `query` or `call`, at that position."""
    node = definition(step.path, step.name)
    return {
        part.args[position].value
        for part in (ast.walk(node) if node else ())
        if isinstance(part, ast.Call)
        and getattr(part.func, "id", "") == reader
        and isinstance(part.args[position], ast.Constant)
    }


def reaches(path: Path, other: Path) -> bool:
    """Return whether a file imports another, is it, or imports a package whose face passes it on."""
    if path == other:
        return True
    wanted = module_of(other)
    seen: set[str] = set()
    faces = imported_names(path)
    while faces:
        if wanted in faces:
            return True
        seen |= faces
        faces = {name for face in faces for name in passed_on(face)} - seen
    return False


def passed_on(module: str) -> set[str]:
    """Return what the face of a package imports, and the bases of the classes that it shows."""
    package = CHECKOUT / module.replace(".", "/") / "__init__.py"
    if not package.exists():
        return set()
    inside = imported_modules(package.relative_to(CHECKOUT))
    return inside | {base for name in inside for base in bases(name)}


def bases(module: str) -> set[str]:
    """Return the modules from which the classes of a module inherit."""
    path = Path(module.replace(".", "/")).with_suffix(".py")
    if not (CHECKOUT / path).exists():
        return set()
    classes = [node for node in tree_of(path).body if isinstance(node, ast.ClassDef)]
    inherited = {base.id for each in classes for base in each.bases if isinstance(base, ast.Name)}
    return {
        node.module
        for node in tree_of(path).body
        if isinstance(node, ast.ImportFrom) and node.module and inherited & {a.name for a in node.names}
    }


def module_of(path: Path) -> str:
    """Return the import name of a file."""
    return ".".join(path.with_suffix("").parts)
