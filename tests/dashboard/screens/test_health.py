"""The condition of the installation: when a schedule counts as late."""

from datetime import timedelta

import pytest

from dashboard.screens.health import is_late
from ledger.worker import Run


@pytest.mark.parametrize(
    ("seconds_ago", "pause", "late"),
    [(0, 60, False), (180, 60, False), (181, 60, True), (None, 60, True), (10**6, None, False)],
)
def test_a_schedule_is_late_after_three_times_its_pause_without_success(
    now, seconds_ago, pause, late
) -> None:
    succeeded_at = None if seconds_ago is None else now - timedelta(seconds=seconds_ago)
    run = Run(name="x", started_at=now, finished_at=now, succeeded_at=succeeded_at, error=None, mark=None)

    assert is_late(run, pause, now) is late
