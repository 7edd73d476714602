"""The rules that let one schema spread over machines by workspace, read from the catalog."""

from sqlalchemy import Connection, text

KINDS = """
SELECT c.relname, k.kind, k.key_column FROM pg_class c LEFT JOIN table_kinds k ON k.table_name = c.relname
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
"""
UNIQUES = """
SELECT c.relname, i.indexrelid::regclass::text, i.indisprimary,
       (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = i.indkey[0]) AS first_column
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE (i.indisunique OR i.indisexclusion) AND c.relnamespace = 'public'::regnamespace
"""
FOREIGN_KEYS = """
SELECT conname, conrelid::regclass::text, confrelid::regclass::text, confdeltype IN ('n', 'd') AS sets_null,
       ARRAY(SELECT a.attname::text FROM unnest(conkey) WITH ORDINALITY k (n, o) JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.n ORDER BY o),
       ARRAY(SELECT a.attname::text FROM unnest(confkey) WITH ORDINALITY k (n, o) JOIN pg_attribute a ON a.attrelid = confrelid AND a.attnum = k.n ORDER BY o)
FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""
KEY_COLUMNS = """
SELECT c.relname, a.attnotnull, format_type(a.atttypid, NULL), l.collname
FROM table_kinds k JOIN pg_class c ON c.relname = k.table_name AND c.relnamespace = 'public'::regnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
LEFT JOIN pg_collation l ON l.oid = a.attcollation WHERE k.kind = 'workspace'
"""


def kinds(db: Connection) -> dict[str, tuple[str | None, str | None]]:
    """Kind and key of every table."""
    return {name: (kind, key) for name, kind, key in db.execute(text(KINDS))}


def test_every_table_says_how_it_spreads(db: Connection) -> None:
    assert [name for name, (kind, _) in kinds(db).items() if kind is None] == []


def test_every_table_has_a_primary_key(db: Connection) -> None:
    with_key = {name for name, _, primary, _ in db.execute(text(UNIQUES)) if primary}

    assert set(kinds(db)) - with_key == set()


def test_keys_and_unique_indexes_begin_with_the_column_that_spreads_the_table(db: Connection) -> None:
    spread = kinds(db)

    wrong = [
        index
        for table, index, _, first in db.execute(text(UNIQUES))
        if spread[table][0] in ("workspace", "own-key") and first != spread[table][1]
    ]

    assert wrong == []


def test_workspace_ids_have_one_type_and_are_never_null(db: Connection) -> None:
    result = {(not_null, type_, collation) for _, not_null, type_, collation in db.execute(text(KEY_COLUMNS))}

    assert result == {(True, "text", "C")}


def test_foreign_keys_pair_the_workspace_or_point_to_a_table_that_is_everywhere(db: Connection) -> None:
    spread = kinds(db)

    def allowed(source: str, target: str, columns: list[str], targets: list[str]) -> bool:
        if spread[target][0] == "reference":
            return spread[source][0] in ("workspace", "reference", "own-key")
        if spread[source][0] == spread[target][0] == "local":
            return True
        pairs = dict(zip(columns, targets, strict=True))
        return (
            spread[source][0] == spread[target][0] == "workspace"
            and pairs.get("workspace_id") == "workspace_id"
        )

    rows = list(db.execute(text(FOREIGN_KEYS)))

    assert [row[0] for row in rows if row[3] or not allowed(row[1], row[2], row[4], row[5])] == []


def test_there_are_no_triggers_and_no_rules(db: Connection) -> None:
    triggers = db.execute(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")).scalars().all()
    rules = db.execute(text("SELECT rulename FROM pg_rules WHERE schemaname = 'public'")).scalars().all()

    assert (list(triggers), list(rules)) == ([], [])


def test_identity_columns_are_bigint(db: Connection) -> None:
    small = db.execute(
        text(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND is_identity = 'YES' AND data_type <> 'bigint'"
        )
    ).all()

    assert small == []
