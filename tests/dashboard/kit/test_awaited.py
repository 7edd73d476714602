"""Estimates that a page does not wait for: asked once, told as awaited, shown when the worker has made them."""

import pytest
from sqlalchemy import text

from ledger.database import reading, writing
from ledger.metrics.fits import refresh_fits
from tests import mini_ledger
from tests.mini_ledger import AS_OF
from tests.pages.test_metric_pages import THEN, numbers
from tests.pages.visits import hire, visit, words

INCIDENCE = "Churn-adjusted"


@pytest.fixture
def large(monkeypatch):
    """The story, to a product that makes nothing at once."""
    monkeypatch.setattr("ledger.metrics.fits.AT_ONCE", 3)
    monkeypatch.setattr("ledger.metrics.estimating.AT_ONCE", 3)
    with mini_ledger.rolled_up() as engine:
        hire(engine, "viewer")
        yield engine


def test_what_the_worker_has_made_is_shown_in_the_place_of_the_promise(large):
    app = visit(large, "conversion", email="viewer@example.com", **THEN)
    promised, asked = words(app), _wanted(large)

    with writing(large) as db:
        refresh_fits(db, at=AS_OF)
    app.run()

    assert "this page updates by itself" in promised
    assert "incidence" in asked
    assert numbers(app)[INCIDENCE] == "47.2%"
    assert "this page updates by itself" not in words(app)


def test_an_estimate_that_is_shown_stays_asked_for(large):
    app = visit(large, "conversion", email="viewer@example.com", **THEN)
    with writing(large) as db:
        refresh_fits(db, at=AS_OF)
        db.execute(text("UPDATE metric_fits SET wanted_at = '2026-01-01'"))

    app.run()

    with reading(large) as db:
        forgotten = text(
            "SELECT count(*) FROM metric_fits WHERE metric = 'incidence' AND wanted_at = '2026-01-01'"
        )
        assert db.execute(forgotten).scalar_one() == 0


def _wanted(engine) -> list[str]:
    with reading(engine) as db:
        return list(db.execute(text("SELECT metric FROM metric_fits WHERE result IS NULL")).scalars())
