"""The customer preview: drawn from the interface's answers; the purchase window opens by itself at 100 %."""

import pytest
from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from ledger.database import writing
from tests.pages.visits import hire, visit, words


def _use(engine: Engine, minutes: int) -> None:
    with writing(engine) as db:
        ledger.create_workspace(db, "acme", name="A", owner_email="a@example.com", actor="t", at=present())
        ledger.update_plan_allocation(db, "acme", "starter", "monthly", key="1", actor="t", at=present())
        ledger.track_minutes(db, "acme", minutes, key="call", at=present())


@pytest.mark.parametrize(
    ("minutes", "banner"), [(10, ""), (160, "80 % of your minutes"), (180, "90 %"), (200, "used up")]
)
def test_the_banner_follows_the_gauge(engine: Engine, minutes: int, banner: str) -> None:
    _use(engine, minutes)

    page = visit(engine, "preview", email=hire(engine, "support"), id="acme")

    assert not page.exception
    assert page.metric[0].value == f"{200 - minutes:,}"
    assert banner in words(page)
    assert bool(banner) == bool(page.info or page.warning or page.error)


def test_at_one_hundred_percent_the_packages_are_offered_by_themselves(engine: Engine) -> None:
    _use(engine, 200)

    page = visit(engine, "preview", email=hire(engine, "support"), id="acme")

    assert "9.99 USD" in words(page)
    assert "59.99 USD" in words(page)


def test_below_it_they_wait_for_the_button(engine: Engine) -> None:
    _use(engine, 10)
    page = visit(engine, "preview", email=hire(engine, "support"), id="acme")
    assert "9.99 USD" not in words(page)

    page.button(key="preview_buy").click().run()

    assert "9.99 USD" in words(page)


def test_a_workspace_that_is_not_there_is_said_so(engine: Engine) -> None:
    page = visit(engine, "preview", email=hire(engine, "support"), id="gone")

    assert "There is no workspace gone" in page.error[0].value
