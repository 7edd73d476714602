"""What an import has booked, and a death in the middle of one."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Engine, text

import ledger
from tests.databases import CHECKOUT


def balances(engine: Engine) -> dict[str, tuple[int, int]]:
    """Return the plan minutes and the extra minutes left in each workspace."""
    with ledger.reading(engine) as db:
        rows = db.execute(
            text("SELECT workspace_id, minutes_remaining, extra_minutes_remaining FROM workspace_minutes")
        )
        return {row[0]: (row[1], row[2]) for row in rows}


def contents(engine: Engine) -> list[Any]:
    """Return all entries with the balances after them."""
    with ledger.reading(engine) as db:
        entries = (
            "SELECT workspace_id, entry_no, kind, key, at, plan_after, extra_after FROM entries ORDER BY 1, 2"
        )
        return list(db.execute(text(entries)))


OF_IMPORTS = ("import_additions", "import_changes", "import_before", "imported_workspaces", "entry_seals")
"""Tables about imports and seals themselves."""


def everything(engine: Engine) -> dict[str, list[str]]:
    """All rows of workspaces and all daily sums."""
    with ledger.reading(engine) as db:
        tables = "SELECT table_name FROM table_kinds WHERE kind = 'workspace' AND table_name <> ALL(:others)"
        names = list(db.scalars(text(tables), {"others": list(OF_IMPORTS)}))
        names += ["payment_objects", "daily_rollups", "monthly_rollups", "repeated_days"]
        return {name: sorted(map(str, db.execute(text(f"SELECT * FROM {name}")))) for name in names}


def dies_after(portions: int) -> Callable[..., None]:
    """Return a `progress` that ends the import by KeyboardInterrupt once it has booked that many portions."""
    left = iter(range(portions))

    def die(step: str, *_: object) -> None:
        if step == "book" and next(left, None) is None:
            raise KeyboardInterrupt

    return die


IN_SMALL_PORTIONS = (
    "import sys; from ledger.transfer import staging; staging.ROWS_A_CHUNK = {rows}; "
    "from ledger.__main__ import main; sys.exit(main(sys.argv[1:]))"
)
"""A command whose imports commit after that many rows, so that a small history has many moments to die in."""


def in_small_portions(rows: int, *words: str) -> list[str]:
    """Return a command of the ledger that commits an import in portions of so few rows."""
    return [sys.executable, "-c", IN_SMALL_PORTIONS.format(rows=rows), *words]


def kill_after(command: list[str], environment: Mapping[str, str], reached: Callable[[], bool]) -> None:
    """Start a command and end it by SIGKILL as soon as the database has reached a state."""
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=environment, cwd=CHECKOUT, **quiet) as process:
        while process.poll() is None and not reached():
            time.sleep(0.02)
        process.kill()
    assert process.returncode == -9, "it ended before it was killed"
