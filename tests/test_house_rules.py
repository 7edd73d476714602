"""The rules of this house that generic tools cannot know. Each rule gives the list of what breaks it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from tests.dialect import dialect_of, written
from tests.house import (
    CHECKOUT,
    ROOMS,
    clicks_of_who_looked,
    clock_reads,
    functions,
    has_mirror,
    imports_any,
    imports_past_rooms,
    public_classes,
    room_of,
    rooms_used,
    sources,
    sql_functions,
    sql_in_strings,
    text_of,
)

FILE_LINES, FUNCTION_LINES, SQL_FUNCTION_LINES, PAGE_LINES = 300, 40, 70, 60

# Who may import what: room -> packages it must not know.
UNKNOWN_TO = {
    "ledger": {"dashboard", "pages", "tests", "streamlit", "fastapi", "starlette", "uvicorn"},
    "dashboard": {"pages", "tests", "stripe", "psycopg"},
    "pages": {"tests", "stripe", "psycopg", "sqlalchemy", "fastapi", "starlette"},
}
# Rooms by floor, the upper ones first.
FLOORS: dict[str, list[set[str]]] = {
    "dashboard": [
        {"__main__", "app", "matrix", "schedules"},
        {"screens"},
        {"panels"},
        {"kit"},
        {"asgi", "url"},
        {"actions", "navigation"},
        {"access", "api"},
        {"portal"},
        {"installation", "text", "clock", "server", "spreadsheet", "parquet"},
    ],
    "ledger": [
        {"__main__", "command_line", "stripe_commands", "worker", "schedules"},
        {"notify", "transfer"},
        {"metrics"},
        {"experiments"},
        {"pricing", "demo"},
        {"desk", "webhooks"},
        {"payments"},
        {"stripe_gateway", "minutes"},
        {"stripe_sandbox", "idempotency", "seals"},
        {"database", "migrations", "snapshot_cache", "validation", "clocks", "cluster"},
        {"postgres", "settings", "logs", "estimates", "errors", "late_imports", "money", "roles"},
    ],
}
UPWARD = {
    ("postgres", other) for other in ("database", "migrations", "minutes")
}  # a backup proves what it has written
KNOWS_STRIPE = ("ledger/stripe_gateway", "ledger/stripe_sandbox")
WRITES_SQL = {
    "ledger/database.py": "roles and limits come before any file can be run",
    "ledger/migrations.py": "locks and the list of migrations come before any file can be run",
    "ledger/postgres/embedded.py": "makes the database in which the files are run",
    "ledger/roles.py": "roles and logins are there before the files that grant them rights",
}
READS_THE_CLOCK = {
    "ledger/__main__.py": "a command runs now",
    "ledger/worker.py": "schedules run now",
    "dashboard/clock.py": "the one clock of the screens",
}
SANDBOX_CLOCK = "ledger/stripe_sandbox"  # it stands for another company's machine
METRIC_SCREENS = ("conversion", "definitions", "liability", "overview", "packages", "retention")
TESTED_THROUGH_OTHERS = {
    "ledger/validation.py": "tests/ledger/minutes/test_credits.py",  # bad input comes in through the public calls
    "ledger/idempotency.py": "tests/ledger/minutes/test_credits.py",  # so do repeated keys
    "dashboard/portal/view.py": "tests/dashboard/portal/test_routes.py",  # which reads it as a customer does
    "ledger/minutes/replay.py": "tests/ledger/minutes/test_verify.py",  # which corrupts each kind of row
    "ledger/minutes/findings.py": "tests/ledger/minutes/test_verify.py",  # which reads every proposal
    **{f"dashboard/screens/{screen}.py": "tests/pages/test_metric_pages.py" for screen in METRIC_SCREENS},
}
NOT_NOUNS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "manager",
    "service",
    "services",
    "repository",
}
UNFINISHED = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX")) + r")\b")
OWN_SQLSTATE = re.compile(r"\bLG\d{3}\b")
PINNED = re.compile(r"^[A-Za-z0-9_.-]+(\[[a-z,]+\])?==[0-9][0-9a-z.]*$")


def none_of(broken: list[object]) -> None:
    """Fail with everything that breaks a rule, a line each."""
    if broken:
        pytest.fail("\n".join(str(each) for each in broken), pytrace=False)


def within(path: Path, *folders: str) -> bool:
    """Return whether a file is one of these, or lies in one of these folders."""
    return str(path.with_suffix("")).startswith(folders)


@pytest.mark.parametrize("room", ROOMS)
def test_no_file_is_longer_than_a_reader_holds_in_mind(room: str) -> None:
    files = [*sources(room), *sources(room, suffix="sql")]

    none_of([path for path in files if len(text_of(path).splitlines()) > FILE_LINES])


@pytest.mark.parametrize("room", ROOMS)
def test_no_function_is_longer_than_a_screen(room: str) -> None:
    lengths = [each for path in sources(room) for each in functions(path)]

    none_of([(place, lines) for place, lines in lengths if lines > FUNCTION_LINES])


def test_no_sql_function_is_longer_than_its_limit() -> None:
    lengths = [each for path in sources("ledger", suffix="sql") for each in sql_functions(path)]

    none_of([(place, lines) for place, lines in lengths if lines > SQL_FUNCTION_LINES])


def test_a_page_is_a_short_outline_without_functions() -> None:
    pages = sources("pages")

    none_of([path for path in pages if len(text_of(path).splitlines()) > PAGE_LINES])
    assert [place for path in pages for place, _ in functions(path)] == []


@pytest.mark.parametrize("house", FLOORS)
def test_a_room_uses_only_what_lies_on_its_floor_or_below(house: str) -> None:
    floors = {room: number for number, rooms in enumerate(FLOORS[house]) for room in rooms}
    used = {(room_of(path), other) for path in sources(house) for other in rooms_used(path, house)}

    assert {room for pair in used for room in pair} - floors.keys() - {"__init__"} == set()
    none_of([pair for pair in used - UPWARD if "__init__" not in pair and floors[pair[0]] > floors[pair[1]]])


@pytest.mark.parametrize("room", UNKNOWN_TO)
def test_knowledge_flows_from_pages_to_dashboard_to_ledger_and_never_back(room: str) -> None:
    none_of([(path, known) for path in sources(room) if (known := imports_any(path, UNKNOWN_TO[room]))])


def test_only_the_gateway_and_the_sandbox_know_stripe() -> None:
    others = [path for path in sources("ledger", "dashboard", "pages") if not within(path, *KNOWS_STRIPE)]

    none_of([path for path in others if imports_any(path, {"stripe"})])


def test_sql_lives_in_sql_files() -> None:
    python = [path for path in sources("ledger", "dashboard", "pages") if str(path) not in WRITES_SQL]

    none_of([place for path in python for place in sql_in_strings(path)])


def test_migrations_are_numbered_one_by_one() -> None:
    numbers = [int(path.name.split("_")[0]) for path in sources("ledger/sql/migrations", suffix="sql")]

    assert numbers == list(range(1, len(numbers) + 1))


def test_only_the_edges_read_the_clock() -> None:
    inside = [path for path in sources("ledger", "dashboard", "pages") if str(path) not in READS_THE_CLOCK]

    none_of([place for path in inside if not within(path, SANDBOX_CLOCK) for place in clock_reads(path)])


def test_a_click_is_judged_by_who_clicks_and_not_by_who_saw_the_page() -> None:
    none_of([place for path in sources("dashboard", "pages") for place in clicks_of_who_looked(path)])


def test_every_module_has_tests_of_its_own() -> None:
    modules = [path for path in sources("ledger", "dashboard") if not path.name.startswith("__")]

    none_of([path for path in modules if not has_mirror(path) and str(path) not in TESTED_THROUGH_OTHERS])


def test_the_modules_tested_through_others_are_there_and_so_are_those_tests() -> None:
    none_of(
        [path for pair in TESTED_THROUGH_OTHERS.items() for path in pair if not (CHECKOUT / path).exists()]
    )


def test_modules_are_called_by_nouns_of_the_domain() -> None:
    none_of([path for path in sources(*ROOMS) if NOT_NOUNS & {path.stem, *path.parts}])


def test_a_public_class_has_a_name_of_its_own() -> None:
    homes: dict[str, list[Path]] = {}
    for path in sources("ledger", "dashboard", "pages"):
        for name in public_classes(path):
            homes.setdefault(name, []).append(path)

    none_of([item for item in homes.items() if len(item[1]) > 1])


def test_names_and_sentences_use_the_words_of_the_field() -> None:
    none_of([place for path in written() for place in dialect_of(path)])


def test_the_dashboard_reaches_the_ledger_through_the_face_of_a_room() -> None:
    past = {path: imports_past_rooms(path) for path in sources("dashboard", "pages")}

    none_of([item for item in past.items() if item[1]])


def test_screens_write_numbers_in_the_locale_of_the_installation() -> None:
    grouped = re.compile(r"(?<!%)\{[^{}%]+:,[.\d]*f?\}")  # Plotly's own formats begin with a percent sign
    screens = [path for path in sources("dashboard", "pages") if path.parts[1] != "api"]

    assert grouped.search('f"{rows:,}"')
    assert {str(path) for path in screens if grouped.search(text_of(path))} == set()


def test_a_percent_sign_follows_its_number() -> None:
    apart = re.compile(r"[0-9}] %(?![(a-z0-9%])")
    code = [*sources("ledger", "dashboard", "pages"), *sources("ledger", suffix="sql")]
    files = [*code, *sources("docs", suffix="md")]

    assert apart.search("80 % of the minutes")
    none_of([path for path in files if apart.search(text_of(path))])


def test_nothing_is_left_unfinished() -> None:
    files = [*sources(*ROOMS), *sources("ledger", suffix="sql"), *sources("docs", suffix="md")]

    none_of([path for path in files if UNFINISHED.search(text_of(path))])


def test_the_ledger_is_never_mocked() -> None:
    none_of(
        [path for path in sources("tests") if imports_any(path, {"unittest.mock", "mock", "pytest_mock"})]
    )


def test_an_advisory_lock_number_has_one_purpose() -> None:
    nouns: dict[str, set[str]] = {}
    for path in sources("ledger", suffix="sql"):
        for number in re.findall(r"advisory_\w*lock\((\d+)\)", text_of(path)):
            nouns.setdefault(number, set()).add(
                path.stem if path.parent.name == "queries" else path.parent.name
            )

    assert len(nouns) > 3
    assert {number: nouns[number] for number in nouns if len(nouns[number]) > 1} == {}


def test_every_table_declares_its_kind(db: Connection) -> None:
    undeclared = text(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
        "AND relname NOT IN (SELECT table_name FROM table_kinds)"
    )
    imagined = text("SELECT table_name FROM table_kinds WHERE to_regclass(table_name) IS NULL")

    assert list(db.scalars(undeclared)) == []
    assert list(db.scalars(imagined)) == []


def test_every_sqlstate_of_ours_is_an_error_class_once_the_ledger_is_imported() -> None:
    raised = {
        state for path in sources("ledger", suffix="sql") for state in OWN_SQLSTATE.findall(text_of(path))
    }
    program = (
        "import ledger, sys; from ledger.errors import error_for; "
        "print([state for state in sys.argv[1:] if error_for(state, '') is None])"
    )

    unmapped = subprocess.run(
        [sys.executable, "-c", program, *sorted(raised)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert unmapped.strip() == "[]"


def test_every_requirement_is_pinned_and_the_product_itself_comes_first() -> None:
    lines = [line.strip() for line in text_of(Path("requirements.txt")).splitlines()]
    requirements = [line for line in lines if line and not line.startswith("#")]

    assert requirements[0] == "-e ."
    none_of([line for line in requirements[1:] if not PINNED.match(line)])
