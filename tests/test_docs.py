"""What is written for people is held to what is: words, commands, paths, worked examples, decision records."""

import difflib
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from dashboard.api import app, document
from tests.commands import environment, run, url_of_engine
from tests.databases import CHECKOUT
from tests.examples import EXAMPLES, output_of
from tests.handbook import QUOTED, commands, documents, fenced, ledger_commands, make_targets, paths
from tests.pictures import FOLDER, PICTURES

COMMAND = ".venv/bin/python -m ledger "
DOCS = CHECKOUT / "docs"
README = (CHECKOUT / "README.md").read_text()
GLOSSARY = (DOCS / "glossary.md").read_text()
CHANGELOG = (CHECKOUT / "CHANGELOG.md").read_text()
OPERATIONS = (DOCS / "operations.md").read_text()
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
WORDS = """
    workspace, attribute, plan, subscription period, allocation, lot, pool, burn order, package, purchase, grant, bulk grant,
    use, overage policy, draw, void, entry, statement, gauge base, usage alert, limit hit, epoch, unmet minutes, key, at,
    control, treatment, evidence level, source, rows, as of
"""
LATER = {  # made by the operator
    "streamlit_config/secrets.toml",
    "secrets.toml",
    "minutes.dump",
    "FOLDER/mapping.toml",
    "FOLDER/stripe.toml",
    "FOLDER/refused.csv",
}
WRITTEN = documents()
ENUMS = {"lot": "lot_kind", "entry": "entry_kind", "overage policy": "overage_policy"}
CHECKS = {
    "usage alert": "usage_alerts_kind",
    "source": "workspaces_source",
    "table": "table_kinds_kind_check",
}


def cells(row: str) -> list[str]:
    """Return the cells of one line of a table."""
    return [cell.strip() for cell in row.strip("|").split("|")]


def table(text_of_section: str) -> list[list[str]]:
    """Return the rows of the table of a section, without its head."""
    return [cells(line) for line in text_of_section.splitlines() if line.startswith("|")][2:]


def section(title: str) -> str:
    """Return a section of the glossary."""
    return GLOSSARY.split(f"## {title}\n")[1].split("\n## ")[0]


def words(*titles: str) -> list[str]:
    """Return the words that sections of the glossary explain."""
    return [word for title in titles for row in table(section(title)) for word in row[0].split(", ")]


def meanings() -> list[list[str]]:
    """Return the rows of the glossary: word, meaning, names in the database."""
    return table(section("The list")) + table(section("Further terms"))


def kinds() -> dict[str, set[str]]:
    """Return the words of each kind, as the glossary has them."""
    return {of: set(QUOTED.findall(labels)) for of, labels in table(section("Kinds"))}


def test_the_glossary_explains_every_word_of_the_domain_once() -> None:
    explained = words("The list", "Further terms")

    assert len(explained) == len(set(explained))
    assert {word.strip() for word in WORDS.split(",")} == set(words("The list"))


def test_the_names_in_the_glossary_are_those_of_the_database(db: Connection) -> None:
    columns = text("SELECT table_name || '.' || column_name FROM information_schema.columns")
    known = set(db.scalars(columns))
    known |= {name.partition(".")[0] for name in known}

    named = {name for row in meanings() for name in QUOTED.findall(row[2])}

    assert named - known == set()


@pytest.mark.parametrize("of", ENUMS)
def test_the_words_of_a_type_are_those_of_the_glossary(db: Connection, of: str) -> None:
    labels = text("SELECT enumlabel FROM pg_enum WHERE enumtypid = CAST(:type AS regtype)")

    assert kinds()[of] == set(db.scalars(labels, {"type": ENUMS[of]}))


@pytest.mark.parametrize("of", CHECKS)
def test_the_words_that_a_constraint_allows_are_those_of_the_glossary(db: Connection, of: str) -> None:
    definition = text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name")

    allowed = db.execute(definition, {"name": CHECKS[of]}).scalar_one()

    assert kinds()[of] == set(re.findall(r"'([^']+)'", allowed))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_gives_the_output_that_is_stored_with_it(engine: Engine, example: Path) -> None:
    stored = example.with_suffix(".out").read_text().splitlines()

    given = output_of(example, url_of_engine(engine)).splitlines()

    assert list(difflib.unified_diff(stored, given, "stored", "generated", lineterm="")) == []


def test_documents_show_the_pictures_that_make_pictures_makes() -> None:
    shown = {
        (document.parent / path).resolve()
        for document in WRITTEN
        for path in re.findall(r"!\[[^]]*\]\(([^)]+)\)", document.read_text())
    }

    made = {(FOLDER / f"{name}.png").resolve() for name in PICTURES}
    assert shown == made == set(FOLDER.glob("*.png"))


