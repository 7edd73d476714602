"""Runs one import at a time in the background and reports its progress."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ledger.errors import ImportRefused, LedgerError
from ledger.logs import run_of
from ledger.transfer.imports import ImportOutcome, ImportPlan, Progress, run_import

logger = logging.getLogger(__name__)


class Book(Protocol):
    """Books an import, or dry-runs it, and reports its progress."""

    def __call__(self, *, progress: Progress) -> ImportOutcome:
        """Return the outcome."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A running or finished import: `outcome` on success, otherwise `error`."""

    folder: Path
    is_dry_run: bool
    step: str = "read"
    done: int = 0
    total: int = 0
    outcome: ImportOutcome | None = None
    error: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether the import is still running."""
        return self.outcome is None and self.error is None


class Jobs:
    """Starts imports, one at a time, and remembers the last one."""

    def __init__(self) -> None:
        """Begin without a job."""
        self._lock = threading.Lock()
        self._job: Job | None = None
        self._thread: threading.Thread | None = None

    @property
    def last(self) -> Job | None:
        """The running job, or the last one."""
        return self._job

    def start(self, engine: Engine, plan: ImportPlan, *, dry_run: bool, **options: Any) -> None:
        """Run an import of a folder in the background. Raises ImportRefused while one runs."""
        self.start_book(
            partial(run_import, engine, plan, dry_run=dry_run, **options), plan.folder, dry_run=dry_run
        )

    def start_book(self, book: Book, folder: Path, *, dry_run: bool) -> None:
        """Run an import of any kind in the background. Raises ImportRefused while one runs."""
        with self._lock:
            if self._job and self._job.is_running:
                raise ImportRefused("Another import is running.")
            self._job = Job(folder=folder, is_dry_run=dry_run)
        self._thread = threading.Thread(target=self._run, args=(book,), daemon=True)
        self._thread.start()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the job has ended."""
        if self._thread:
            self._thread.join(seconds)

    def _run(self, book: Book) -> None:
        with run_of("import") as run:
            self._book(book)
            if self._job and self._job.error:
                run["outcome"] = "failed"

    def _book(self, book: Book) -> None:
        try:
            self._change(outcome=book(progress=self._advance))
        except LedgerError as error:
            self._change(error=str(error))
        except SQLAlchemyError as error:
            logger.exception("an import stopped")
            self._change(error=f"The database stopped the import: {str(error).splitlines()[0]}")
        except Exception:
            self._change(
                error="The import failed because of an internal error; see the log. Nothing was lost or booked twice."
            )
            raise

    def _advance(self, step: str, rows: int, total: int) -> None:
        job = self._job
        same = job is not None and job.step == step
        self._change(step=step, done=(job.done if job and same else 0) + rows, total=total)

    def _change(self, **changes: object) -> None:
        if self._job:
            self._job = replace(self._job, **changes)  # type: ignore[arg-type]
