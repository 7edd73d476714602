"""The usage bar: filled is used, in every state, on both sides of each edge."""

import re

import pytest

from dashboard.kit.usage import Usage, bar


@pytest.mark.parametrize(
    ("plan", "extra", "base", "percent", "state"),
    [
        (200, 0, 200, 0.0, "plan"),
        (41, 0, 200, 79.5, "plan"),
        (40, 0, 200, 80.0, "low"),
        (0, 210, 210, 0.0, "extra"),
        (0, 42, 210, 80.0, "low"),
        (0, 0, 200, 100.0, "empty"),
        (0, 0, 0, None, "empty"),
    ],
)
def test_the_bar_is_filled_by_what_is_used(
    plan: int, extra: int, base: int, percent: float | None, state: str
) -> None:
    usage = Usage(plan, extra, base)

    assert (usage.percent, usage.state) == (percent, state)
    drawn = re.search(r"width:([\d.]+)%", bar(usage))
    assert (float(drawn[1]) if drawn else None) == percent


def test_the_label_of_a_bar_is_never_markup() -> None:
    assert "<img" not in bar(Usage(1, 0, 2), label='"><img src=x>')
