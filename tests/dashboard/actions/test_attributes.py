"""Setting attributes: by who may, audited, once for each click, a list as a whole."""

import pytest
from sqlalchemy import Engine

import ledger
from dashboard import actions
from dashboard.access import DEMO_STAFF
from ledger.database import reading, writing
from ledger.desk import audit
from ledger.errors import InvalidAttribute
from ledger.minutes import get_attributes
from tests.pages.visits import use
from tests.stories import START

SAM, VIC = DEMO_STAFF["sam.support@demo.invalid"], DEMO_STAFF["vic.viewer@demo.invalid"]
LIST = "workspace_id,country\nacme,FR\nbest,none\n"


@pytest.fixture
def two(engine: Engine) -> Engine:
    """Two German workspaces."""
    use(engine)
    with writing(engine) as db:
        for name in ("acme", "best"):
            ledger.create_workspace(db, name, name=name, owner_email="o@example.com", actor="t", at=START)
            ledger.minutes.set_attributes(db, name, {"country": "DE"}, actor="t", at=START)
    return engine


def known(engine: Engine) -> list[dict[str, object]]:
    """Return what is known of both."""
    with reading(engine) as db:
        return [get_attributes(db, name) for name in ("acme", "best")]


def lines(engine: Engine) -> list[tuple[str, str | None, object, object]]:
    """Return the audit lines, the newest first."""
    with reading(engine) as db:
        return [(line.action, line.workspace_id, line.before, line.after) for line in audit.list_lines(db)]


def test_a_change_is_audited_with_before_and_after_and_done_once(two: Engine) -> None:
    first = actions.set_attributes(SAM, "acme", {"seats": 3, "country": None}, key="k1")
    again = actions.set_attributes(SAM, "acme", {"seats": 3, "country": None}, key="k1")
    same = actions.set_attributes(SAM, "acme", {"seats": 3}, key="k2")

    assert (first.sentence, again.repeated, same.sentence) == ("Attributes saved.", True, "Nothing changed.")
    assert known(two) == [{"seats": 3}, {"country": "DE"}]
    assert lines(two) == [("set_attributes", "acme", {"country": "DE"}, {"seats": 3})]


def test_a_list_is_set_once_and_audited_with_its_size(two: Engine) -> None:
    first = actions.set_attributes_of_list(SAM, LIST, key="k1")
    again = actions.set_attributes_of_list(SAM, LIST, key="k1")

    assert (first.sentence, again.repeated) == ("2 workspaces changed.", True)
    assert known(two) == [{"country": "FR"}, {}]
    assert lines(two) == [("set_attributes_of_list", None, {}, {"workspaces": 2, "attributes": ["country"]})]


def test_a_list_with_a_problem_sets_nothing(two: Engine) -> None:
    with pytest.raises(InvalidAttribute, match=r"Line 4: no such workspace\. Nothing was set"):
        actions.set_attributes_of_list(SAM, LIST + "nobody,DE\n", key="k1")

    assert known(two) == [{"country": "DE"}, {"country": "DE"}]
    assert lines(two) == []


def test_a_viewer_sets_nothing(two: Engine) -> None:
    with pytest.raises(actions.NotAllowed):
        actions.set_attributes(VIC, "acme", {"seats": 3}, key="k1")
    with pytest.raises(actions.NotAllowed):
        actions.set_attributes_of_list(VIC, LIST, key="k1")

    assert known(two) == [{"country": "DE"}, {"country": "DE"}]
