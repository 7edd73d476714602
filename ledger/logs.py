"""The log of a process: text for a person, or one JSON object a line for a machine, without personal data or secrets.

JSON has a line for every request and every run of a job. All lines of one request or run carry the same `request_id`.
"""

import json
import logging
import re
import secrets
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
ACCESS = logging.getLogger("minutes.access")
"""Requests and runs; silent in text."""
REMOVED = "[removed]"
PRIVATE = re.compile(
    r"[^\s@<>\"'=:/]+@[^\s@<>\"'/]+\.\w+"  # an address
    r"|\b(?:sk|rk|pk)_\w{6,}|\bwhsec_[\w+/=]+"  # keys and signing secrets of Stripe
    r"|\bminutes_[0-9a-f]{12}_[\w-]+"  # our own keys
    r"|\bBearer\s+\S+|(?<=://)[^\s/@]+:[^\s/@]+(?=@)"  # a key in a header, a password in a URL
    r"|(?<=token=)[^\s&]+|(?<=password=)\S+",
    re.IGNORECASE,
)

request_id: ContextVar[str] = ContextVar("request_id", default="-")
"""The id of the request or of the run that is being served."""


class OneLine(logging.Formatter):
    """Writes a record as one JSON object; an error by its classes and places, never by its text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
            **getattr(record, "fields", {}),
        }
        for name, value in line.items():
            line[name] = PRIVATE.sub(REMOVED, value) if isinstance(value, str) else value
        if record.exc_info and record.exc_info[1]:
            line["error"] = list(_chain(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False, default=str)


def _chain(error: BaseException | None) -> Iterator[dict[str, Any]]:
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        yield {
            "class": type(error).__name__,
            "places": [f"{each.filename}:{each.lineno} {each.name}" for each in frames],
        }
        error = error.__cause__ or error.__context__


def configure(log_format: str) -> None:
    """Write the log of this process to stderr: warnings as text, or as JSON with everything from `minutes.access`."""
    if log_format == "text":
        logging.basicConfig(level=logging.WARNING, format=TEXT)
        return
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    ACCESS.setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "streamlit"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"  # our own lines say the same, without paths


@contextmanager
def run_of(job: str) -> Iterator[dict[str, Any]]:
    """Log one run of a job when it ends; set `outcome` of the yielded fields where it failed without an exception."""
    fields: dict[str, Any] = {"job": job, "outcome": "done"}
    token = request_id.set(f"run_{secrets.token_hex(12)}")
    started = time.perf_counter()
    try:
        yield fields
    except BaseException:
        fields["outcome"] = "failed"
        raise
    finally:
        fields["milliseconds"] = round((time.perf_counter() - started) * 1000, 1)
        ACCESS.info("run", extra={"fields": fields})
        request_id.reset(token)


def log_request(name: str, *, method: str, route: str, status: int, seconds: float) -> None:
    """Log one request under its id. `route` is the template of its path: the path itself names workspaces."""
    fields = {
        "request_id": name,
        "method": method,
        "route": route,
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
    }
    ACCESS.info("request", extra={"fields": fields})
