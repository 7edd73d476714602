"""The verdict of the Health page in each case, and when a job counts as late."""

from datetime import timedelta

import pytest

from dashboard.screens.health import answer, is_late, problems
from ledger.worker import ScheduleRun


@pytest.mark.parametrize(
    ("seconds_ago", "pause", "late"),
    [(0, 60, False), (180, 60, False), (181, 60, True), (None, 60, True), (10**6, None, False)],
)
def test_a_schedule_is_late_after_three_times_its_pause_without_success(
    now, seconds_ago, pause, late
) -> None:
    succeeded_at = None if seconds_ago is None else now - timedelta(seconds=seconds_ago)
    run = ScheduleRun(
        name="x", started_at=now, finished_at=now, succeeded_at=succeeded_at, error=None, mark=None
    )

    assert is_late(run, pause, now) is late


@pytest.mark.parametrize(("running_seconds", "late"), [(0, False), (180, False), (181, True)])
def test_a_schedule_that_runs_for_the_first_time_is_not_late_until_it_runs_for_too_long(
    now, running_seconds, late
) -> None:
    run = ScheduleRun(
        name="x",
        started_at=now - timedelta(seconds=running_seconds),
        finished_at=None,
        succeeded_at=None,
        error=None,
        mark=None,
    )

    assert is_late(run, 60, now) is late


@pytest.mark.parametrize(
    ("alerts", "counts", "compared", "said"),
    [
        ({}, (0, 0, 0), True, "**All healthy**: no open alerts, no failed events, all jobs on time; payments match Stripe."),
        ({}, (0, 0, 0), False, "**All healthy**: no open alerts, no failed events, all jobs on time; payments have not been compared with Stripe yet."),
        ({"dispute": 21}, (0, 0, 0), True, "All healthy except **21 open disputes**."),
        ({"dispute": 1, "fraud_warning": 1}, (0, 0, 0), True, "All healthy except **1 open dispute**, **1 other open alert**."),
        ({"quarantined": 2}, (1, 2, 3), False, "All healthy except **2 other open alerts**, **1 failed event**, **2 mismatches with Stripe**, **3 late jobs**."),
        ({}, (0, 1, 1), True, "All healthy except **1 mismatch with Stripe**, **1 late job**."),
    ],
)  # fmt: skip
def test_the_verdict_names_everything_that_is_not_healthy(alerts, counts, compared, said) -> None:
    failed_events, mismatches, late_jobs = counts

    result = problems(alerts, failed_events=failed_events, mismatches=mismatches, late_jobs=late_jobs)

    assert answer(result, compared=compared) == said


@pytest.mark.parametrize(
    ("alerts", "due_soon", "said"),
    [
        ({"dispute": 5}, 1, ["**5 open disputes** (1 to answer within a week)"]),
        ({"dispute": 5}, 0, ["**5 open disputes**"]),
        ({"fraud_warning": 1}, 1, ["**1 other open alert**"]),
    ],
)
def test_disputes_are_said_with_how_many_are_due_soon(alerts, due_soon, said) -> None:
    counts = {"failed_events": 0, "mismatches": 0, "late_jobs": 0}

    assert problems(alerts, **counts, due_soon=due_soon) == said


@pytest.mark.parametrize(
    ("knocking", "said"), [(0, []), (1, ["**1 address with wrong"]), (2, ["**2 addresses with wrong"])]
)
def test_addresses_that_try_in_vain_are_a_problem(knocking: int, said: list[str]) -> None:
    named = problems({}, failed_events=0, mismatches=0, late_jobs=0, knocking=knocking)

    assert [each.split(" keys")[0] for each in named] == said


def test_a_drill_that_is_wrong_is_the_last_problem() -> None:
    counts = {"failed_events": 1, "mismatches": 0, "late_jobs": 0}

    assert problems({}, **counts, drill="a failed restore drill") == [
        "**1 failed event**",
        "**a failed restore drill**",
    ]
    assert problems({}, **counts) == ["**1 failed event**"]
