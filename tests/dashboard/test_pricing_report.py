"""Scenarios on paper: CSV and PDF hold every number, and no text of a person is executed by what opens them."""

import uuid
from datetime import UTC, datetime

from dashboard.pricing import report, results
from dashboard.pricing.answer import arrow
from ledger.pricing.question import Question
from ledger.pricing.tariff import Package, Tariff
from ledger.scenarios import Scenario

BANDS = {"revenue": [[1000.0, 900.0, 1100.0], [1200.0, 1000.0, 1300.0], [200.0, -50.0, 300.0]]}


def scenario(name: str, note: str = "") -> Scenario:
    """A scenario that was never stored."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    number = uuid.uuid4()
    tariff = Tariff({"starter": 150}, (Package("small", "Small", 60, 899),))
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
    assert '"12.00 USD (▲ 2.00 USD; ▼ 0.50 USD … ▲ 3.00 USD)"' in text or "12.00 USD (▲ 2.00 USD" in text
    assert "Package Small" in text
    assert "75 %" in text


def test_a_note_that_looks_like_a_formula_is_only_text() -> None:
    text = report.csv([scenario("One", note="=HYPERLINK(evil)")]).decode("utf-8-sig")

    assert "'=HYPERLINK(evil)" in text


def test_the_pdf_is_made_for_four_scenarios_and_for_letters_its_fonts_lack() -> None:
    made = report.pdf([scenario(name) for name in ("One", "Zwölf", "三", "🙂 <b>four</b>")])

    assert made.startswith(b"%PDF-")
    assert len(made) > 1500


def test_two_scenarios_of_one_name_stay_apart() -> None:
    table = results.side_by_side([scenario("Same"), scenario("Same")])

    assert list(table.columns) == ["Output", "1 · Same v1", "2 · Same v1"]


def test_an_arrow_stands_in_front_of_a_change_and_nothing_in_front_of_none() -> None:
    assert arrow(-1250.0, "cents", "usd") == "▼ 12.50 USD"
    assert arrow(0.034, "percent", "usd") == "▲ 3.4 points"
    assert arrow(0.0, "count", "usd") == "0"
