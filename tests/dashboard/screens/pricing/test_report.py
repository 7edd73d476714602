"""Scenarios on paper: CSV and PDF hold every number, and no text of a person is executed by what opens them."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dashboard import installation
from dashboard.installation import use_installation
from dashboard.screens.pricing import pictures, report, results
from dashboard.screens.pricing.answer import arrow, brief, short
from ledger.pricing.backtest import Backtest
from ledger.pricing.backtest import Tested as BacktestedMonth
from ledger.pricing.calibration import Belief
from ledger.pricing.forecast import Band
from ledger.pricing.question import Question
from ledger.pricing.scenarios import Scenario
from ledger.pricing.tariff import Tariff, TariffPackage
from ledger.settings import load_settings
from tests.databases import migrated_database
from tests.pages.visits import use

BANDS = {"revenue": [[1000.0, 900.0, 1100.0], [1200.0, 1000.0, 1300.0], [200.0, -50.0, 300.0]]}


@pytest.fixture(autouse=True, scope="module")
def catalogue() -> Iterator[None]:
    """An installation that knows what plans are called."""
    with migrated_database() as engine:
        use(engine)
        yield
        use_installation(None)


def scenario(name: str, note: str = "") -> Scenario:
    """A scenario that was never stored."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    number = uuid.uuid4()
    tariff = Tariff({"starter": 150}, (TariffPackage("small", "Small", 60, 899),))
    results_ = {"chance_up": 0.75, "bands": BANDS}
    return Scenario(
        number,
        number,
        1,
        None,
        name,
        note,
        Question(tariff),
        {"fingerprint": "abc"},
        results_,
        7,
        "c0de",
        "pia",
        at,
        at,
    )


def test_the_csv_has_a_line_for_every_output_and_every_parameter() -> None:
    text = report.csv([scenario("One"), scenario("Two")]).decode("utf-8-sig")

    assert text.splitlines()[0] == "Output,1 · One v1,2 · Two v1"
    assert "$12.00 (▲2.00; ▼0.50 … ▲3.00)" in text
    assert "Package Small" in text
    assert "75%" in text


def test_a_note_that_looks_like_a_formula_is_only_text() -> None:
    text = report.csv([scenario("One", note="=HYPERLINK(evil)")]).decode("utf-8-sig")

    assert "'=HYPERLINK(evil)" in text


def test_moments_shares_and_numbers_below_zero_are_written_as_in_sentences() -> None:
    one = scenario("One")
    taken = {"fingerprint": "abc", "data_to": "2026-02-28T19:57:03.123456+00:00"}
    question = replace(one.question, belief=Belief(-1.18, 0.64), usage_response=0.1, churn_uplift=0.05)
    shown_text = dict(
        results.parameters([replace(one, snapshot=taken, question=question)]).to_numpy().tolist()
    )

    assert shown_text["Saved"] == "Mar 1, 2026 00:00 UTC"
    assert shown_text["Snapshot"] == "abc · data to Feb 28, 2026 19:57 UTC"
    assert shown_text["Elasticity of conversion"] == "−1.18 ± 0.64 (assumed)"
    assert shown_text["Usage follows the allowance by"] == "10%"
    assert shown_text["Churn per 10% higher bill"] == "5%"


def test_a_backtested_month_is_drawn_as_that_of_the_report_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "settings", lambda: load_settings({"REPORT_TIMEZONE": "Asia/Tokyo"}))
    begins, band = datetime(2025, 12, 31, 15, tzinfo=UTC), Band(1.0, 0.0, 2.0)

    drawn = pictures.backtest(Backtest((BacktestedMonth(begins, 1, band, band, 1),)), "usd")

    assert {f"{month:%d %b %Y}" for line in drawn.data for month in line.x} == {"01 Jan 2026"}


def test_a_package_that_the_first_scenario_drops_stands_among_the_packages() -> None:
    one = scenario("One")
    more = (*one.question.tariff.packages, TariffPackage("large", "Large", 300, 3499))
    two = replace(one, question=Question(replace(one.question.tariff, packages=more)))

    names = list(results.parameters([one, two])["Parameter"])

    assert names.index("Package Large") == names.index("Package Small") + 1
    assert len(names) == len(set(names))


def test_the_pdf_is_made_for_four_scenarios_and_for_letters_its_fonts_lack() -> None:
    made = report.pdf([scenario(name) for name in ("One", "Zwölf", "三", "🙂 <b>four</b>")])

    assert made.startswith(b"%PDF-")
    assert len(made) > 1500


def test_two_scenarios_of_one_name_stay_apart() -> None:
    table = results.side_by_side([scenario("Same"), scenario("Same")])

    assert list(table.columns) == ["Output", "1 · Same v1", "2 · Same v1"]


def test_an_arrow_stands_in_front_of_a_change_and_nothing_in_front_of_none() -> None:
    assert arrow(-1250.0, "cents", "usd") == "▼ $12.50"
    assert arrow(0.034, "percent", "usd") == "▲ 3.4 pp"
    assert arrow(0.0, "count", "usd") == "0"
    assert arrow(-3.2, "minutes", "usd") == "▼ 3 min"


def test_a_change_beside_its_value_has_no_unit_and_no_cents_that_nobody_can_know() -> None:
    assert brief(-144_265.0, "cents", "usd") == "▼1,443"
    assert brief(5_822.0, "cents", "usd") == "▲58.22"
    assert brief(-0.073, "percent", "usd") == "▼7.3"
    assert brief(0.2, "count", "usd") == "0"
    assert brief(15_000.0, "cents", "jpy") == "▲15,000"
    assert short(15_000.0, "cents", "jpy") == "¥15,000"


def test_scenarios_that_differ_in_one_rule_show_the_difference() -> None:
    today = scenario("Today")
    tariff = replace(today.question.tariff, burn_order="extra_first", most_packages=2, package_life=3)
    other = replace(today, name="Capped", question=replace(today.question, tariff=tariff, need_weight=0.0072))

    parameters = results.parameters([today, other]).set_index("Parameter")
    then, now = (parameters[name].to_dict() for name in parameters)

    assert (then["Order of use"], now["Order of use"]) == (
        "Plan minutes first (as now)",
        "Bought minutes first",
    )
    assert now["Max. packages per plan period"] == "2"
    assert (then["Packages expire after (plan periods)"], now["Packages expire after (plan periods)"]) == (
        "forever", "3",
    )  # fmt: skip
    assert now["Value of a needed minute"] == "0.0072"


def test_two_packages_of_one_name_both_stand_in_the_table() -> None:
    one = scenario("One")
    packages = (TariffPackage("a", "Extra", 60, 899), TariffPackage("b", "Extra", 120, 1599))
    twice = replace(one, question=Question(replace(one.question.tariff, packages=packages)))

    parameters = results.parameters([twice]).set_index("Parameter")["1 · One v1"]

    assert parameters["Package Extra (60 min)"] == "60 min, $8.99"
    assert parameters["Package Extra (120 min)"] == "120 min, $15.99"


def test_a_negative_elasticity_needs_no_apostrophe() -> None:
    assert "'" not in report.csv([scenario("One")]).decode("utf-8-sig")
