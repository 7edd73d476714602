"""Spread the tables of a database over the workers of its cluster, in one transaction."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from ledger.cluster.plan import (
    ClusterNotReady,
    ClusterStep,
    functions_left,
    grants_left,
    registry,
    require_extension,
    tables_left,
)
from ledger.database import owner_url, query
from ledger.roles import ROLE, SCREENS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Engine

SHARDS = 32
FOR_THIS_TRANSACTION = (ClusterStep("cluster_foreign_keys_stay"), ClusterStep("cluster_one_shard_at_a_time"))


@contextmanager
def as_owner(engine: Engine) -> Iterator[Engine]:
    """Yield an engine of the database's owner, whose every connection is new."""
    owner = create_engine(owner_url(engine), poolclass=NullPool)
    try:
        yield owner
    finally:
        owner.dispose()


def remaining(db: Connection, shards: int = SHARDS) -> list[ClusterStep]:
    """Return the statements that spread what is not spread yet; nothing when the cluster holds it all.

    Functions and rights that depend on the new tables are found when those are there.
    """
    tables = registry(db)
    known = [row.table_name for row in db.execute(query("cluster_tables"))]
    return tables_left(tables, known, shards)


def distribute(engine: Engine, shards: int, say: Callable[[str], None]) -> bool:
    """Spread every table over the workers; returns False when nothing was left to do. Raises ClusterNotReady.

    All tables are spread in one transaction, which compares the rows of each with those before; if it fails, nothing
    has changed. What follows (functions, rights, the copies left on the coordinator) goes on where it stopped.
    """
    with as_owner(engine) as owner:
        _let_sign_in(owner, say)
        with owner.begin() as db:
            require_extension(db)
            require_workers(db)
            changed = spread_tables(db, shards, say)
        with owner.execution_options(isolation_level="AUTOCOMMIT").connect() as db:
            changed = send_functions(db, say) or changed
            _clear_copies(db, say)
            if changed:
                _run(db, ClusterStep("cluster_analyse"))
    return changed


def spread_tables(db: Connection, shards: int, say: Callable[[str], None]) -> bool:
    """Spread every table that is left, in this transaction; returns whether there was one."""
    steps = remaining(db, shards)
    if steps:
        _require_quiet(db)
        before = _counts(db)
        for step in FOR_THIS_TRANSACTION:
            _run(db, step)
        for step in steps:
            _run(db, step)
            say(
                f"{step.about}: {before[step.about]:,} rows, {step.values.get('key_column', 'on every node')}"
            )
        _require_equal(before, _counts(db))
        say(f"rows compared: {sum(before.values()):,} in {len(before)} tables, all equal")
    _set_identities(db)
    return bool(steps)


def send_functions(db: Connection, say: Callable[[str], None]) -> bool:
    """Send the functions that the workers lack, then grant the views again; returns whether one was lacking.

    Not in the transaction that spreads the tables: until its end, workers do not know the tables as types of arguments.
    """
    functions = functions_left(db)
    for step in functions:
        _run(db, step)
    if functions:
        say(f"functions: {len(functions)} sent to the workers")
    for step in grants_left(db):
        _run(db, step)
    return bool(functions)


def dry_run(engine: Engine, shards: int) -> list[str]:
    """Return the statements that `distribute` would run now. Raises ClusterNotReady."""
    with as_owner(engine) as owner, owner.connect() as db:
        require_extension(db)
        steps = (*FOR_THIS_TRANSACTION, *remaining(db, shards), *functions_left(db), *grants_left(db))
        logins = [ClusterStep("cluster_login", {"role": role}) for role in (ROLE, SCREENS)]
    return [f"{step.sql};" for step in (*logins, *steps)]


def require_workers(db: Connection) -> None:
    """Raise ClusterNotReady unless there are workers and each lets the application in from the coordinator."""
    nodes = db.execute(query("cluster_nodes")).all()
    if not any(node.holds_shards and node.active for node in nodes):
        raise ClusterNotReady(
            "This coordinator has no workers: add each with citus_add_node(host, port) first."
        )
    for role in (ROLE, SCREENS):
        for answer in ask_as(db, role):
            if not answer.success:
                raise ClusterNotReady(
                    f"Worker {answer.host}:{answer.port} refuses {role} from the coordinator ({answer.result}): "
                    "allow it in the worker's pg_hba.conf, or add its password to pg_dist_authinfo."
                )


def ask_as(db: Connection, role: str) -> Sequence[Any]:
    """Return each worker's answer to a statement of a role, which the coordinator sends there as that role."""
    with db.begin_nested() as attempt:
        db.execute(query("cluster_become"), {"role": role})
        answers = db.execute(query("cluster_ask_workers"), {"command": "SELECT 1"}).all()
        attempt.rollback()
    return answers


def _let_sign_in(owner: Engine, say: Callable[[str], None]) -> None:
    with owner.begin() as db:
        require_extension(db)
        for role in (ROLE, SCREENS):
            _run(db, ClusterStep("cluster_login", {"role": role}))
    say(f"roles: the coordinator may sign in to workers as {ROLE} and {SCREENS}")


def _require_quiet(db: Connection) -> None:
    if others := db.execute(query("cluster_sessions")).scalar_one():
        raise ClusterNotReady(
            f"{others} other sessions use this database: stop the ledger, then run this again."
        )


def _counts(db: Connection) -> dict[str, int]:
    return {
        table.table_name: _run(
            db, ClusterStep("cluster_count", {"table_name": table.table_name})
        ).scalar_one()
        for table in registry(db)
    }


def _require_equal(before: Mapping[str, int], after: Mapping[str, int]) -> None:
    unlike = [
        f"{name}: {before[name]:,}, then {after[name]:,}" for name in before if before[name] != after[name]
    ]
    if unlike:
        raise ClusterNotReady(f"Rows were lost or doubled, so nothing was changed: {'; '.join(unlike)}.")


def _set_identities(db: Connection) -> None:
    for row in db.execute(query("cluster_identities")).all():
        _run(db, ClusterStep("cluster_identity_after_all", row._asdict()))


def _clear_copies(db: Connection, say: Callable[[str], None]) -> None:
    """Empty what the tables hold on the coordinator beside their shards, once all of them are spread.

    It empties every table that refers to them too: one that is not spread yet would lose its rows.
    """
    if remaining(db):
        raise ClusterNotReady(
            "Some tables are not spread yet, so the copies on the coordinator stay: run this again."
        )
    for table in registry(db):
        copy = {"table_name": table.table_name}
        if table.kind != "local" and db.execute(query("cluster_local_bytes"), copy).scalar_one():
            _run(db, ClusterStep("cluster_clear_local", copy))
            say(f"{table.table_name}: copy on the coordinator emptied")


def _run(db: Connection, step: ClusterStep) -> Any:
    return db.exec_driver_sql(step.sql)
