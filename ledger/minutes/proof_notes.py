"""Notes of a long proof: which workspaces were proved at which moment, so that a stopped run can go on."""

from __future__ import annotations

import bisect
import fcntl
import json
import os
from dataclasses import asdict
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from ledger.errors import LedgerError
from ledger.minutes.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ledger.minutes.verify import Known, Proven


class ForeignNotes(LedgerError):
    """This file has the notes of another proof."""

    code = "foreign_notes"


class ProofNotes:
    """Notes in a file of JSON lines; without a path they note nothing, and every proof is a new one.

    The file lies outside the database, because whoever owns the database must not be able to call a part proved.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.parts: list[dict[str, Any]] = []
        self._file: IO[bytes] | None = None
        self._firsts: list[str] = []
        self._lasts: list[str] = []

    def begin(self, database: str, since_root: int, *, overdue: bool) -> None:
        """Read what an earlier run has proved. Raises ForeignNotes when it proved something else, or still runs."""
        if self.path is None:
            return
        about = {"database": database, "since_root": since_root, "overdue": overdue}
        self._file = self.path.open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ForeignNotes(f"A proof that still runs writes to {self.path}.") from None
        self._file.seek(0)
        complete, _, torn = self._file.read().rpartition(b"\n")
        if torn:  # a killed run may leave half a line
            self._file.truncate(self._file.tell() - len(torn))
        header, *lines = complete.splitlines() or [b""]
        if not header:
            self._write(about)
            return
        if json.loads(header) != about:
            raise ForeignNotes(
                f"{self.path} is about {header.decode()}, and this proof about {json.dumps(about)}."
            )
        self.parts = [json.loads(line) for line in lines]
        for part in sorted(self.parts, key=lambda each: each["first"]):
            self._firsts.append(part["first"])
            self._lasts.append(max([part["last"], *self._lasts[-1:]]))

    def covers(self, workspace_id: str) -> bool:
        """Return whether an earlier run has proved the part in which this workspace lies."""
        place = bisect.bisect_right(self._firsts, workspace_id)
        return place > 0 and workspace_id <= self._lasts[place - 1]

    def add(self, part: Sequence[Known], proven: Proven, moment: datetime, root_no: int) -> None:
        """Note that these workspaces, in order, are proved as of `moment`, after this root, and what was found."""
        note = {"first": part[0].workspace_id, "last": part[-1].workspace_id, "workspaces": len(part)}
        findings = [asdict(finding) for finding in proven.findings]
        result = {"entries": proven.entries, "findings": findings}
        self._write({**note, **result, "moment": moment.isoformat(), "root_no": root_no})

    def end(self) -> None:
        """Remove the notes: the proof is complete, and the next one begins anew."""
        if self.path is not None:
            self.path.unlink()

    def close(self) -> None:
        """Let another proof use the file."""
        if self._file is not None:
            self._file.close()

    def _write(self, line: dict[str, Any]) -> None:
        if self._file is None:
            return
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    @property
    def findings(self) -> list[Finding]:
        """What an earlier run has found."""
        return [Finding(**finding) for part in self.parts for finding in part["findings"]]

    @property
    def workspaces(self) -> int:
        """How many workspaces an earlier run has proved."""
        return sum(part["workspaces"] for part in self.parts)

    @property
    def entries(self) -> int:
        """How many entries an earlier run has replayed."""
        return sum(part["entries"] for part in self.parts)

    @property
    def moments(self) -> list[datetime]:
        """The first and the last moment as of which an earlier run has proved something."""
        moments = [datetime.fromisoformat(part["moment"]) for part in self.parts]
        return [min(moments), max(moments)]

    @property
    def root_nos(self) -> list[int]:
        """The last root at each of these moments, 0 for none."""
        return [part["root_no"] for part in self.parts]
