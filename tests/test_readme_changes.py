"""Each change that the README explains is made in a copy of the repository, and shows on a page or over HTTP."""

import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands import PATIENCE_SECONDS
from tests.databases import CHECKOUT, empty_database
from tests.handbook import QUOTED
from tests.readme_changes import CHANGES, PROBE

ROOMS = ("ledger", "dashboard", "pages", "tests", "streamlit_config")
NEEDS = {"GREETING": "hello", "STRIPE_WEBHOOK_SECRET": "whsec_readme"}
NOT_MADE = {
    "a package, its size, a price, a plan's price": "no file changes; tests/pages/test_catalogue.py does it on the page",
    "what a use does": "whoever changes it says what changes; tests/ledger/minutes compares SQL, replay and oracle",
    "a workspace attribute (seats, country)": "no file changes; the test below sets one",
    "a table or a column": "the row `a plan` makes a migration; tests/ledger/postgres holds comments and document",
}
"""The rows whose change is not made here, and why."""


def copied(folder: Path) -> Path:
    """Copy the rooms into a folder; return it."""
    for room in ROOMS:
        shutil.copytree(CHECKOUT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository in which every change has been made."""
    copy = copied(tmp_path_factory.mktemp("changed") / "repository")
    for make in CHANGES.values():
        make(copy)
    return copy


@pytest.fixture(scope="module")
def seen(copy: Path) -> Iterator[dict[str, Any]]:
    """What the changed product shows."""
    with empty_database() as url:
        ran = subprocess.run(
            [sys.executable, "-c", PROBE, url],
            cwd=copy,
            env=os.environ | {"PYTHONPATH": str(copy), "DATABASE_URL": url} | NEEDS,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        shown = re.search(r"^SEEN (.*)$", ran.stdout, re.MULTILINE)
        assert shown, ran.stdout + ran.stderr
        yield json.loads(shown[1])


def rows() -> dict[str, set[str]]:
    """Return the paths that the README names for each change."""
    table = (CHECKOUT / "README.md").read_text().partition("## Where do I change X?")[2].partition("\n## ")[0]
    lines = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")][1:]
    return {line[0].strip(): set(QUOTED.findall(line[1])) for line in lines}


def test_every_row_is_proved_here_or_says_why_not() -> None:
    assert set(rows()) == CHANGES.keys() | NOT_MADE.keys()
    assert CHANGES.keys() & NOT_MADE.keys() == set()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the rooms in which one change at a time is made and taken back."""
    return copied(tmp_path_factory.mktemp("scratch"))


@pytest.mark.parametrize("row", CHANGES)
def test_a_change_touches_what_the_readme_names_and_nothing_else(row: str, scratch: Path) -> None:
    named = rows()[row]

    CHANGES[row](scratch)

    touched = changed_files(scratch)
    for path in touched:
        take_back(scratch, path)
    assert touched
    assert [path for path in touched if path not in named and f"{Path(path).parent}/" not in named] == []
    assert changed_files(scratch) == set()


def changed_files(copy: Path) -> set[str]:
    """Return the files of a copy that the repository does not hold, or holds differently."""
    return {
        str(path.relative_to(copy))
        for path in copy.rglob("*.*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and (
            not (original := CHECKOUT / path.relative_to(copy)).exists()
            or not filecmp.cmp(original, path)  # what has the same size and time is not read
        )
    }


def take_back(copy: Path, path: str) -> None:
    """Make one file of a copy what it is in the repository."""
    (copy / path).unlink()
    if (CHECKOUT / path).exists():
        shutil.copy2(CHECKOUT / path, copy / path)


def test_the_copy_was_tried_and_not_the_repository(seen: dict[str, Any], copy: Path) -> None:
    assert Path(seen["where"]).is_relative_to(copy)
    assert seen["errors"] == []


def test_a_new_metric_answers_over_http_and_has_its_card(seen: dict[str, Any]) -> None:
    assert seen["metric"]["slug"] == "turned-away-minutes"
    assert "Turned away minutes" in seen["overview"]


def test_a_new_column_stands_in_the_workspaces_table(seen: dict[str, Any]) -> None:
    assert '<span class="">Source</span>' in seen["workspaces"]
    assert '<span class="">sandbox</span>' in seen["workspaces"]


def test_an_e_mail_has_its_new_words(seen: dict[str, Any]) -> None:
    assert seen["mail"] == "acme: out of minutes, 2026-03-02 09:00 UTC"


def test_a_new_page_opens(seen: dict[str, Any]) -> None:
    assert "Greetings" in seen["page"]


def test_a_new_action_of_staff_is_audited(seen: dict[str, Any]) -> None:
    assert "greet" in seen["audit"].lower()


def test_a_new_plan_is_sold_over_http(seen: dict[str, Any]) -> None:
    assert "team" in seen["plans"]
    assert seen["plan"]["balance"]["total_minutes"] == 500
    assert seen["lists"]["plan"] == ["team"]


def test_another_order_of_use_is_obeyed_by_single_uses_and_batches_and_proven(seen: dict[str, Any]) -> None:
    drawn = [(use["from_plan"], use["from_extra"]) for use in (*seen["uses"], *seen["batch"])]

    assert drawn == [(0, 50), (20, 10), (20, 0), (180, 0)]
    assert seen["verify"] == []


def test_a_new_channel_can_be_chosen(seen: dict[str, Any]) -> None:
    assert ["Carrier pigeon" in options for options in seen["channels"]] == [True]


def test_a_new_attribute_needs_no_file_at_all(seen: dict[str, Any]) -> None:
    assert seen["attributes"] == {"fleet": "large"}
    assert "large" in seen["by"]
    assert seen["chips"] == ["Fleet: large", "Team"]
    assert (seen["lists"]["attribute"], seen["lists"]["search"]) == (["acme"], ["acme"])


def test_a_new_type_of_stripe_event_has_its_effect(seen: dict[str, Any]) -> None:
    assert seen["delivered"] == 200
    assert seen["events"] == [["customer.created", "done", "greeted"]]


def test_a_new_schedule_runs(seen: dict[str, Any]) -> None:
    assert seen["schedules"] == [["greetings", None]]


def test_a_new_permission_of_a_role_opens_its_page(seen: dict[str, Any]) -> None:
    assert seen["role"] == ["Health"]


def test_a_new_refusal_answers_with_its_status_and_is_documented(seen: dict[str, Any]) -> None:
    assert seen["refusal"] == [418, "never_greeted"]
    assert "never_greeted" in str(seen["documented"]["418"])


def test_a_new_setting_is_read(seen: dict[str, Any]) -> None:
    assert seen["setting"] == NEEDS["GREETING"]
