"""Offers that customers saw: one row for each key and workspace."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from ledger.errors import KeyReused, UnknownWorkspace
from ledger.experiments.offers_seen import record_offer_seen
from tests.stories import Story


def test_a_repeat_keeps_the_first_time_and_another_explicit_one_is_refused(db: Connection) -> None:
    acme, other = Story(db, "acme"), Story(db, "other")
    later = acme.now + timedelta(hours=1)

    record_offer_seen(db, "acme", key="a", at=acme.now)
    record_offer_seen(db, "acme", key="a", at=later)
    record_offer_seen(db, "other", key="a", at=other.now)
    record_offer_seen(db, "acme", key="a", at=acme.now, at_is_explicit=True)
    with pytest.raises(KeyReused):
        record_offer_seen(db, "acme", key="a", at=later, at_is_explicit=True)

    rows = db.execute(text("SELECT workspace_id, at FROM offers_seen ORDER BY workspace_id")).all()
    assert [tuple(row) for row in rows] == [("acme", acme.now), ("other", other.now)]


def test_an_unknown_workspace_saw_nothing(db: Connection) -> None:
    with pytest.raises(UnknownWorkspace):
        record_offer_seen(db, "nobody", key="a", at=Story(db).now)
