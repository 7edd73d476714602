"""The question of the lab in the address: a reload, a link and the browser's Back show it again."""

from sqlalchemy import Engine

from tests.pages.visits import hire, visit
from tests.pricing_company import NOW


def test_the_question_stands_in_the_address_and_is_opened_from_it(company: Engine) -> None:
    email = hire(company, "pricing")
    page = visit(company, "pricing", email=email, at=NOW)
    assert "ask" not in page.query_params
    page.slider(key="pr_allowance_starter").set_value(400).run()

    shared = visit(company, "pricing", email=email, at=NOW, ask=page.query_params["ask"])
    assert shared.slider(key="pr_allowance_starter").value == 400

    del page.query_params["ask"]  # the browser's Back
    page.run()
    assert page.slider(key="pr_allowance_starter").value == 200


def test_an_address_without_a_question_in_it_is_said_and_dropped(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW, ask="nonsense")

    assert not page.exception
    assert "ask" not in page.query_params
    assert "Ignored an unknown value for question" in page.toast[0].value
