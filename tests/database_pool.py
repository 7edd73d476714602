"""Test databases that are used again: after each test one is emptied, which costs less than dropping and cloning it.

A database goes back to the pool only if it is as its template was: same schema, same seeded rows, no statistics. It
gets a new name for every test, so nothing that a program remembers by a database's name can leak into the next test.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from ledger.postgres.logins import OWNER, SUPERUSER

TABLES = text(
    "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace "
    "AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1"
)
# Everything that a test may change besides rows. TRUNCATE gives a table a new file and not a new identity: pg_class is
# compared by what matters and not by xmin.
SCHEMA = text(
    """
    SELECT concat_ws(' ', count(*), sum(hashtextextended(part, 0))) FROM (
        SELECT 'p' || oid || ' ' || xmin AS part FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT 'c' || oid || ' ' || xmin FROM pg_constraint
        UNION ALL SELECT 't' || oid || ' ' || xmin FROM pg_trigger
        UNION ALL SELECT 'y' || oid || ' ' || xmin FROM pg_type WHERE typnamespace = 'public'::regnamespace
        UNION ALL SELECT 'a' || attrelid || ' ' || attnum || ' ' || xmin FROM pg_attribute WHERE attrelid >= 16384
        UNION ALL SELECT 'd' || oid || ' ' || xmin FROM pg_attrdef
        UNION ALL SELECT 'i' || indexrelid || ' ' || xmin FROM pg_index WHERE indexrelid >= 16384
        UNION ALL SELECT 'n' || oid || ' ' || xmin FROM pg_namespace
        UNION ALL SELECT 'r' || concat_ws(' ', oid, relname, relkind, relacl, relowner, reloptions, relhastriggers)
            FROM pg_class WHERE oid >= 16384
        UNION ALL SELECT 's' || concat_ws(' ', setrole, setconfig) FROM pg_db_role_setting JOIN pg_database d
            ON d.oid = setdatabase WHERE datname = current_database()
        UNION ALL SELECT 'z' || concat_ws(' ', schemaname, tablename, attname) FROM pg_stats
            WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
    ) AS parts
    """
)
# A file without a page has no row: that costs less to know than to plan a question for each of ninety tables.
WITH_PAGES = text(
    "SELECT DISTINCT root.relname FROM pg_class c "
    "JOIN pg_class root ON root.oid = coalesce(pg_partition_root(c.oid), c.oid) "
    "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND pg_relation_size(c.oid) > 0"
)
LARGEST = text(
    "SELECT max(pg_relation_size(CAST(name AS regclass))) FROM unnest(CAST(:names AS text[])) AS name"
)
PLANNED_BYTES = 10 * 8192  # of a table that was never vacuumed the planner assumes ten pages
SEQUENCES = text("SELECT schemaname || '.' || sequencename, start_value, last_value FROM pg_sequences")
END_OTHERS = text(
    "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)

_reached: dict[str, str] = {}


@dataclass(frozen=True)
class Origin:
    """What a database holds before any test has used it."""

    tables: tuple[str, ...]
    seeds: dict[str, str]
    """The rows of each table that a migration fills, as one text."""
    schema: str
    sequences: frozenset[tuple[str, int, int | None]]


def origin_of(url: str) -> Origin:
    """Return what a new database holds."""
    with _owner(url) as db:
        tables = tuple(db.scalars(TABLES))
        filled = _not_empty(db, tables)
        return Origin(tables, _rows(db, filled), _schema(db), _sequences(db))


def emptied(url: str, origin: Origin) -> bool:
    """Empty a database; return whether it is as it was before any test used it."""
    try:
        with _owner(url) as db:
            db.execute(END_OTHERS)
            _empty(db, origin)
            return _same(db, origin)
    except DBAPIError:  # a table that a test dropped, a trigger that it left
        return False


def _owner(url: str) -> Any:
    """Begin a transaction of whoever may do most: the superuser of the embedded server, else the owner."""
    given = make_url(url)
    if given.username == OWNER:  # the test server keeps its superuser, with the same password
        given = given.set(username=SUPERUSER)
    _reached["url"] = given.set(drivername="postgresql").render_as_string(hide_password=False)
    return _administrator().begin()


def sign_in_quickly(url: str) -> None:
    """Hash the password of the embedded server's logins once, not 4,096 times: some ten thousand connections ask for it."""
    place = make_url(url)
    if place.username != OWNER:
        return
    with _owner(url) as db:
        db.execute(text("SET LOCAL scram_iterations = 1"))
        for login in (OWNER, SUPERUSER):
            db.execute(text(f"ALTER ROLE {login} PASSWORD '{place.password}'"))


