"""Search by what is known of workspaces: attributes find them, and narrow every list."""

import pytest
from sqlalchemy import Connection

from ledger.desk.search import SearchFilters, list_by_need, search_workspaces
from ledger.minutes.attributes import set_attributes
from tests.ledger.desk.test_search import _blocked, _ids, _made
from tests.stories import START


@pytest.fixture
def segmented(db: Connection) -> Connection:
    """Four workspaces; three have a country, two a number of seats."""
    for name, known in {
        "acme": {"country": "Österreich", "seats": 12},
        "best": {"country": "österreich", "seats": 3},
        "core": {"country": "Oman"},
        "dune": {},
    }.items():
        set_attributes(db, _made(db, name, name.title()), known, actor="t", at=START)
    return db


def test_the_beginning_of_an_attribute_finds_workspaces_after_all_names_and_says_so(
    segmented: Connection,
) -> None:
    _made(segmented, "oest", "Österreichische Post")

    result = search_workspaces(segmented, "öst")

    assert [(row.workspace_id, row.matched) for row in result] == [
        ("oest", "name starts"),
        ("acme", "attribute"),
        ("best", "attribute"),
    ]
    assert result[1].attributes == {"country": "Österreich", "seats": 12}
    assert _ids(segmented, "reich") == ["oest"]  # no part of a value in its middle


def test_a_workspace_that_matches_by_name_is_not_repeated_for_an_attribute(segmented: Connection) -> None:
    set_attributes(segmented, "acme", {"group": "acme"}, actor="t", at=START)
    set_attributes(segmented, "best", {"group": "acme"}, actor="t", at=START)

    assert _ids(segmented, "acme") == ["acme", "best"]


def test_pages_go_on_within_the_workspaces_that_an_attribute_finds(segmented: Connection) -> None:
    first = search_workspaces(segmented, "öst", limit=1)

    assert [row.workspace_id for row in first] == ["acme"]
    assert _ids(segmented, "öst", after=first[0].after) == ["best"]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"country": "Oman"}, ["core"]),
        ({"seats": "2-4"}, ["best"]),
        ({"seats": "5-9"}, []),
        ({"country": "none"}, ["dune"]),
        ({"country": "Österreich", "seats": "10-19"}, ["acme"]),
        ({"country": "Österreich", "seats": "2-4"}, []),
        ({"country": "Oman", "seats": "none"}, ["core"]),
    ],
)
def test_attributes_narrow_the_list_together(
    segmented: Connection, attributes: dict[str, str], expected: list[str]
) -> None:
    assert _ids(segmented, "", filters=SearchFilters(attributes=tuple(attributes.items()))) == expected


def test_attributes_narrow_the_list_by_need_in_each_of_its_steps(segmented: Connection) -> None:
    for name in ("north", "south"):
        set_attributes(segmented, _blocked(segmented, name, START), {"country": name}, actor="t", at=START)

    def listed(**attributes: str) -> list[str]:
        filters = SearchFilters(attributes=tuple(attributes.items()))
        return [row.workspace_id for row in list_by_need(segmented, at=START, filters=filters)]

    assert listed(country="south") == ["south"]
    assert listed(seats="none") == ["south", "north", "core", "dune"]
    assert listed(country="Oman") == ["core"]
