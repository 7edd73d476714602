"""The jump box: pages by title or question, workspaces and scenarios by name, for whoever may open them."""

import pytest
from sqlalchemy import Engine

import ledger
from dashboard.access import DEMO_STAFF, Operator
from dashboard.clock import present
from dashboard.navigation import existing
from dashboard.panels import jump
from ledger.database import writing
from ledger.desk import notes
from tests.pages.visits import hire, visit
from tests.shop import open_shop

ADMIN, VIEWER = (next(one for one in DEMO_STAFF.values() if one.role == role) for role in ("admin", "viewer"))


@pytest.mark.parametrize(
    ("person", "typed", "first"),
    [
        (ADMIN, "pack", "packages"),
        (ADMIN, "healthy", "health"),
        (VIEWER, "overv", "overview"),
        (VIEWER, "audit", None),
    ],
)
def test_a_page_matches_by_its_title_or_its_question(person: Operator, typed: str, first: str | None) -> None:
    result = jump.matching_pages(person, typed)

    assert (result[0].file if result else None) == first


def test_before_anything_is_typed_every_page_of_a_person_is_offered() -> None:
    offered = [entry.file for entry in jump.matching_pages(VIEWER, "")]

    assert offered == [entry.file for entry in existing() if entry.listed and VIEWER.may(entry.permission)]
    assert len(offered) > jump.MOST


def test_a_workspace_is_reached_from_any_page(engine: Engine) -> None:
    with writing(engine) as db:
        for name in ("Acme", "Other"):
            ledger.create_workspace(
                db, name.lower(), name=name, owner_email="o@example.com", actor="t", at=present()
            )
    page = visit(engine, "overview", email=hire(engine, "support"))
    page.button(key="jump").click().run()
    page.text_input(key="jump_text").set_value("acm").run()

    assert [link.proto.query_string for link in page.get("page_link") if link.proto.page == "workspace"] == [
        "id=acme"
    ]


def test_what_was_opened_lately_is_offered_before_anything_is_typed(engine: Engine) -> None:
    support = hire(engine, "support")
    with writing(engine) as db:
        for name in ("acme", "other"):
            ledger.create_workspace(db, name, name=name, owner_email="o@example.com", actor="t", at=present())
        notes.opened(db, support, "acme", at=present())
    page = visit(engine, "overview", email=support)
    page.button(key="jump").click().run()

    matches = [link.proto.query_string for link in page.get("page_link") if link.proto.page == "workspace"]

    assert matches == ["id=acme"]


def test_a_quoted_payment_leads_to_the_payments_of_its_workspace(engine: Engine) -> None:
    with open_shop(engine, present()) as shop:
        purchase = shop.bought("small")
    page = visit(engine, "overview", email=hire(engine, "support"))
    page.button(key="jump").click().run()
    page.text_input(key="jump_text").set_value(purchase.payment_intent).run()

    (link,) = [link.proto for link in page.get("page_link") if link.proto.page == "workspace"]

    assert link.query_string == "id=acme&tab=payments"
    assert link.label.startswith("Payment intent of")


def test_a_choice_closes_the_search_on_the_page_that_is_open_already(engine: Engine) -> None:
    page = visit(engine, "overview", email=hire(engine, "support"))
    page.button(key="jump").click().run()
    page.text_input(key="jump_text").set_value("overv").run()
    assert [one.key for one in page.text_input].count("jump_text") == 1

    page.switch_page("../pages/overview.py").run()

    assert "jump_text" not in [one.key for one in page.text_input]


def test_a_page_that_updates_by_itself_leaves_the_search_open(engine: Engine) -> None:
    page = visit(engine, "overview", email=hire(engine, "support"))
    page.button(key="jump").click().run()

    page.session_state["updates_itself"] = True
    page.run()

    assert "jump_text" in [one.key for one in page.text_input]


def test_a_choice_of_another_page_closes_the_search_even_before_the_typing_is_searched(
    engine: Engine,
) -> None:
    page = visit(engine, "overview", email=hire(engine, "support"))
    page.button(key="jump").click().run()

    page.text_input(key="jump_text").set_value("work")
    page.switch_page("../pages/search.py").run()

    assert "jump_text" not in [one.key for one in page.text_input]
