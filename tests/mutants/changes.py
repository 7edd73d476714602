"""A change of meaning: one place of one file, before and after."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

HARD = Path(__file__).parent / "hard"


@dataclass(frozen=True)
class Change:
    """One place of one file that now means something else."""

    path: str
    line: int
    before: str
    """The line or lines as they are, without indentation."""
    after: str
    text: str
    """The whole file after the change."""
    about: str = ""

    @property
    def name(self) -> str:
        """What an explanation names: no line number, since those move."""
        return f"{self.path}: {self.before} -> {self.after or '(removed)'}"


def replaced(root: Path, path: str, old: str, new: str, about: str = "") -> Change | None:
    """Return the change that writes `new` for `old`; None if `old` is not there exactly once."""
    text = (root / path).read_text() if (root / path).is_file() else ""
    if text.count(old) != 1:
        return None
    line = text[: text.index(old)].count("\n") + 1
    return Change(path, line, _one_line(old), _one_line(new), text.replace(old, new), about)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def hard_changes(root: Path) -> Iterator[tuple[str, Change | None]]:
    """Yield what each entry of the lists in `hard/` is about, and its change; None if the code has moved on."""
    for file in sorted(HARD.glob("*.toml")):
        for entry in tomllib.loads(file.read_text())["change"]:
            about = f"{file.stem}: {entry['about']}"
            yield about, replaced(root, entry["file"], entry["old"], entry["new"], about)


def moved_on(root: Path) -> list[str]:
    """Return what the entries are about whose code does not stand exactly once in its file any more."""
    return [about for about, change in hard_changes(root) if change is None]


def distinct(changes: Iterable[Change]) -> Iterator[Change]:
    """Yield each change once: two rules may make the same one."""
    seen = set()
    for change in changes:
        if change.name not in seen:
            seen.add(change.name)
            yield change


def of_lines(before: str, after: str) -> tuple[int, str, str]:
    """Return the first line that differs, and the lines that differ before and after."""
    old, new = before.splitlines(), after.splitlines()
    first = next(
        (at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    return (
        first + 1,
        _one_line("\n".join(old[first : len(old) - last])),
        _one_line("\n".join(new[first : len(new) - last])),
    )
