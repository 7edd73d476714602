"""Charts that everybody can read: colours far enough apart for all eyes, shape beside colour, no invented points."""

from datetime import UTC, datetime
from itertools import combinations

import numpy as np
import pytest

from dashboard.kit import charts, colours, pictures
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


TOGETHER = (("plan", "extra", "used", "unmet"), ("extra", "refunded", "down"), ("up", "down"))
"""Meanings that stand in one chart."""


@pytest.mark.parametrize("theme", colours.TOKENS)
@pytest.mark.parametrize("meanings", TOGETHER)
@pytest.mark.parametrize(("vision", "least"), [("normal", 25), ("protan", 15), ("deutan", 11)])
def test_no_two_colours_of_a_chart_look_alike_to_anybody(theme, meanings, vision, least):
    assert closest([colours.TOKENS[theme][token] for token in meanings], vision) > least


def luminance(hex_colour):
    channels = [int(hex_colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", colours.TOKENS)
def test_every_meaning_stands_out_from_the_page_in_both_themes(theme):
    page = colours.BACKGROUND[theme]

    assert len(colours.TOKENS[theme]) == 7
    assert min(contrast(value, page) for value in colours.TOKENS[theme].values()) >= 3
    assert contrast(colours.QUIET[theme], page) >= 4.5


def test_the_test_of_contrast_would_find_a_pale_colour():
    assert contrast("#E69F00", "#FFFFFF") < 3


def test_the_test_would_find_a_bad_palette():
    assert closest(("#636efa", "#EF553B", "#00cc96", "#ab63fa", "#FFA15A"), "protan") < 10


def part(label, value, *, n=20, pending=0):
    low, high = (None, None) if value is None else (value - 5, value + 5)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    return Measure(
        slug="conversion", value=value, unit="percent", n=n, low=low, high=high, pending=pending, as_of=now,
        definition_version=1, source="live", start=now, end=now, part=label, numerator=4, denominator=n,
    )  # fmt: skip


def weekly_of(*parts):
    return Measure(**{**vars(part(None, 30.0)), "parts": parts})


def test_a_cohort_of_which_most_are_still_open_is_no_point_and_never_a_drop_to_zero():
    weekly = weekly_of(
        part("2026-02-02", 30.0),
        part("2026-02-09", 0.0, n=1, pending=9),
        part("2026-02-16", None, n=0, pending=7),
    )

    figure = charts.rate(
        weekly, grain="week", goal=40.0, marks=[(datetime(2026, 2, 10, tzinfo=UTC), "launch")]
    )

    ribbon, line = figure.data
    assert ribbon.mode == "lines"  # its corners are no points
    assert list(line.x) == ["2026-02-02"]
    assert "16 still open" in [note.text for note in figure.layout.annotations]
    assert len(figure.layout.shapes) == 3  # what is open, the goal, the launch


def test_a_cohort_of_which_few_are_still_open_is_dashed():
    weekly = weekly_of(part("2026-02-02", 30.0), part("2026-02-09", 35.0, n=15, pending=5))

    _ribbon, whole, young = charts.rate(weekly, grain="week").data

    assert (list(whole.x), whole.line.dash) == (["2026-02-02"], "solid")
    assert (list(young.x), young.line.dash) == (["2026-02-02", "2026-02-09"], "dot")


def test_a_note_is_drawn_letter_by_letter():
    figure = charts.rate(
        weekly_of(part("2026-02-02", 30.0)),
        grain="week",
        marks=[(datetime(2026, 2, 10, tzinfo=UTC), "Price test (A/B): -10 % off! <b>&</b>")],
    )

    (note,) = figure.layout.annotations
    assert note.text == "Price test (A/B): -10 % off! &lt;b&gt;&amp;&lt;/b&gt;"


def test_a_month_that_is_not_over_is_lighter():
    figure = charts.amounts(
        {"Paid": [("2026-02-01", 100.0), ("2026-03-01", 50.0)]}, [], "usd", cut={"2026-03-01"}
    )

    whole, cut = figure.data[0].marker.opacity
    assert whole == 1
    assert cut < 0.6


def test_a_series_of_zeros_is_not_drawn():
    paid, nothing = [("2026-02-01", 100.0)], [("2026-02-01", 0.0)]

    figure = charts.amounts({"Paid": paid, "Refunded": nothing}, paid, "usd")

    assert [one.name for one in figure.data] == ["Paid", "Net"]


@pytest.mark.parametrize(
    ("currency", "height", "label"), [("usd", 10, "$10.00"), ("jpy", 1000, "¥1,000"), ("kwd", 1, None)]
)
def test_money_is_drawn_in_whole_units_of_its_own_currency(currency, height, label):
    month = [("2026-02-01", 1000.0)]

    bars, net = charts.amounts({"Paid": month}, month, currency, goal=2000).data
    one = charts.series(
        Measure(**{**vars(part(None, 1.0)), "slug": "revenue-net", "unit": "cents", "currency": currency, "parts": (
            Measure(**{**vars(part("2026-02-01", 1000.0)), "unit": "cents", "currency": currency}),
        )}),
        grain="month",
    ).data[0]  # fmt: skip

    assert list(bars.y) == list(net.y) == list(one.y) == [height]
    assert label is None or net.text[0] == label


def test_a_single_month_has_one_label_and_many_months_no_more_than_fit():
    one = charts.amounts({"paid": [("2026-10-01", 100)]}, [("2026-10-01", 100)], "usd", cut=())
    many = pictures.mix({"small": [(f"{2024 + n // 12}-{n % 12 + 1:02}-01", 1.0) for n in range(24)]})

    assert one.layout.xaxis.dtick == "M1"
    assert one.layout.xaxis.tickformat == "%b\n%Y"
    assert many.layout.xaxis.dtick is None
