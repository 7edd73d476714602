"""Times that were written: a leap second is one, and what is no time is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.validation import read_time

NEW_YEAR = datetime(2017, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "after_seconds"),
    [
        ("2016-12-31T23:59:59Z", -1),
        ("2016-12-31T23:59:60Z", 0),
        ("2016-12-31 23:59:60Z", 0),
        ("2016-12-31T23:59:60.25Z", 0.25),
        ("2017-01-01T05:29:60+05:30", 0),
        ("2017-01-01T00:00:00Z", 0),
    ],
)
def test_second_60_is_the_first_of_the_next_minute(written: str, after_seconds: float) -> None:
    assert read_time(written) == NEW_YEAR + timedelta(seconds=after_seconds)


@pytest.mark.parametrize(
    "written",
    ["2016-12-31T23:59:61Z", "2016-12-31T23:60:00Z", "2016-13-31T23:59:60Z", "9999-12-31T23:59:60Z", "60"],
)
def test_what_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        read_time(written)
