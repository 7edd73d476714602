"""A saved view is one person's name for the address of a page."""

import pytest

from ledger.desk.saved_views import delete_view, list_views, save_view
from ledger.errors import InvalidText


def test_only_its_owner_sees_a_view_and_saving_under_its_name_replaces_it(db, now):
    save_view(db, "ada", "overview", "April", "period=month", at=now)
    save_view(db, "ada", "overview", "April", "period=30d", at=now)
    save_view(db, "ben", "overview", "April", "period=7d", at=now)

    (mine,) = list_views(db, "ada")

    assert (mine.page, mine.name, mine.query) == ("overview", "April", "period=30d")


def test_a_view_can_be_removed(db, now):
    save_view(db, "ada", "overview", "April", "period=month", at=now)

    delete_view(db, "ada", "overview", "April")

    assert list_views(db, "ada") == []


def test_a_view_has_a_name(db, now):
    with pytest.raises(InvalidText):
        save_view(db, "ada", "overview", " ", "period=month", at=now)
