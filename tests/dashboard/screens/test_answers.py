"""The sentence over each metric page: every branch of what the numbers may say."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from dashboard.kit import tiles
from dashboard.kit.changes import MetricChange
from dashboard.kit.periods import Period
from dashboard.screens import conversion, liability, overview, packages, purchases, retention
from ledger.metrics import Measure

AT = datetime(2026, 3, 1, tzinfo=UTC)
BEFORE = Period(date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1), "UTC")
SHARE = Measure(
    slug="conversion", value=33.0, unit="percent", n=267, low=27.6, high=38.8, pending=46, as_of=AT,
    definition_version=1, source="live", start=AT, end=AT, numerator=88, denominator=267,
)  # fmt: skip
NET = replace(
    SHARE, slug="revenue-net", unit="cents", currency="usd", value=2_849_200.0, low=None, high=None, pending=0
)
NOTHING = replace(SHARE, value=None, n=0, pending=0)


def moved(slug: str, unit: str, now: float, before: float, *, sure: bool) -> MetricChange:
    return MetricChange(slug, unit, now, before, BEFORE, sure)


UP = moved("revenue-net", "cents", 157.0, 100.0, sure=True)
FLAT = moved("conversion", "percent", 33.0, 34.1, sure=False)


@pytest.mark.parametrize(
    ("share", "change", "net", "earned", "said"),
    [
        (SHARE, FLAT, NET, UP, "Net revenue is **up 57%** to $28,492; conversion is unchanged at **33.0%** (27.6–38.8%)."),
        (
            SHARE,
            replace(FLAT, sure=True),
            NET,
            replace(UP, sure=False),
            "Net revenue is **$28,492**, no clear change (+57%); conversion is **down 1.1 pp** to **33.0%** (27.6–38.8%).",
        ),
        (SHARE, None, NET, None, "Net revenue is **$28,492**; conversion is **33.0%** (27.6–38.8%)."),
        (
            replace(SHARE, n=7, numerator=3, denominator=7),
            None,
            NET,
            None,
            "Net revenue is **$28,492**; **3 of 7** workspaces that hit the limit bought, too few for a rate.",
        ),
        (
            replace(NOTHING, pending=5),
            None,
            NET,
            None,
            "Net revenue is **$28,492**; conversion is not known yet (5 workspaces may still buy).",
        ),
        (
            replace(NOTHING, pending=5),
            None,
            replace(NOTHING, slug="revenue-net"),
            None,
            "**Too early to say**: 5 workspaces hit the limit, and all may still buy.",
        ),
        (
            NOTHING,
            None,
            replace(NOTHING, slug="revenue-net"),
            None,
            "**Nothing to report yet**: nobody hit the limit or bought in this period.",
        ),
    ],
)  # fmt: skip
def test_the_overview_says_whether_the_feature_works(share, change, net, earned, said):
    assert overview.answer(share, change, net, earned).replace("\\", "") == said


@pytest.mark.parametrize(
    ("share", "change", "said"),
    [
        (SHARE, FLAT, "no clear change from 34.1%; 46 may still buy."),
        (SHARE, replace(FLAT, sure=True), "down from 34.1%; 46 may still buy."),
        (replace(SHARE, n=7, numerator=3, denominator=7, pending=0), None, "too few for a rate."),
        (replace(NOTHING, pending=5), None, "**Too early to say**; 5 may still buy."),
        (NOTHING, None, "**Nobody hit the limit** in this period."),
    ],
)
def test_conversion_says_who_buys(share, change, said):
    assert conversion.answer(share, change).endswith(said)


def test_packages_say_what_they_earn_and_which_sells_most():
    sizes = [
        replace(SHARE, slug="average-package-minutes", unit="minutes", n=n, part=part)
        for part, n in (("Small", 30), ("Large", 70))
    ]

    assert packages.answer(NET, UP, sizes).replace("\\", "") == (
        "Packages earned **$28,492** after refunds, **up 57%**; Large sells most (70% of purchases)."
    )
    assert "no clear change (+57%)" in packages.answer(NET, replace(UP, sure=False), sizes)
    assert packages.answer(replace(NET, n=0), None, []) == "**No purchases** in this period."


def test_liability_says_what_is_owed_and_how_long_it_lasts():
    minutes = replace(SHARE, slug="liability-minutes", unit="minutes", value=36_833.0)
    owed = replace(NET, slug="liability-money", value=421_034.0)
    cover = replace(SHARE, slug="days-of-cover", unit="days", value=55.8)

    assert liability.answer(minutes, owed, cover).replace("\\", "") == (
        "Customers hold **36,833 min** they paid for and have not used, worth $4,210; "
        "at the current pace they last 55.8 days."
    )
    assert liability.answer(replace(minutes, value=0.0), owed, cover).startswith("**Nothing is owed**")


def test_no_purchases_are_said():
    assert purchases.answer([]).startswith("**No purchases**")


COX = "Cox model"


@pytest.mark.parametrize(
    ("basis", "value", "low", "high", "said"),
    [
        (COX, 44.1, 19.3, 61.3, "Buyers cancel **44% less often** (19–61%). An association, not proof."),
        (COX, -20.0, -40.0, -5.0, "Buyers cancel **20% more often** (5–40%). An association, not proof."),
        (COX, 10.0, -5.0, 25.0, "No clear difference: buyers cancel **10% less often** (−5 to +25%). An association"),
        ("hold-out", 4.2, 1.0, 7.4, "The offer **raises 90-day retention by 4.2 pp** (+1.0 to +7.4 pp)."),
        ("hold-out", -4.2, -7.4, -1.0, "The offer **lowers 90-day retention by 4.2 pp**"),
        ("hold-out", 1.0, -2.0, 4.0, "**No clear effect**: the offer changes 90-day retention by +1.0 pp"),
        ("matched landmark", 3.0, 1.0, 5.0, "Buyers' 90-day retention is **3.0 pp higher** (+1.0 to +5.0 pp). An assoc"),
        ("matched landmark", 3.0, -3.9, 10.0, "No clear difference: buyers' 90-day retention is **3.0 pp higher**"),
        (None, None, None, None, "**Not enough data yet** to compare buyers with others: more."),
    ],
)  # fmt: skip
def test_retention_claims_an_effect_only_from_an_experiment(basis, value, low, high, said):
    sentence = retention.answer(basis, value, low, high, "more")

    assert sentence.startswith(said)
    assert ("effect" in sentence.lower() or "The offer" in sentence) == (basis == "hold-out")


def test_an_estimate_on_its_way_is_not_called_a_lack_of_data():
    waiting = replace(
        SHARE,
        slug="retention-effect",
        value=None,
        n=None,
        low=None,
        high=None,
        reason="this estimate has not been computed yet",
    )
    lacking = replace(waiting, reason="too few workspaces hit the limit")

    assert retention.face(waiting) == ("–", "Calculating…")
    assert retention.face(lacking) == ("–", "Not enough data")
    assert tiles.why_none(waiting) == "Calculating…"
    assert tiles.why_none(lacking) == "Too few workspaces hit the limit"
