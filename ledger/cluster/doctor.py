"""Compare the registry of tables with the cluster, and say what to do about each difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger.cluster.distribute import as_owner, ask_as
from ledger.cluster.plan import (
    DELEGATED,
    ROOT,
    ClusterNotReady,
    ClusterStep,
    RegisteredTable,
    functions_left,
    registry,
    require_extension,
    tables_left,
)
from ledger.database import query
from ledger.roles import ROLE, SCREENS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Engine, Row

AGAIN = "run `python -m ledger distribute`"


@dataclass(frozen=True, kw_only=True)
class ClusterCheck:
    """One comparison: `fault` says what is wrong, `remedy` what to do; both empty when it is right."""

    about: str
    fault: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        """Return one line for a terminal."""
        return f"{self.about}: {self.fault}; {self.remedy}" if self.fault else f"{self.about}: right"


def examine(engine: Engine) -> list[ClusterCheck]:
    """Return every check of this database, in the order in which faults hide one another. Nothing is changed."""
    with as_owner(engine) as owner, owner.connect() as db:
        server = db.execute(query("cluster_server")).one()
        if server.version is None:
            return [_one_server(db)]
        try:
            require_extension(db)
        except ClusterNotReady as refusal:
            return [ClusterCheck(about="extension", fault=refusal.detail, remedy="upgrade it on every node")]
        return [ClusterCheck(about=f"extension {server.version}"), *_of_cluster(db)]


def _one_server(db: Connection) -> ClusterCheck:
    spread = [table for table in registry(db) if table.kind != "local"]
    return ClusterCheck(about=f"one PostgreSQL server without Citus, {len(spread)} tables could be spread")


def _of_cluster(db: Connection) -> Iterator[ClusterCheck]:
    yield _settings(db)
    yield from _nodes(db)
    tables = registry(db)
    known = db.execute(query("cluster_tables")).all()
    yield _missing(tables, known)
    yield _unlike(tables, known)
    yield _named(
        "functions on every worker", [str(step.about) for step in functions_left(db)], "are missing", AGAIN
    )
    yield _delegated(db)
    yield _identities(db)
    yield _copies(db, tables, known)
    stuck = db.execute(query("cluster_stuck")).scalar_one()
    halves = [f"{stuck} transactions"] if stuck else []
    yield _named(
        "transactions over two workers", halves, "wait for their second half", "see pg_prepared_xacts"
    )


def _named(about: str, wrong: list[str], how: str, remedy: str) -> ClusterCheck:
    return (
        ClusterCheck(about=about, fault=f"{', '.join(wrong)} {how}", remedy=remedy)
        if wrong
        else ClusterCheck(about=about)
    )


def _settings(db: Connection) -> ClusterCheck:
    row = db.execute(query("cluster_settings")).one()
    wrong = [] if row.wal_level == "logical" else ["wal_level is not logical"]
    wrong += [] if row.prepared_transactions > 0 else ["max_prepared_transactions is 0"]
    return _named("settings", wrong, "on the coordinator", "set it on every node and restart")


def _nodes(db: Connection) -> Iterator[ClusterCheck]:
    nodes = db.execute(query("cluster_nodes")).all()
    workers = [node for node in nodes if not node.coordinator]
    empty = [f"{node.host}:{node.port}" for node in workers if not (node.active and node.holds_shards)]
    yield _named(f"{len(workers)} workers", empty, "hold no shards", "activate or remove them")
    for role in (ROLE, SCREENS):
        shut = [f"{each.host}:{each.port}" for each in ask_as(db, role) if not each.success]
        yield _named(
            f"{role} signs in to workers",
            shut,
            "refuse it",
            "allow it in pg_hba.conf, or add it to pg_dist_authinfo",
        )


def _missing(tables: list[RegisteredTable], known: Sequence[Row[tuple[Any, ...]]]) -> ClusterCheck:
    there = [row.table_name for row in known]
    left = [str(step.about) for step in tables_left(tables, there, shards=1)]
    return _named(f"{len(tables)} tables of the registry", left, "are not spread", AGAIN)


def _unlike(tables: list[RegisteredTable], known: Sequence[Row[tuple[Any, ...]]]) -> ClusterCheck:
    """Compare kind, key and shards: all tables of a workspace live on the same ones."""
    kinds = {table.table_name: table for table in tables}
    together = {row.table_name: row.colocation for row in known}.get(ROOT)
    wrong = []
    for row in known:
        table = kinds.get(row.table_name)
        if table is None:
            wrong.append(f"{row.table_name} (not in the registry)")
            continue
        expected = {"workspace": "spread", "own-key": "spread"}.get(table.kind, table.kind)
        own_key = row.kind == "spread" and row.key_column != table.key_column
        apart = table.kind == "workspace" and row.colocation != together
        if row.kind != expected or own_key or apart:
            wrong.append(f"{row.table_name} ({row.kind} by {row.key_column or 'no key'})")
    return _named(
        "kinds and keys",
        wrong,
        "differ from the registry",
        "call undistribute_table for them, then distribute",
    )


def _delegated(db: Connection) -> ClusterCheck:
    rows = db.execute(query("cluster_delegated"), {"names": list(DELEGATED)})
    left = [row.signature for row in rows if not row.delegated]
    return _named("functions that a worker runs as a whole", left, "run on the coordinator", AGAIN)


def _identities(db: Connection) -> ClusterCheck:
    behind = [
        row.table_name
        for row in db.execute(query("cluster_identities")).all()
        if db.exec_driver_sql(ClusterStep("cluster_identity_behind", row._asdict()).sql).scalar_one()
    ]
    return _named("numbers made by sequences", behind, "would use numbers again", AGAIN)


def _copies(
    db: Connection, tables: list[RegisteredTable], known: Sequence[Row[tuple[Any, ...]]]
) -> ClusterCheck:
    there = {row.table_name for row in known}
    left = [
        table.table_name
        for table in tables
        if table.kind != "local"
        and table.table_name in there
        and db.execute(query("cluster_local_bytes"), {"table_name": table.table_name}).scalar_one()
    ]
    return _named("rows on the coordinator", left, "still hold a copy there", AGAIN)
