"""The header over every page: mode, person, search, acting as somebody in a demo, reading as of a day."""

from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

import ledger
from dashboard.access import DEMO_STAFF
from dashboard.clock import present
from ledger.database import writing
from tests.pages.visits import ENTRY, PATIENCE_SECONDS, hire, use, visit, words


def test_a_demo_database_is_seen_through_the_eyes_of_each_role(engine: Engine) -> None:
    use(engine)
    with writing(engine) as db:
        ledger.create_workspace(
            db, "acme", name="A", owner_email="a@example.com", actor="t", at=present(), source="demo"
        )
    app = AppTest.from_file(str(ENTRY), default_timeout=PATIENCE_SECONDS).run()
    assert app.selectbox(key="act_as").options == [operator.name for operator in DEMO_STAFF.values()]
    assert "Local administrator" in app.run().get("popover")[0].proto.popover.label, "nobody was chosen yet"

    app.selectbox(key="act_as").set_value("vic.viewer@demo.invalid").run()
    app.switch_page("../pages/audit.py").run()

    assert app.error[0].proto.title == "You don't have access"


def test_the_mode_and_the_person_are_always_visible(engine: Engine) -> None:
    page = visit(engine, "search", email=hire(engine, "support"))

    assert "Sandbox" in words(page)
    assert "support@example.com · support" in words(page)
    assert "Act as" not in [box.label for box in page.selectbox]


def test_reading_as_of_a_day_is_said_on_every_page(engine: Engine) -> None:
    page = visit(engine, "search", email=hire(engine, "support"), at="2026-03-01")

    assert "You see the data as of Mar 1, 2026 00:00 UTC." in words(page)
