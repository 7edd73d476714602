"""Starts the embedded server again when it has died under a running process: out of memory, a kill, a panic."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from ledger.postgres.embedded import EmbeddedError, restart_if_down

PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
_restarts: list[datetime] = []
log = logging.getLogger(__name__)


def restarts() -> list[datetime]:
    """Return when this process started the server again, oldest first."""
    return list(_restarts)


@contextmanager
def supervised(data_dir: Path | None, *, clock: Callable[[], datetime]) -> Iterator[None]:
    """Look after the server of `data_dir` until the block ends. None: the database is not ours to start."""
    if data_dir is None:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_look_after, args=(data_dir, stop, clock), name="database", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _look_after(data_dir: Path, stop: threading.Event, clock: Callable[[], datetime]) -> None:
    """Look every second; after each failed start wait twice as long."""
    pause = PAUSE_SECONDS
    while not stop.wait(pause):
        try:
            if restart_if_down(data_dir):
                _restarts.append(clock())
                log.warning("the database had stopped and was started again")
            pause = PAUSE_SECONDS
        except (EmbeddedError, OSError) as error:
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            log.warning("the database has stopped and does not start: %s; next try in %.0f s", error, pause)
