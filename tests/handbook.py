"""Reads the written word of the house, so that tests can hold it to what it says."""

import contextlib
import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ledger.command_line import _parser
from tests.databases import CHECKOUT

PROGRAM = re.compile(r"^```python\n(.*?)^```\n```text\n(.*?)^```$", re.DOTALL | re.MULTILINE)
QUOTED = re.compile(r"`([^`\n]+)`")
LEDGER_COMMAND = re.compile(r"python -m ledger ([a-z-]+)")
OTHER_MODULE = re.compile(r"python -m ((?!ledger\b)[a-z_.]+)")
MAKE_TARGET = re.compile(r"\bmake ([a-z]+)")
PATH = re.compile(r"^(?:[\w.-]+/)+[\w.*-]*$|^[\w-]+\.(?:md|py|toml|txt)$|^Makefile$")
MADE = (".venv/", ".data/")


def programs(text: str) -> list[tuple[str, str]]:
    """Return each Python program of a text, with the output that stands below it."""
    return PROGRAM.findall(text)


def printed(shown: Iterable[tuple[str, str]]) -> list[str]:
    """Run programs one after the other, as one session; give what each prints."""
    names: dict[str, Any] = {}
    outputs = []
    for number, (program, _) in enumerate(shown, start=1):
        with contextlib.redirect_stdout(io.StringIO()) as output:
            exec(compile(program, f"program {number}", "exec"), names)  # noqa: S102 - that is the point
        names["engine"].dispose()  # it opens again when the next program asks
        outputs.append(output.getvalue())
    return outputs


def commands(text: str) -> dict[str, set[str]]:
    """Return the make targets, the commands of the ledger and the other modules that a text says to run."""
    code = "\n".join([*QUOTED.findall(text), *fenced(text, "bash"), *fenced(text, "sh")])
    return {
        "make": set(MAKE_TARGET.findall(code)),
        "ledger": set(LEDGER_COMMAND.findall(code)),
        "module": set(OTHER_MODULE.findall(code)),
    }


def fenced(text: str, language: str) -> list[str]:
    """Return the blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def paths(text: str) -> list[str]:
    """Return the files and folders of the checkout that a text names; what is made at run time is not among them."""
    return sorted({each for each in QUOTED.findall(text) if PATH.match(each) and not each.startswith(MADE)})


def make_targets() -> set[str]:
    """Return the targets listed at the head of the Makefile."""
    return set(re.findall(r"^#   make (\w+)", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))


def ledger_commands() -> set[str]:
    """Return the commands of `python -m ledger`."""
    (choices,) = [action.choices for action in _parser()._actions if action.choices]
    return set(choices)


def documents() -> list[Path]:
    """List everything written for people."""
    return [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
