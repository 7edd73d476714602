"""The page Pricing of a company that sells in two currencies: chosen in a menu, held by the address, the rest stated."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

import ledger
from dashboard.screens.pricing import report
from ledger.pricing.scenarios import list_scenarios
from tests.databases import database_like
from tests.pages.visits import hire, visit, words
from tests.pricing_company import NOW, make_company


def make_europeans(engine: Engine) -> None:
    """The first half of the company pays in euros."""
    make_company(engine, half_in_euros=True)
    hire(engine, "pricing")


@pytest.fixture
def europeans() -> Iterator[Engine]:
    """Twelve workspaces that pay in euros and twelve that pay in dollars."""
    with database_like(make_europeans) as engine:
        yield engine


def visited(engine, **query):
    return visit(engine, "pricing", email="pricing@example.com", at=NOW, **query)


def menu(page):
    """Return the currency that is chosen, and the prices in the controls."""
    (key,) = [box.key for box in page.selectbox if box.label == "Currency"]
    return page.selectbox(key=key), [row["price"] for row in page.session_state["pr_menu"]]


def test_another_currency_has_its_own_prices_and_the_address_holds_it(europeans: Engine) -> None:
    page = visited(europeans)
    box, dollars = menu(page)
    assert (
        box.value,
        "This replay is in USD. Left out: 12 workspaces that pay in EUR, and" in words(page),
    ) == ("usd", True)
    page.slider(key="pr_allowance_starter").set_value(400).run()

    box.select("eur").run()

    assert not page.exception
    assert "This replay is in EUR. Left out: 12 workspaces that pay in USD, and purchases of $" in words(page)
    assert menu(page)[1] == [round(price - 1, 2) for price in dollars]
    assert (page.query_params["currency"], "ask" in page.query_params) == ("eur", False)
    assert page.slider(key="pr_allowance_starter").value == 200


def test_back_and_a_link_open_the_question_in_its_own_currency(europeans: Engine) -> None:
    page = visited(europeans, currency="eur")
    page.slider(key="pr_allowance_starter").set_value(400).run()
    code = page.query_params["ask"]
    _box, euros = menu(page)

    linked = visited(europeans, ask=code)
    assert (linked.query_params["currency"], menu(linked)[1]) == ("eur", euros)
    assert linked.slider(key="pr_allowance_starter").value == 400

    for name in ("ask", "currency"):  # the browser's Back
        del linked.query_params[name]
    linked.run()
    assert not linked.exception
    assert (menu(linked)[0].value, menu(linked)[1]) == ("usd", [round(price + 1, 2) for price in euros])
    assert linked.slider(key="pr_allowance_starter").value == 200


def test_a_saved_scenario_opens_and_runs_again_in_its_currency_and_its_report_says_what_it_leaves_out(
    europeans: Engine,
) -> None:
    page = visited(europeans, currency="eur")
    page.button(key="pr_ready_0").click().run()
    page.button(key="pr_save").click().run()
    with ledger.reading(europeans) as db:
        (scenario,) = list_scenarios(db)
    link = str(scenario.scenario_id)

    opened = visited(europeans, scenario=link)
    assert menu(opened)[0].value == "eur"
    menu(opened)[0].select("usd").run()
    assert ("scenario" in opened.query_params, menu(opened)[0].value) == (False, "usd")

    again = visit(europeans, "scenario", email="pricing@example.com", at=NOW, scenario=link)
    again.button(key=f"sc_again_{link}").click().run()

    assert not again.exception
    assert "same data · same code" in words(again)
    written = report.csv([scenario]).decode()
    assert "EUR" in written
    assert "12 workspaces that pay in USD, and purchases of $" in written


def test_with_one_currency_there_is_no_choice_and_an_unknown_one_is_said(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW, currency="eur")

    assert not [box for box in page.selectbox if box.label == "Currency"]
    assert "Left out" not in words(page)
    assert "currency" not in page.query_params
