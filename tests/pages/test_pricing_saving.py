"""Keeping a scenario from the page Pricing: its address is whole, its message ends with it, questions stay apart."""

import pytest
from sqlalchemy import Engine

import ledger
from ledger.pricing.scenarios import list_scenarios
from tests.pages.visits import hire, visit, words
from tests.pricing_company import NOW


@pytest.fixture
def public_url(monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of the dashboard, set before anything reads the settings."""
    url = "https://minutes.example.com"
    monkeypatch.setenv("PUBLIC_URL", url)
    return url


def test_an_example_question_is_saved_in_two_clicks_under_its_own_name(
    public_url: str, company: Engine
) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)

    page.button(key="pr_ready_1").click().run()
    page.button(key="pr_save").click().run()

    with ledger.reading(company) as db:
        (saved,) = list_scenarios(db)
    assert saved.name == "Starter with 150 minutes?"
    assert page.code[0].value == f"{public_url}/scenario?scenario={saved.scenario_id}"


def test_the_message_about_saving_goes_when_the_controls_change(
    company: Engine,
) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    page.text_input(key="pr_name").set_value("Base")
    page.button(key="pr_save").click().run()
    assert "Saved as Base" in words(page)

    page.slider(key="pr_allowance_starter").set_value(195).run()

    assert "Saved as" not in words(page)
    assert not page.code


def test_a_ready_made_question_is_no_version_of_the_scenario_that_was_open(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    page.text_input(key="pr_name").set_value("Base")
    page.button(key="pr_save").click().run()

    page.button(key="pr_ready_1").click().run()
    page.button(key="pr_save").click().run()

    with ledger.reading(company) as db:
        saved = {scenario.name: scenario.version for scenario in list_scenarios(db)}
    assert saved == {"Base": 1, "Starter with 150 minutes?": 1}
