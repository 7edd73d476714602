"""Charts that everybody can read: colours far enough apart for all eyes, shape beside colour, no invented points."""

from datetime import UTC, datetime
from itertools import combinations

import numpy as np
import pytest

from dashboard.kit import charts
from ledger.metrics import Measure

# Machado, Oliveira and Fernandes 2009, severity 1.0.
VISION = {
    "normal": np.eye(3),
    "protan": np.array([
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998],
    ]),
    "deutan": np.array([
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881],
    ]),
}  # fmt: skip


def lab(hex_colour, vision):
    """CIE Lab (D65) of a colour as such eyes see it."""
    channels = np.array([int(hex_colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    seen = np.clip(VISION[vision] @ linear, 0, 1)
    xyz = (
        np.array(
            [
                [0.4124564, 0.3575761, 0.1804375],
                [0.2126729, 0.7151522, 0.0721750],
                [0.0193339, 0.1191920, 0.9503041],
            ]
        )
        @ seen
    )
    t = xyz / np.array([0.95047, 1.0, 1.08883])
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def closest(palette, vision):
    return min(np.linalg.norm(lab(a, vision) - lab(b, vision)) for a, b in combinations(palette, 2))


@pytest.mark.parametrize(("vision", "least"), [("normal", 30), ("protan", 15), ("deutan", 15)])
def test_no_two_colours_of_the_palette_look_alike_to_anybody(vision, least):
    assert closest(charts.PALETTE, vision) > least


def test_the_test_would_find_a_bad_palette():
    assert closest(("#636efa", "#EF553B", "#00cc96", "#ab63fa", "#FFA15A"), "protan") < 10


def part(label, value, *, n=20, pending=0):
    low, high = (None, None) if value is None else (value - 5, value + 5)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    return Measure(
        slug="conversion", value=value, unit="percent", n=n, low=low, high=high, pending=pending, as_of=now,
        definition_version=1, source="live", start=now, end=now, part=label, numerator=4, denominator=n,
    )  # fmt: skip


def test_cohorts_that_are_still_open_are_hollow_and_in_no_line():
    whole = part(None, 30.0)
    weekly = Measure(
        **{**vars(whole), "parts": (part("2026-02-02", 30.0), part("2026-02-16", None, n=0, pending=7))}
    )

    figure = charts.rate(weekly, goal=40.0, marks=[(datetime(2026, 2, 10, tzinfo=UTC), "launch")])

    ribbon, line, hollow = figure.data
    assert ribbon.mode == "lines"  # its corners are no points
    assert list(line.x) == ["2026-02-02"]
    assert (list(hollow.x), hollow.marker.symbol) == (["2026-02-16"], "circle-open")
    assert len(figure.layout.shapes) == 2


def test_packages_are_told_apart_by_pattern_too_and_add_up_to_100_percent():
    figure = charts.mix({"small": [("2026-01-01", 1.0)], "large": [("2026-01-01", 3.0), ("2026-02-01", 2.0)]})

    patterns = {bar.marker.pattern.shape for bar in figure.data}
    assert len(patterns) == 2
    assert [sum(bar.y[i] for bar in figure.data) for i in range(2)] == [100, 100]


def test_a_month_of_which_only_some_days_count_is_hatched_and_the_legend_says_so():
    figure = charts.amounts(
        {"paid": [("2026-02-01", 100.0), ("2026-03-01", 50.0)]}, [], "usd", cut={"2026-03-01"}
    )

    whole, part = figure.data[:2]
    assert (list(whole.x), whole.marker.pattern.shape) == (["2026-02-01"], "")
    assert (list(part.x), part.marker.pattern.shape) == (["2026-03-01"], "x")
    assert part.name == "paid, only part of the month"


def test_a_single_month_has_one_label_and_many_months_no_more_than_fit():
    one = charts.amounts({"paid": [("2026-10-01", 100)]}, [("2026-10-01", 100)], "usd", cut=())
    many = charts.mix({"small": [(f"{2024 + n // 12}-{n % 12 + 1:02}-01", 1.0) for n in range(24)]})

    assert one.layout.xaxis.dtick == "M1"
    assert one.layout.xaxis.tickformat == "%b %Y"
    assert many.layout.xaxis.dtick is None


def test_a_curve_ends_where_nobody_was_watched_any_more():
    curve = {
        "days": [0, 1, 2, 3],
        "value": [0, 5, 9, 9],
        "low": [0, 1, 4, 4],
        "high": [0, 9, 15, 15],
        "seen_days": 2.0,
    }

    figure = charts.steps(curve, window=14)

    assert list(figure.data[1].x) == [0, 1, 2]


def test_a_waterfall_closes_with_its_sum():
    figure = charts.waterfall(
        [("opening", 100.0), ("sold", 50.0), ("used", -30.0), ("closing", 120.0)], "minutes"
    )

    assert list(figure.data[0].measure) == ["absolute", "relative", "relative", "total"]
