"""The statements that are left until every table lives where the registry says, in the order of their keys."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from psycopg import sql

from ledger.database import query, scripts
from ledger.errors import LedgerError
from ledger.roles import ROLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

ROOT = "workspaces"
"""The table whose shards all others of kind `workspace` live beside."""
DELEGATED = ("record_use",)
"""Functions that read and write one workspace, named by their first argument: its worker runs them as a whole."""
DELEGATED_BY = "p_workspace_id"
OLDEST = {16: (13, 2), 17: (13, 2), 18: (14, 0)}
"""The oldest version of the extension that this schema was tried on, for each PostgreSQL that it runs on."""
_BIND = re.compile(r"(?<!:):([a-z_]+)")
_NAME = re.compile(r"{([a-z_]+)}")


class ClusterNotReady(LedgerError):
    """The cluster is not ready."""

    code = "cluster_not_ready"


@dataclass(frozen=True)
class ClusterStep:
    """One statement, by the name of its query, and its values."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sql(self) -> str:
        """Return the statement as it is run and as a dry run prints it: values and {names} in place."""
        script = _NAME.sub(lambda name: str(self.values[name[1]]), scripts()[self.name])
        return _BIND.sub(lambda bind: sql.Literal(self.values[bind[1]]).as_string(), script)

    @property
    def about(self) -> str:
        """Return what the statement changes."""
        return str(next(iter(self.values.values()), self.name))


@dataclass(frozen=True)
class RegisteredTable:
    """One table of the registry, and the tables that its foreign keys name."""

    table_name: str
    kind: str
    key_column: str
    needs: frozenset[str]


def require_extension(db: Connection) -> None:
    """Raise ClusterNotReady in one line unless the extension is here, and new enough for this PostgreSQL."""
    server = db.execute(query("cluster_server")).one()
    needed = OLDEST.get(server.server)
    if needed is None:
        raise ClusterNotReady(
            f"PostgreSQL {server.server} cannot be a coordinator: use 16 or 17 with Citus 13.2, or 18 with Citus 14."
        )
    minimum = f"Citus {needed[0]}.{needed[1]} or newer for PostgreSQL {server.server}"
    if server.version is None:
        place = (
            "installed here but not in this database" if server.available else "not installed on this server"
        )
        raise ClusterNotReady(f"The Citus extension is {place}: {minimum} is needed on every node.")
    if version_of(server.version) < needed:
        raise ClusterNotReady(f"Citus {server.version} is too old: {minimum} is needed on every node.")


def version_of(text: str) -> tuple[int, ...]:
    """Return a version as numbers that compare: 13.2-1 is (13, 2)."""
    return tuple(int(part) for part in text.partition("-")[0].split("."))


def registry(db: Connection) -> list[RegisteredTable]:
    """Return every table of the registry, each after the tables that its foreign keys name."""
    left = {
        row.table_name: RegisteredTable(row.table_name, row.kind, row.key_column, frozenset(row.needs))
        for row in db.execute(query("cluster_registry"))
    }
    ordered: list[RegisteredTable] = []
    while left:
        ready = [table for table in left.values() if not table.needs & left.keys()]
        if not ready:
            raise ClusterNotReady(f"Foreign keys go round in a circle: {', '.join(sorted(left))}.")
        ordered += ready
        left = {name: table for name, table in left.items() if table not in ready}
    return ordered


def tables_left(tables: Iterable[RegisteredTable], known: Iterable[str], shards: int) -> list[ClusterStep]:
    """Return a statement for each table that the cluster does not hold yet. Local tables stay with the coordinator."""
    there = set(known)
    new = [table for table in tables if table.table_name not in there and table.kind != "local"]
    rank = {"reference": 0, "workspace": 1, "own-key": 2}
    return [
        _step(table, shards)
        for table in sorted(new, key=lambda one: (rank[one.kind], one.table_name != ROOT))
    ]


def _step(table: RegisteredTable, shards: int) -> ClusterStep:
    if table.kind == "reference":
        return ClusterStep("cluster_add_reference", {"table_name": table.table_name})
    key = {"table_name": table.table_name, "key_column": table.key_column}
    if table.table_name == ROOT:
        return ClusterStep("cluster_add_root", {**key, "shards": shards})
    return ClusterStep("cluster_add_table", {**key, "beside": ROOT if table.kind == "workspace" else "none"})


def functions_left(db: Connection) -> list[ClusterStep]:
    """Return a statement for each function that the workers do not have, and for those that they run as a whole."""
    there = [
        ClusterStep("cluster_add_function", {"signature": row.signature})
        for row in db.execute(query("cluster_functions_left"))
    ]
    whole = [
        ClusterStep(
            "cluster_delegate", {"signature": row.signature, "argument": DELEGATED_BY, "beside": ROOT}
        )
        for row in db.execute(query("cluster_delegated"), {"names": list(DELEGATED)})
        if not row.delegated
    ]
    return there + whole


def grants_left(db: Connection) -> list[ClusterStep]:
    """Return a statement for each right that shards need.

    Workers have views without the rights that came before them; a shard receives the default of a column as a value.
    """
    views = [
        ClusterStep("cluster_grant_view", row._asdict()) for row in db.execute(query("cluster_view_grants"))
    ]
    defaults = db.execute(query("cluster_default_grants"), {"role": ROLE})
    return views + [ClusterStep("cluster_grant_default", row._asdict()) for row in defaults]
