"""The database goes away while a page is open, and comes back: words instead of an error, and nothing typed is lost."""

from datetime import timedelta

from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from ledger import database
from ledger.database import reading, writing
from tests.pages import visits
from tests.pages.visits import hire, visit, words

NOBODY_LISTENS = "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2"
SAID = "this page reloads as soon as the database"


def test_a_page_says_that_the_database_is_away_and_comes_back_with_it(engine: Engine) -> None:
    page = visit(engine, "approvals", email=hire(engine, "support"))

    visits.use(database.connect(NOBODY_LISTENS))
    page.run()
    assert not page.exception
    assert SAID in words(page)
    page.button(key="outage_again").click().run()
    assert SAID in words(page)

    visits.use(engine)
    page.button(key="outage_again").click().run()
    assert SAID not in words(page)
    assert "**Nothing to approve**: every request is decided." in words(page)


def test_a_grant_that_met_no_database_says_so_and_is_given_when_it_is_back(engine: Engine) -> None:
    with writing(engine) as connection:
        at = present() - timedelta(days=1)
        ledger.create_workspace(connection, "acme", name="Acme", owner_email="o@x.example", actor="t", at=at)
    page = visit(engine, "workspace", email=hire(engine, "support"), id="acme", panel="give")
    page.text_input(key="grant_words").set_value("sorry")

    visits.use(database.connect(NOBODY_LISTENS))
    page.button(key="grant_submit").click().run()
    assert not page.exception
    assert SAID in words(page)

    visits.use(engine)
    page.button(key="outage_again").click().run()
    assert "so nothing was done. Try again" in words(page)
    page.text_input(key="grant_words").set_value("sorry")
    page.button(key="grant_submit").click().run()

    with reading(engine) as connection:
        assert ledger.get_balance(connection, "acme").total_minutes == 60
