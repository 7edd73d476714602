"""The answer and the one line of the log while the database cannot be reached."""

import logging

from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.responses import Response

from dashboard.server.problems import Problem, answer
from ledger.database import disk_is_full, is_outage
from ledger.logs import request_id

log = logging.getLogger("dashboard.api")


def unavailable(error: Exception) -> Response:
    """Return the problem for a statement that the database did not answer, and log its kind with the request's id."""
    if disk_is_full(error):
        log.error("request %s: the disk of the database is full", request_id.get())
        detail = (
            "The disk of the ledger is full. Nothing was booked: send the request again with the same key."
        )
    else:
        log_unanswered(error)
        detail = (
            "The ledger cannot be reached. The request may have been done: send it again with the same key."
        )
    return answer(Problem("unavailable", detail, headers={"Retry-After": "2"}))


def log_unanswered(error: Exception) -> None:
    """Log one line with the kind of the error; also where it arose, unless the server itself is away or busy."""
    cause = getattr(error, "orig", None) or error
    words = f"{type(cause).__name__} {getattr(cause, 'sqlstate', None) or ''}".strip()
    expected = is_outage(error) or isinstance(error, PoolTimeoutError)
    log.error(
        "request %s: the database did not answer: %s",
        request_id.get(),
        words,
        exc_info=None if expected else error,
    )
