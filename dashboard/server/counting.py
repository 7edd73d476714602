"""Requests of the HTTP interface, counted and timed in this process, as Prometheus reads them."""

import threading
from bisect import bisect_left
from collections import Counter

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends in seconds; one more bucket has no end."""


class Requests:
    """How many requests were answered with which status, and how long they took."""

    def __init__(self) -> None:
        """Start at 0."""
        self._lock = threading.Lock()
        self._statuses: Counter[int] = Counter()
        self._buckets = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0

    def count(self, status: int, seconds: float) -> None:
        """Add one request."""
        with self._lock:
            self._statuses[status] += 1
            self._buckets[bisect_left(BUCKETS, seconds)] += 1
            self._seconds += seconds

    def lines(self) -> list[str]:
        """Return the counters in the text format of Prometheus."""
        with self._lock:
            statuses, buckets, seconds = dict(self._statuses), list(self._buckets), self._seconds
        name, total = "minutes_http_request_seconds", 0
        lines = [
            "# HELP minutes_http_requests_total Requests of the HTTP interface, by status.",
            "# TYPE minutes_http_requests_total counter",
            *(f'minutes_http_requests_total{{status="{code}"}} {n}' for code, n in sorted(statuses.items())),
            f"# HELP {name} How long requests took.",
            f"# TYPE {name} histogram",
        ]
        for end, each in zip((*map(str, BUCKETS), "+Inf"), buckets, strict=True):
            total += each
            lines.append(f'{name}_bucket{{le="{end}"}} {total}')
        return [*lines, f"{name}_sum {seconds:.6f}", f"{name}_count {total}"]


requests = Requests()
