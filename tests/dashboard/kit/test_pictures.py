"""Charts that are no series over time: nothing invented, nothing of zero drawn, shape beside colour."""

from dashboard.kit import pictures


def test_packages_differ_by_pattern_too_and_add_up_to_100_percent():
    figure = pictures.mix(
        {"small": [("2026-01-01", 1.0)], "large": [("2026-01-01", 3.0), ("2026-02-01", 2.0)]}
    )

    patterns = {bar.marker.pattern.shape for bar in figure.data}
    assert len(patterns) == 2
    assert [sum(bar.y[i] for bar in figure.data) for i in range(2)] == [100, 100]


def test_a_curve_ends_where_nobody_was_watched_any_more():
    curve = {
        "days": [0, 1, 2, 3],
        "value": [0, 5, 9, 9],
        "low": [0, 1, 4, 4],
        "high": [0, 9, 15, 15],
        "seen_days": 2.0,
    }

    figure = pictures.steps(curve, window=14)

    assert list(figure.data[1].x) == [0, 1, 2]


def test_a_waterfall_closes_with_its_sum():
    figure = pictures.waterfall(
        [("opening", 100.0), ("sold", 50.0), ("used", -30.0), ("closing", 120.0)], "minutes"
    )

    assert list(figure.data[0].measure) == ["absolute", "relative", "relative", "total"]


def test_a_waterfall_leaves_out_steps_of_zero():
    figure = pictures.waterfall(
        [("Opening", 5.0), ("Sold", 0.0), ("Used", -2.0), ("Closing", 3.0)], "minutes"
    )

    assert list(figure.data[0].x) == ["Opening", "Used", "Closing"]


def test_a_funnel_says_share_and_count_and_what_nobody_reports():
    [bars] = pictures.funnel([("Limit hit", 200), ("Offer seen", None), ("Paid", 50), ("None", 0)]).data

    assert list(bars.text) == ["200 · 100.0%", "not reported", "50 · 25.0%", "0 · 0.0%"]
    assert list(bars.x) == [200, 0, 50, 0]


def test_the_name_of_a_package_is_drawn_letter_by_letter():
    figure = pictures.mix({"Big_pack* <b>&</b>": [("2026-01-01", 1.0)]})

    assert [bar.name for bar in figure.data] == ["Big_pack* &lt;b&gt;&amp;&lt;/b&gt;"]
