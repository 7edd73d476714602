"""Pages read one snapshot that cannot write; actions write in one transaction."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from dashboard import db
from ledger.desk import notes
from tests.pages.visits import use
from tests.stories import START, Story


def test_a_reading_page_cannot_write(engine: Engine) -> None:
    use(engine)

    with pytest.raises(DBAPIError, match="read-only"), db.reading() as connection:
        notes.opened(connection, "sam", "acme", at=START)


def test_a_failed_action_leaves_nothing(engine: Engine) -> None:
    use(engine)

    with pytest.raises(RuntimeError), db.writing() as connection:
        Story(connection).plan()
        raise RuntimeError

    with db.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM workspaces")).scalar_one() == 0


def test_pages_use_the_engine_they_were_given(engine: Engine) -> None:
    use(engine)

    assert db.engine() is engine
