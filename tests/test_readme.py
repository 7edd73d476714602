"""The README does what it says: its programs run and print what stands below them, and what it names is there."""

import re
from importlib.util import find_spec

import pytest

from tests.databases import CHECKOUT, empty_database
from tests.handbook import commands, ledger_commands, make_targets, paths, printed, programs

README = (CHECKOUT / "README.md").read_text()
FIRST_SCREEN_LINES = 50
SETTING = re.compile(r"^\| `([A-Z_]+)` \|", re.MULTILINE)


def test_the_programs_print_what_stands_below_them(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = programs(README)

    with empty_database() as url:
        monkeypatch.setenv("DATABASE_URL", url)

        assert printed(shown) == [output for _, output in shown]


def test_a_program_that_is_run_again_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    (first, output), *_ = programs(README)

    with empty_database() as url:
        monkeypatch.setenv("DATABASE_URL", url)

        assert printed([(first, output), (first, output)]) == [output, output]


def test_the_first_screen_shows_four_ledger_calls_with_their_output() -> None:
    first_screen = "\n".join(README.splitlines()[:FIRST_SCREEN_LINES])

    (first, output), *_ = programs(first_screen)

    assert len(re.findall(r" = ledger\.\w+\(db, | in ledger\.\w+\(db, ", first)) == 4
    assert output


def test_every_command_exists() -> None:
    named = commands(README)

    assert named["make"] == make_targets()
    assert named["ledger"] <= ledger_commands()
    assert all(find_spec(module) for module in named["module"])


def test_every_path_is_there() -> None:
    assert [path for path in paths(README) if not (CHECKOUT / path).exists()] == []


def test_every_room_has_its_line() -> None:
    rooms = {path.name for path in CHECKOUT.iterdir() if path.is_dir() and any(path.glob("*.*"))}
    hidden_or_made = {room for room in rooms if room.startswith((".", "__")) or room.endswith(".egg-info")}

    assert set(re.findall(r"^\| `(\w+)/` \|", README, re.MULTILINE)) == rooms - hidden_or_made


def test_the_settings_are_those_that_the_ledger_reads() -> None:
    read = re.findall(r'given\.get\("([A-Z_]+)"\)', (CHECKOUT / "ledger/settings.py").read_text())

    assert SETTING.findall(README) == read
