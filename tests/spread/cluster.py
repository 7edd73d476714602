"""A fresh distributed database on the cluster of TEST_CITUS_URL: the URL of a coordinator as a superuser."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from sqlalchemy import Engine, make_url

from ledger.cluster.distribute import distribute
from ledger.database import connect
from ledger.migrations import migrate

CLUSTER = os.environ.get("TEST_CITUS_URL", "")
NEEDS_CLUSTER = not CLUSTER
NODES = (
    "SELECT nodename, nodeport FROM pg_dist_node WHERE groupid > 0 AND noderole = 'primary' ORDER BY groupid"
)


@contextmanager
def distributed_database(shards: int = 8) -> Iterator[Engine]:
    """Yield the engine of a new database on every node, migrated and distributed; it is dropped afterwards."""
    name = f"minutes_test_{uuid4().hex[:12]}"
    url = make_url(CLUSTER).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as first:
        nodes = first.execute(NODES).fetchall()
    every = [url, *(url.set(host=host, port=port) for host, port in nodes)]
    for node in every:
        _run(node, f"CREATE DATABASE {name}")
        _run(node.set(database=name), "CREATE EXTENSION citus")
    _run(url.set(database=name), f"SELECT citus_set_coordinator_host('{url.host}', {url.port})")
    for host, port in nodes:
        _run(url.set(database=name), f"SELECT citus_add_node('{host}', {port})")
    engine = connect(url.set(database=name).render_as_string(hide_password=False))
    try:
        migrate(engine)
        distribute(engine, shards, lambda _: None)
        yield engine
    finally:
        engine.dispose()
        for node in every:
            _run(node, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _run(url: object, statement: str) -> None:
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as raw:  # type: ignore[attr-defined]
        raw.execute(statement.encode())
