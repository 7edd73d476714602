"""The words of the commands of operators: each explains itself, and a wrong one is named."""

import signal
from datetime import date

import pytest

from ledger.__main__ import COMMANDS
from ledger.command_line import read, stop_on_hangup

WORDS = [[name] for name in (*COMMANDS, "size")] + [["api-key", "create"], ["staff", "add"]]


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_every_command_explains_itself(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read([*words, "--help"])

    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: python -m ledger {' '.join(words)}")


def test_the_list_of_commands_names_each_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read(["--help"])

    output = capsys.readouterr().out
    assert all(f"\n    {words[0]}" in output for words in WORDS)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("frobnicate", "frobnicate"),
        ("", "COMMAND"),
        ("demo --workspaces 0", "--workspaces"),
        ("demo --until soon", "--until"),
        ("demo --until 2026-02-30", "--until"),
        ("demo --until 0001-01-01", "--until"),
        ("demo --until 9999-12-31", "--until"),
        ("demo --months 100000", "--months"),
        ("demo --seed -1", "--seed"),
        ("reconcile --days 0", "--days"),
        ("api-key create --name robot --scope everything", "--scope"),
        ("api-key create --name robot", "--scope"),
        ("staff add ann@example.com --role owner", "--role"),
        ("staff add ann@example.com", "--role"),
    ],
)
def test_a_wrong_word_is_named(words: str, named: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read(words.split())

    output = capsys.readouterr()
    assert (ended.value.code, output.out) == (2, "")
    assert named in output.err


def test_a_demo_company_has_two_thousand_workspaces_and_a_year_unless_something_else_is_requested() -> None:
    plain, other = (
        read(["demo"]),
        read(["demo", "--workspaces", "5", "--months", "1", "--until", "2026-03-01", "--seed", "3"]),
    )

    assert (plain.workspaces, plain.months, plain.until, plain.seed) == (2000, 12, None, 1)
    assert (other.workspaces, other.months, other.until, other.seed) == (5, 1, date(2026, 3, 1), 3)


def test_under_nohup_a_closed_terminal_goes_on_being_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        stop_on_hangup()

        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
