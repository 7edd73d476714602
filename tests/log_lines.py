"""The log as JSON, as a test reads it."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from ledger.logs import ACCESS, OneLine


class LogLines(StringIO):
    """The lines that were written since the test began, or since `forget`."""

    def objects(self) -> list[dict[str, Any]]:
        """Return the object of each line."""
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def forget(self) -> None:
        """Drop the lines until now."""
        self.truncate(0)
        self.seek(0)


@contextmanager
def written_to(logger: logging.Logger) -> Iterator[LogLines]:
    """Yield what is written as JSON to a logger meanwhile, requests and runs included."""
    lines = LogLines()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(OneLine())
    level = ACCESS.level
    logger.addHandler(handler)
    ACCESS.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        ACCESS.setLevel(level)
