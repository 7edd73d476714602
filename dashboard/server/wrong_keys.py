"""Wrong keys are counted for each address: beyond a limit they are refused without asking the database."""

import time
from collections.abc import Callable

WRONG_PER_MINUTE = 30
REMEMBERED = 10_000
SECONDS = 60.0


class WrongKeys:
    """Wrong keys of the last minute, by address, in this process."""

    def __init__(self, *, most: int = WRONG_PER_MINUTE, clock: Callable[[], float] = time.monotonic) -> None:
        """`most`: wrong keys that an address may send in a minute."""
        self._most = most
        self._clock = clock
        self._windows: dict[str, tuple[float, int]] = {}
        self._opened: set[str] = set()

    def wait_seconds(self, address: str, key_id: str) -> int:
        """Return how long the address has to wait before another key is looked up; 0: not at all.

        A key that has opened before is always looked up, so that nobody behind the same address is locked out.
        """
        started, count = self._windows.get(address, (0.0, 0))
        left = started + SECONDS - self._clock()
        return int(left) + 1 if count >= self._most and left > 0 and key_id not in self._opened else 0

    def note_wrong(self, address: str) -> bool:
        """Count a wrong key. Return whether the address reaches the limit with it."""
        now = self._clock()
        started, count = self._windows.get(address, (now, 0))
        if now - started >= SECONDS:
            started, count = now, 0
        if len(self._windows) >= REMEMBERED:
            self._windows.clear()
        self._windows[address] = (started, count + 1)
        return count + 1 == self._most

    def note_right(self, key_id: str) -> None:
        """Remember that a key has opened."""
        if len(self._opened) >= REMEMBERED:
            self._opened.clear()
        self._opened.add(key_id)

    def forget(self) -> None:
        """Forget every address and key."""
        self._windows.clear()
        self._opened.clear()
