"""Estimates that a page does not wait for: requested once, announced as pending, shown when the worker has computed them."""

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
    promised, wanted_fits = words(app), _wanted(large)

    with writing(large) as db:
        refresh_fits(db, at=AS_OF)
    app.run()

    assert "this page updates by itself" in promised
    assert "incidence" in wanted_fits
    assert numbers(app)[INCIDENCE] == "47.2%"
    assert "this page updates by itself" not in words(app)


def test_an_estimate_on_the_screen_stays_requested(large):
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