@cache
def _administrator() -> Engine:
    """Return one engine for every database: a new one asks the server first what it can, for each test again."""
    return create_engine(
        "postgresql+psycopg://", poolclass=NullPool, creator=lambda: psycopg.connect(_reached["url"])
    )


def _empty(db: Connection, origin: Origin) -> None:
    written = [table for table in _not_empty(db, origin.tables) if table not in origin.seeds]
    if written and _is_small(db, written):
        db.execute(text("SET LOCAL session_replication_role = replica"))  # all rows go: nothing to cascade to
        for table in written:
            db.execute(text(f"DELETE FROM {table}"))
    elif written:
        db.execute(text(f"TRUNCATE {', '.join(written)} CASCADE"))
    for table, rows in _rows(db, origin.seeds).items():
        if rows != origin.seeds[table]:
            _restore(db, table, origin.seeds[table])
    for name, start, last in origin.sequences - _sequences(db):
        at = {"name": name, "value": start if last is None else last, "called": last is not None}
        db.execute(text("SELECT setval(CAST(:name AS regclass), :value, :called)"), at)


def _is_small(db: Connection, tables: list[str]) -> bool:
    """Whether deleting costs less than new files for every table that refers to these, and no plan can notice."""
    is_superuser = db.execute(text("SELECT current_setting('is_superuser') = 'on'")).scalar_one()
    return is_superuser and db.execute(LARGEST, {"names": tables}).scalar_one() <= PLANNED_BYTES


def _restore(db: Connection, table: str, rows: str) -> None:
    db.execute(text(f"DELETE FROM {table}"))
    db.execute(
        text(
            f"INSERT INTO {table} OVERRIDING SYSTEM VALUE "
            f"SELECT * FROM jsonb_populate_recordset(CAST(NULL AS {table}), CAST(:rows AS jsonb))"
        ),
        {"rows": rows},
    )


def _same(db: Connection, origin: Origin) -> bool:
    return (
        _schema(db) == origin.schema
        and _sequences(db) == origin.sequences
        and set(_not_empty(db, origin.tables)) == set(origin.seeds)
        and _rows(db, origin.seeds) == origin.seeds
    )


def _not_empty(db: Connection, tables: tuple[str, ...]) -> list[str]:
    with_pages = set(db.scalars(WITH_PAGES))
    candidates = [table for table in tables if table in with_pages]
    if not candidates:
        return []
    occupied = text("SELECT " + ", ".join(f"EXISTS (SELECT FROM {table})" for table in candidates))
    return [table for table, filled in zip(candidates, db.execute(occupied).one(), strict=True) if filled]


def _rows(db: Connection, tables: Iterable[str]) -> dict[str, str]:
    """Return the rows of each table as one JSON text, always in the same order."""
    rows = "(SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY to_jsonb(t)), '[]')::text FROM {} t) AS {}"
    each = ", ".join(rows.format(table, table) for table in tables)
    return dict(db.execute(text(f"SELECT {each}")).mappings().one())


def _schema(db: Connection) -> str:
    return str(db.execute(SCHEMA).scalar_one())


def _sequences(db: Connection) -> frozenset[tuple[str, int, int | None]]:
    return frozenset((name, start, last) for name, start, last in db.execute(SEQUENCES))
