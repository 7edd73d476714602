"""Kinds of statement that a cluster refuses, read from the statement by PostgreSQL's own parser.

Every table is spread, a reference or local, as `table_kinds` says. A statement is a query, a metric, a view, or a statement
inside a function; names that the statements of the product write out as templates are written out before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pglast import ast, parse_sql
from pglast.visitors import Visitor

CLOCKS = {"clock_timestamp", "random", "gen_random_uuid", "uuidv7", "timeofday", "nextval"}
CHANGEABLE = {"concat", "concat_ws", "format", "now", "to_char", "current_setting"}


@dataclass(frozen=True)
class Known:
    """What the rules know of the schema: tables and views by kind, and functions that read tables."""

    kinds: Mapping[str, str]
    """Name of a table -> spread, reference or local."""
    readers: frozenset[str]
    """Functions that read spread tables."""

    def kind_of(self, name: str) -> str | None:
        """Return the kind of a table or view, or None."""
        return self.kinds.get(name)


class Collected(Visitor):
    """Every node of one type, in order."""

    def __init__(self, wanted: type[ast.Node] | tuple[type[ast.Node], ...]) -> None:
        """Start with nothing."""
        super().__init__()
        self.wanted = wanted
        self.nodes: list[Any] = []

    def visit(self, _ancestors: object, node: ast.Node) -> None:
        """Note the node if it is wanted."""
        if isinstance(node, self.wanted):
            self.nodes.append(node)


def nodes(tree: Any, wanted: type[ast.Node] | tuple[type[ast.Node], ...]) -> list[Any]:
    """Return every node of a type below and at a node."""
    collected = Collected(wanted)
    for part in tree if isinstance(tree, tuple | list) else (tree,):
        if part is not None:
            collected(part)
    return collected.nodes


def name_of(call: ast.FuncCall) -> str:
    """Return the bare name of the function that is called."""
    return str(call.funcname[-1].sval)


def broken(script: str, known: Known, *, is_view: bool = False) -> Iterator[str]:
    """Yield the kind of each fault of a script, once."""
    seen: set[str] = set()
    for raw in parse_sql(script):
        for rule in RULES:
            kind = rule(raw.stmt, known)
            if kind and kind not in seen:
                seen.add(kind)
                yield kind
        if (
            is_view
            and nodes(raw.stmt, ast.CaseExpr)
            and (kind := simple_case(raw.stmt, known))
            and kind not in seen
        ):
            seen.add(kind)
            yield kind


def _aliases(statement: Any, known: Known) -> dict[str, str]:
    return {
        (table.alias.aliasname if table.alias else table.relname): known.kind_of(table.relname) or "unknown"
        for table in nodes(statement, ast.RangeVar)
    }


def _bare(reference: ast.ColumnRef) -> str | None:
    fields = reference.fields
    return fields[0].sval if len(fields) == 1 and isinstance(fields[0], ast.String) else None


def _subqueries(statement: Any) -> set[str]:
    return {sub.alias.aliasname for sub in nodes(statement, ast.RangeSubselect) if sub.alias}


def ordered_by_row(statement: Any, _: Known) -> str | None:
    """ORDER BY an alias of the FROM clause: rows of a subquery have no type on another machine."""
    for select in nodes(statement, ast.SelectStmt):
        rows = _subqueries(select.fromClause or ())
        for sort in select.sortClause or ():
            if isinstance(sort.node, ast.ColumnRef) and _bare(sort.node) in rows:
                return "ordering by a row"
    return None


def whole_row(statement: Any, known: Known) -> str | None:
    """A CHECK over the row of its table, or a row of a spread table as the argument of a function that reads tables."""
    for table in nodes(statement, ast.CreateStmt):
        for check in nodes(table, ast.Constraint):
            names = {_bare(reference) for reference in nodes(check.raw_expr, ast.ColumnRef)}
            if table.relation.relname in names:
                return "whole-row references"
    aliases = _aliases(statement, known)
    for call in nodes(statement, ast.FuncCall):
        given = {_bare(arg) for arg in call.args or () if isinstance(arg, ast.ColumnRef)}
        if name_of(call) in known.readers and any(aliases.get(str(name)) == "spread" for name in given):
            return "whole-row references"
    return None


def sql_function(statement: Any, known: Known) -> str | None:
    """LANGUAGE sql with arguments over spread tables: PostgreSQL writes it out, a cluster cannot."""
    for function in nodes(statement, ast.CreateFunctionStmt):
        options = {option.defname: option.arg for option in function.options or ()}
        inputs = [
            part
            for part in function.parameters or ()
            if part.mode not in (ord("t"), ord("o")) and str(part.mode.value) not in ("t", "o")
        ]
        if not inputs or "language" not in options or options["language"].sval.lower() != "sql":
            continue
        bodies = parse_sql(options["as"][0].sval) if "as" in options else [function.sql_body]
        tables = nodes([getattr(body, "stmt", body) for body in bodies], ast.RangeVar)
        if any(known.kind_of(table.relname) == "spread" for table in tables):
            return "SQL-language functions with arguments over spread tables"
    return None


def generic_plan(statement: Any, _: Known) -> str | None:
    """A forced generic plan: the shard follows from the value."""
    for setting in nodes(statement, ast.VariableSetStmt):
        if setting.name == "plan_cache_mode" and setting.args and "generic" in setting.args[0].val.sval:
            return "forced generic plans"
    return None


def _writes(statement: Any, known: Known) -> Iterator[Any]:
    for update in nodes(statement, ast.UpdateStmt):
        if known.kind_of(update.relation.relname) in ("spread", "reference"):
            yield from ((target, update) for target in update.targetList or ())
            if update.whereClause:
                yield update.whereClause, update


def volatile_update(statement: Any, known: Known) -> str | None:
    """A clock or a random number in an UPDATE: each copy of a row would get another."""
    for part, _ in _writes(statement, known):
        if any(name_of(call) in CLOCKS for call in nodes(part, ast.FuncCall)):
            return "volatile functions in UPDATE"
    return None


def stable_update(statement: Any, known: Known) -> str | None:
    """A function that depends on settings, within COALESCE or CASE of an UPDATE."""
    for part, _ in _writes(statement, known):
        for choice in nodes(part, (ast.CoalesceExpr, ast.CaseExpr)):
            if any(name_of(call) in CHANGEABLE for call in nodes(choice, ast.FuncCall)):
                return "stable functions in COALESCE or CASE of UPDATE"
    return None


def row_makers(statement: Any, known: Known) -> str | None:
    """A subquery about a spread table that depends on rows which a function makes."""
    for select in nodes(statement, ast.SelectStmt):
        made = {
            part.alias.aliasname
            for part in select.fromClause or ()
            for part in nodes(part, (ast.RangeFunction,))
            if part.alias
        }
        for inner in nodes([select.whereClause, *(select.targetList or ())], ast.SubLink):
            spread = any(known.kind_of(table.relname) == "spread" for table in nodes(inner, ast.RangeVar))
            if spread and any(_owner(reference) in made for reference in nodes(inner, ast.ColumnRef)):
                return "correlated subqueries with unnest"
        for outer in nodes(select.whereClause, ast.SubLink) if select.whereClause else ():
            functions = (
                nodes(outer.subselect.fromClause or (), ast.RangeFunction)
                if isinstance(outer.subselect, ast.SelectStmt)
                else []
            )
            if functions and any(known.kind_of(t.relname) == "spread" for t in nodes(outer, ast.RangeVar)):
                return "correlated subqueries with unnest"
    return None


def _owner(reference: ast.ColumnRef) -> str | None:
    return (
        reference.fields[0].sval
        if len(reference.fields) > 1 and isinstance(reference.fields[0], ast.String)
        else None
    )


def reads_per_row(statement: Any, known: Known) -> str | None:
    """A function that reads tables, called with a column of a spread table: it would run on a shard, which knows no others."""
    for select in nodes(statement, ast.SelectStmt):
        spread = {alias for alias, kind in _aliases(select, known).items() if kind == "spread"}
        for call in nodes(select, ast.FuncCall):
            inner = {
                id(reference)
                for query in nodes(call.args or (), ast.SubLink)
                for reference in nodes(query, ast.ColumnRef)
            }
            own = [
                reference for reference in nodes(call.args or (), ast.ColumnRef) if id(reference) not in inner
            ]
            if name_of(call) in known.readers and any(_owner(reference) in spread for reference in own):
                return "table-reading functions called per row"
    return None


def empty_select(statement: Any, _: Known) -> str | None:
    """SELECT without a column: what travels between machines needs one."""
    for select in nodes(statement, ast.SelectStmt):
        if not select.targetList and not select.valuesLists and not select.larg:
            return "empty select lists"
    return None


def simple_case(statement: Any, _: Known) -> str | None:
    """CASE x WHEN ...: over a subquery it arrives on a worker as x = true."""
    return "simple CASE" if any(case.arg for case in nodes(statement, ast.CaseExpr)) else None


def local_and_spread(statement: Any, known: Known) -> str | None:
    """A subquery about a local table that depends on a row of a spread one, or the other way round."""
    for select in nodes(statement, (ast.SelectStmt, ast.UpdateStmt, ast.DeleteStmt)):
        outer = {
            (table.alias.aliasname if table.alias else table.relname): known.kind_of(table.relname)
            for part in (getattr(select, "fromClause", None) or ())
            for table in nodes(part, ast.RangeVar)
        }
        relation = getattr(select, "relation", None)
        if relation is not None:
            outer[relation.alias.aliasname if relation.alias else relation.relname] = known.kind_of(
                relation.relname
            )
        for inner in nodes(getattr(select, "whereClause", None), ast.SubLink):
            kinds = {known.kind_of(table.relname) for table in nodes(inner, ast.RangeVar)}
            for reference in nodes(inner, ast.ColumnRef):
                kind = outer.get(str(_owner(reference)))
                mixed = {kind} | kinds
                if kind and "local" in mixed and mixed & {"spread", "reference"} and kind not in kinds:
                    return "local x spread joins"
    return None


RULES = (
    ordered_by_row,
    whole_row,
    sql_function,
    generic_plan,
    volatile_update,
    stable_update,
    row_makers,
    reads_per_row,
    empty_select,
    local_and_spread,
)