def test_every_output_has_its_example() -> None:
    outputs = {path.stem for path in (DOCS / "examples").glob("*.out")}

    assert outputs == {path.stem for path in EXAMPLES}
    assert outputs


@pytest.mark.slow
def test_the_commands_of_operation_run_in_their_order(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = url_of_engine(engine).partition("?")[0]
    monkeypatch.setenv("BACKUPS", str(tmp_path))

    ran = [done for block in fenced(OPERATIONS, "bash") for done in commands_run(block, plain)]

    printed = "".join(done.stdout for done in ran)
    assert [done for done in ran if done.returncode] == []
    assert "0 findings" in printed
    assert "ada@example.com may sign in as admin" in printed


def commands_run(block: str, url: str) -> Iterator[subprocess.CompletedProcess[str]]:
    """Run a block as an operator does: commands of the ledger in this process, a block with others in a shell."""
    lines = block.strip().splitlines()
    if all(line.startswith(COMMAND) for line in lines):
        for line in lines:
            yield run(*shlex.split(os.path.expandvars(line.removeprefix(COMMAND))), database_url=url)
        return
    yield subprocess.run(
        ["bash", "-e", "-c", block.replace(".venv/bin/python", sys.executable)],
        cwd=CHECKOUT,
        env=environment(url),
        capture_output=True,
        text=True,
        check=False,
    )


def test_operation_names_every_command_that_there_is() -> None:
    named = {command for command in ledger_commands() if re.search(rf"\b{command}\b", OPERATIONS + README)}

    assert ledger_commands() - named == set()


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_the_commands_that_a_document_shows_exist(document: Path) -> None:
    shown = commands(document.read_text())

    assert shown["make"] <= make_targets()
    assert shown["ledger"] <= ledger_commands()
    assert [module for module in shown["module"] if not is_module(module)] == []


@pytest.mark.parametrize("document", WRITTEN, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_the_paths_that_a_document_names_are_there(document: Path) -> None:
    named = [path for path in paths(document.read_text()) if path not in LATER]

    assert [path for path in named if not any(files_at(path))] == []


def files_at(path: str) -> list[Path]:
    """Return the files that a document names by a path, or by its end."""
    return [CHECKOUT / path] if (CHECKOUT / path).exists() else list(CHECKOUT.glob(f"[a-z]*/**/{path}"))


def is_module(name: str) -> bool:
    """Whether a name is a module of ours."""
    place = CHECKOUT / name.replace(".", "/")
    return place.with_suffix(".py").exists() or (place / "__init__.py").exists()


def test_decisions_are_numbered_without_gaps_and_say_it_in_their_first_line() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]

    assert all(later == earlier + 1 for earlier, later in pairwise([0, *numbers]))
    assert [path for path in DECISIONS if not re.match(rf"# {int(path.name[:4])}\. ", path.read_text())] == []


def test_every_decision_names_its_trade_offs() -> None:
    losing = re.compile(r"\b(Trade-offs|Alternatives|Rejected|Given up|Not solved here|Why not)\b")

    assert [path for path in DECISIONS if not losing.search(path.read_text())] == []


def test_the_changelog_begins_with_the_version_of_the_package_and_has_every_tag() -> None:
    released = re.findall(r"^## ([0-9.]+)$", CHANGELOG, re.MULTILINE)
    package = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
    tags = subprocess.run(
        ["git", "tag", "--list", "v*"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    ).stdout.split()

    assert released[0] == package
    assert {tag.removeprefix("v") for tag in tags} <= set(released)


def test_what_is_deprecated_in_the_interface_is_deprecated_in_the_changelog() -> None:
    parameters = [
        each["name"]
        for *_, operation in document.operations(document.openapi(app))
        for each in operation.get("parameters", [])
        if each.get("deprecated")
    ]
    announced = re.findall(r"Deprecated: `(\w+)`", CHANGELOG)

    assert parameters
    assert set(parameters) == set(announced)


def test_a_start_without_the_demo_company_is_one_word_of_make() -> None:
    recipes = [
        subprocess.run(
            ["make", "-n", "run", *chosen], cwd=CHECKOUT, capture_output=True, text=True, check=True
        ).stdout
        for chosen in ([], ["DEMO=no"], ["DEMO=no", "PORT=8600"])
    ]

    assert ["--no-demo" in recipe for recipe in recipes] == [False, True, True]
    assert "--port 8600" in recipes[2]
