"""The schema explains itself: a comment on everything, a document that is fresh, and nothing private for readers."""

import re

import pytest
from sqlalchemy import Connection, Engine, text

from ledger.database import SQL
from ledger.migrations import migrate
from ledger.postgres.schema_document import FILE, document, read_schema, uncommented

PRIVATE = re.compile(
    r"secret|token|hash|signature|email|address|phone|card|receipt|actor|author|operator|_by$|^name$"
)
COMMENT = re.compile(r"^COMMENT ON (TABLE|VIEW|COLUMN|CONSTRAINT|FUNCTION|TYPE) (.+?) IS '", re.MULTILINE)


def test_everything_in_the_schema_has_a_comment(db: Connection) -> None:
    assert uncommented(read_schema(db)) == []


@pytest.mark.parametrize(
    ("statement", "missing"),
    [
        ("CREATE TABLE second (first bigint)", {"second", "second.first"}),
        ("ALTER TABLE plans ADD COLUMN trial boolean", {"plans.trial"}),
        ("CREATE VIEW facts.plans AS SELECT plan FROM public.plans", {"facts.plans", "facts.plans.plan"}),
        ("ALTER TABLE plans ADD CONSTRAINT plans_named CHECK (name <> '')", {"plans_named"}),
        ("CREATE FUNCTION one() RETURNS integer LANGUAGE sql RETURN 1", {"one()"}),
        ("COMMENT ON COLUMN entries.at IS NULL", {"entries.at"}),
    ],
)
def test_what_lacks_a_comment_is_named(db: Connection, statement: str, missing: set[str]) -> None:
    db.execute(text("RESET ROLE"))
    db.execute(text(statement))

    assert set(uncommented(read_schema(db))) == missing


def test_nothing_is_described_in_two_places() -> None:
    scripts = [*SQL.glob("migrations/*.sql"), *SQL.glob("comments/*.sql")]
    described = [match for path in scripts for match in COMMENT.findall(path.read_text())]

    assert [each for each in described if described.count(each) > 1] == []


def test_the_document_is_fresh(db: Connection) -> None:
    assert FILE.read_text("utf-8") == document(db), "run: python -m ledger.postgres.schema_document"


def test_the_document_shows_every_table_and_view_once(db: Connection) -> None:
    headings = re.findall(r"^### `(.+)` \(", document(db), re.MULTILINE)

    assert sorted(headings) == sorted(read_schema(db).relations)


def test_comments_come_back_with_the_next_change_of_a_file_and_cost_nothing_before(engine: Engine) -> None:
    with engine.begin() as db:
        db.execute(text("RESET ROLE"))
        db.execute(text("COMMENT ON TABLE plans IS NULL"))
    migrate(engine)
    with engine.connect() as db:
        assert uncommented(read_schema(db)) == ["plans"]
    with engine.begin() as db:
        db.execute(text("RESET ROLE"))
        db.execute(text("UPDATE schema_migrations SET sha256 = 'older' WHERE version = 'comments'"))
    migrate(engine)
    with engine.connect() as db:
        assert uncommented(read_schema(db)) == []


def test_readers_see_no_table_and_no_view_outside_facts(db: Connection) -> None:
    visible = db.execute(
        text(
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'p', 'm')"
            " AND (has_table_privilege('ledger_reader', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')"
            " OR has_any_column_privilege('ledger_reader', c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))"
        )
    ).scalars()

    assert list(visible) == []


def test_readers_run_nothing_with_the_rights_of_the_owner(db: Connection) -> None:
    functions = db.execute(
        text(
            "SELECT p.proname, has_function_privilege('ledger_reader', p.oid, 'EXECUTE') AS by_reader,"
            " has_function_privilege('ledger_app', p.oid, 'EXECUTE') AS by_app"
            " FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef ORDER BY 1"
        )
    ).all()

    assert [tuple(row) for row in functions] == [
        ("add_audit_line", False, True),
        ("analyse_misjudged", False, True),
        ("begin_additions", False, True),
        ("end_additions", False, True),
        ("forget_receipts", False, True),
        ("undo_import", False, True),
    ]


def test_readers_may_only_read_facts(db: Connection) -> None:
    rights = db.execute(
        text(
            "SELECT c.relname, has_table_privilege('ledger_reader', c.oid, 'SELECT'),"
            " has_table_privilege('ledger_reader', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')"
            " FROM pg_class c WHERE c.relnamespace = 'facts'::regnamespace"
        )
    ).all()

    assert len(rights) > 1
    assert {(reads, writes) for _, reads, writes in rights} == {(True, False)}


def test_facts_have_no_column_for_people_or_secrets(db: Connection) -> None:
    facts = {name: columns for name, columns in read_schema(db).columns.items() if name.startswith("facts.")}
    shown = [f"{name}.{column.name}" for name, columns in facts.items() for column in columns]

    assert len(shown) > 1
    assert [each for each in shown if PRIVATE.search(each.rsplit(".", 1)[1])] == []
