"""How long the server works for each statement: the processor time of its backend, which other work does not lengthen."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from ledger.database import query, scripts
from ledger.metrics import METRICS
from ledger.metrics.rows import statement

TEMPLATES = (
    "metric_rows",
    "metric_totals",
    "metric_median",
    "metric_by_workspace",
    "metric_waiting",
    "added_workspaces",
    "rolled_workspaces",
)


@dataclass(frozen=True)
class Statement:
    """One statement: the name of its file and metric, and its milliseconds of server time."""

    name: str
    ms: float


@contextmanager
def server_time(engine: Engine) -> Iterator[list[Statement]]:
    """Collect the statements of the engine's database. Parallel workers are not counted: switch them off."""
    executed: list[Statement] = []

    def begin(connection: Any, *_: Any) -> None:
        connection.info["begun"] = spent(connection)

    def end(connection: Any, _cursor: Any, _text: Any, parameters: Any, context: Any, _many: Any) -> None:
        ms = 1000 * (spent(connection) - connection.info["begun"])
        executed.append(Statement(_name(context.invoked_statement, parameters), ms))

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    try:
        yield executed
    finally:
        event.remove(engine, "before_cursor_execute", begin)
        event.remove(engine, "after_cursor_execute", end)


def spent(connection: Any) -> float:
    """Return the seconds that the backend of a connection has run, or wall-clock time if the system does not report them."""
    output = Path(f"/proc/{connection.connection.driver_connection.info.backend_pid}/schedstat")
    return int(output.read_text().split()[0]) / 1e9 if output.exists() else time.perf_counter()


def _name(executed: Any, parameters: Any) -> str:
    together = re.match(r"/\* (\w+ together) \*/", str(executed))
    name = together[1] if together else _names().get(str(executed), "another statement")
    metric = parameters.get("metric") if isinstance(parameters, dict) else None
    return f"{name} {metric}" if metric else name


@cache
def _names() -> dict[str, str]:
    named = {str(query(name)): name for name in scripts()}
    behind = {str(statement(name, slug)): f"{name} {slug}" for name in TEMPLATES for slug in METRICS}
    return {**named, **behind}
