"""The eyes of the house rules see what they are meant to see."""

from pathlib import Path

import pytest

from tests.dialect import dialect_of
from tests.house import (
    clicks_of_who_looked,
    clock_reads,
    functions,
    imports_any,
    sql_functions,
    sql_in_strings,
)


def written(folder: Path, text: str, name: str = "module.py") -> Path:
    """Write a source file."""
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "line",
    [
        'execute("SELECT name FROM plans")',
        'execute(f"UPDATE lots SET drawn = {drawn}")',
        'execute("""\n  with old as (select 1) delete from lots""")',
        'execute("insert into plans values (1)")',
        'execute("DROP TABLE plans")',
    ],
)
def test_sql_in_a_string_is_seen(tmp_path: Path, line: str) -> None:
    assert len(list(sql_in_strings(written(tmp_path, line)))) == 1


@pytest.mark.parametrize(
    "line",
    [
        '"""Select rows from the plan."""',
        'say("Select a workspace from the list")',
        'say("Update your card")',
        'choose(key="select")',
    ],
)
def test_prose_is_no_sql(tmp_path: Path, line: str) -> None:
    assert list(sql_in_strings(written(tmp_path, line))) == []


@pytest.mark.parametrize(
    "line",
    [
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "time.time()",
        "from time import time",
    ],
)
def test_a_look_at_the_clock_is_seen(tmp_path: Path, line: str) -> None:
    assert len(list(clock_reads(written(tmp_path, line)))) == 1


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("st.button('x', on_click=act, args=[operator, 1])", 1),
        ("st.button('x', on_click=act, kwargs={'by': staff})", 1),
        ("st.button('x', on_click=act, args=[1])", 0),
        ("retry(act, args=[operator])", 0),
    ],
)
def test_a_click_that_is_handed_who_looked_is_seen(tmp_path: Path, line: str, seen: int) -> None:
    assert len(list(clicks_of_who_looked(written(tmp_path, line)))) == seen


@pytest.mark.parametrize("line", ["clock.now()", "time.monotonic()", "row.date", "from time import sleep"])
def test_other_times_are_no_look_at_the_clock(tmp_path: Path, line: str) -> None:
    assert list(clock_reads(written(tmp_path, line))) == []


@pytest.mark.parametrize(
    "line", ["import streamlit as st", "from streamlit.testing import v1", "def f():\n  import streamlit"]
)
def test_an_import_is_seen_wherever_it_stands(tmp_path: Path, line: str) -> None:
    assert imports_any(written(tmp_path, line), {"streamlit"}) == {"streamlit"}


def test_a_package_with_a_longer_name_is_another_package(tmp_path: Path) -> None:
    assert imports_any(written(tmp_path, "import stripe_events"), {"stripe"}) == set()


def test_functions_are_measured_without_their_decorators(tmp_path: Path) -> None:
    path = written(tmp_path, "@one\n@two\ndef f():\n    first\n    second\n")

    assert [lines for _, lines in functions(path)] == [3]


def test_sql_functions_are_measured_from_create_to_the_end_of_their_body(tmp_path: Path) -> None:
    script = (
        "CREATE TABLE t ();\nCREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$\nSELECT 1;\n$$;\n"
    )

    assert [lines for _, lines in sql_functions(written(tmp_path, script, "f.sql"))] == [3]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("found = 1", 1),
        ("def take_all(take): pass", 1),
        ("self.rows_kept = 1", 1),
        ("class Asked: pass", 1),
        ("import rows as found", 1),
        ("table.take(rows)", 0),
        ("call(take=rows)", 0),
        ("class RowNotFound: pass", 0),
        ("say('Nobody asked')", 1),
        ("# what was told", 1),
    ],
)
def test_dialect_is_counted_where_this_house_defines_a_name_or_writes_a_sentence(
    tmp_path: Path, line: str, words: int
) -> None:
    assert len(dialect_of(written(tmp_path, line))) == words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("SELECT 1 AS found;", 1),
        ("SELECT 'found by search';", 0),
        ("COMMENT ON TABLE t IS 'Rows that were kept.';", 1),
        ("-- rows that were found", 0),
        ("-- what was asked", 1),
    ],
)
def test_dialect_in_sql_is_counted_in_names_comments_and_sentences(
    tmp_path: Path, line: str, words: int
) -> None:
    assert len(dialect_of(written(tmp_path, line, "query.sql"))) == words
