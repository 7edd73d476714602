"""Sessions are ended by their owner everywhere, or by an administrator; each end is one line of the audit log."""

import pytest
from sqlalchemy import Engine

from dashboard import actions
from dashboard.access import Operator
from dashboard.clock import present
from ledger.database import reading, writing
from ledger.desk import audit, sessions
from tests.pages.visits import use

ADA = Operator("ada@x.example", "Ada", "admin", "test")
VIC = Operator("vic@x.example", "Vic", "viewer", "test")


@pytest.fixture
def company(engine: Engine) -> Engine:
    """Ada in one browser, Vic in two."""
    use(engine)
    with writing(engine) as db:
        for number, who in enumerate((ADA, VIC, VIC)):
            sessions.start_session(db, bytes([number]) * 32, address="a", browser="b", at=present())
            sessions.note_click(db, bytes([number]) * 32, who.actor, at=present())
    return engine


def signed_in(engine: Engine) -> list[str | None]:
    with reading(engine) as db:
        return sorted(str(each.email) for each in sessions.list_sessions(db, at=present()))


def test_anybody_signs_out_of_all_their_browsers(company: Engine) -> None:
    assert actions.sign_out_everywhere(VIC, key="out").sentence == "Signed out of 2 browsers."
    assert actions.sign_out_everywhere(VIC, key="out").repeated

    assert signed_in(company) == [ADA.actor]
    with reading(company) as db:
        assert [(line.actor, line.after) for line in audit.list_lines(db)] == [(VIC.actor, {"sessions": 2})]


def test_an_administrator_ends_the_sessions_of_a_person(company: Engine) -> None:
    assert actions.end_sessions(ADA, VIC.actor, key="end").sentence == "2 sessions of vic@x.example ended."
    assert actions.end_sessions(ADA, VIC.actor, key="end").repeated

    assert signed_in(company) == [ADA.actor]
    with reading(company) as db:
        assert [(line.actor, line.subject) for line in audit.list_lines(db)] == [(ADA.actor, VIC.actor)]
