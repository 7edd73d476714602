"""Price tests are planned in the lab: how many limit hits, under which name."""

from sqlalchemy import Engine

import ledger
from ledger.pricing.rehearsals import list_designs
from tests.pages.visits import hire, visit
from tests.pricing_company import NOW


def test_a_price_test_is_planned_and_saved(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    page.query_params["tab"] = "test"
    page.run()

    page.text_input(key="pt_name").set_value("packages-up-15").run()
    page.button(key="pt_keep").click().run()

    assert not page.exception
    assert "Limit hits in each arm" in {metric.label for metric in page.metric}
    with ledger.reading(company) as db:
        (saved,) = list_designs(db)
    assert (saved.test, list(saved.arms)) == ("packages-up-15", ["standard", "prices-up-15"])


def test_the_author_of_a_price_test_stands_in_the_table_as_it_is_written(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing", "pia_*x*"), at=NOW)
    page.query_params["tab"] = "test"
    page.run()
    page.text_input(key="pt_name").set_value("packages-up-15").run()

    page.button(key="pt_keep").click().run()

    authors = [list(frame.value["author"]) for frame in page.dataframe if "author" in frame.value.columns]
    assert authors == [["pia_*x*@example.com"]]


def test_a_design_without_a_name_is_refused_in_words(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    page.query_params["tab"] = "test"
    page.run()

    page.button(key="pt_keep").click().run()

    assert [each.value for each in page.caption if "for the name" in each.value]
