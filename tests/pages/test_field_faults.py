"""What is wrong with a field stands beneath it: one sentence, once, and nothing is written."""

from typing import Any

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

import ledger
from dashboard.clock import present
from ledger.desk import list_views
from ledger.pricing.scenarios import list_scenarios
from tests.pages.visits import hire, visit
from tests.pricing_company import NOW
from tests.shop import open_shop

UNSTORABLE = "a\x00b"
CANT = "Remove the character that can't be stored."


def faults(page: AppTest) -> list[str]:
    """Return the sentences beneath fields, as they are read; the page shows no other error."""
    assert not page.exception
    assert [error.value for error in page.error] == []
    marked = [caption.value for caption in page.caption if caption.value.startswith(":red[:material/error:")]
    return [
        each.removeprefix(":red[:material/error: ").removesuffix("]").replace("\\", "") for each in marked
    ]


@pytest.mark.parametrize(
    ("name", "arms", "said"),
    [
        ("", ["standard", "low"], "Use 1 to 64 of a-z 0-9 _ - for the name, a letter or digit first."),
        (
            "Spring Sale",
            ["standard", "low"],
            "Use 1 to 64 of a-z 0-9 _ - for the name, a letter or digit first.",
        ),
        ("spring", ["standard"], "Choose 2 to 100 arms."),
    ],
)
def test_a_price_test_that_cannot_start_says_why_before_it_asks(
    engine: Engine, name: str, arms: list[str], said: str
) -> None:
    with open_shop(engine, present()) as shop:
        shop.runs(
            "INSERT INTO extra_minutes_packages (code, version, arm, name, minutes, amount_cents, currency, valid_from, "
            "created_by) SELECT code, 1, 'low', name, minutes, 899, currency, valid_from, 'test' "
            "FROM extra_minutes_packages WHERE code = 'small'"
        )
        page = visit(engine, "catalogue", email=hire(engine, "admin"), tab="tests")
        page.text_input(key="test_name").set_value(name)
        page.multiselect(key="test_arms").set_value(arms)
        page.button(key="test_submit").click().run()

        assert faults(page) == [said]
        assert not [button for button in page.button if button.key == "test_yes"]
        assert not shop.rows("SELECT 1 FROM price_tests")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Enter a Stripe customer or subscription."),
        ({"link_customer": "sub_1"}, "'sub_1' is not a Stripe customer id."),
        ({"link_subscription": "cus_1"}, "'cus_1' is not a Stripe subscription id."),
    ],
)
def test_a_stripe_link_says_which_id_is_wrong(engine: Engine, typed: dict[str, str], said: str) -> None:
    with open_shop(engine, present()):
        page = visit(engine, "workspace", email=hire(engine, "support"), id="acme", tab="payments")
        for key, value in typed.items():
            page.text_input(key=key).set_value(value)
        page.button(key="link_submit").click().run()

        assert faults(page) == [said]


def test_a_saved_view_says_what_is_wrong_with_its_name(story: Engine) -> None:
    page = visit(story, "overview", email="viewer@example.com", source="live")
    page.text_input(key="view_name").set_value(UNSTORABLE).run()
    page.button(key="save_view").click().run()

    assert faults(page) == [CANT]
    with ledger.reading(story) as db:
        assert list_views(db, "viewer@example.com") == []


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [("pr_name", "", "Enter a name."), ("pr_name", UNSTORABLE, CANT), ("pr_note", UNSTORABLE, CANT)],
)
def test_a_scenario_says_whether_its_name_or_its_note_is_wrong(
    company: Engine, field: str, typed: str, said: str
) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    page.text_input(key="pr_name").set_value("" if field == "pr_name" else "spring")
    fields: Any = page.text_input if field == "pr_name" else page.text_area
    fields(key=field).set_value(typed)
    page.button(key="pr_save").click().run()

    assert faults(page) == [said]
    with ledger.reading(company) as db:
        assert list_scenarios(db) == []


@pytest.mark.parametrize("ticket", ["see the mail of Ann", UNSTORABLE])
def test_a_ticket_that_is_no_link_is_said_at_its_field_and_gives_nothing(engine: Engine, ticket: str) -> None:
    with open_shop(engine, present()):
        page = visit(engine, "workspace", email=hire(engine, "support"), id="acme", panel="give")
        page.text_input(key="grant_words").set_value("sorry")
        page.text_input(key="grant_ticket").set_value(ticket)
        next(each for each in page.button if each.key == "grant_submit").click().run()

        assert faults(page) == ["Enter the link or the number of one ticket, without spaces."]
        with ledger.reading(engine) as db:
            kinds = {entry.kind for entry in ledger.list_entries(db, "acme", limit=50)}
        assert "grant" not in kinds
