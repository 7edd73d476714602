"""Pages read one snapshot that cannot write; actions write in one transaction."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from dashboard import installation
from ledger.desk import notes
from tests.pages.visits import use
from tests.stories import START, Story


def test_a_reading_page_cannot_write(engine: Engine) -> None:
    use(engine)

    with pytest.raises(DBAPIError, match="read-only"), installation.reading() as connection:
        notes.opened(connection, "sam", "acme", at=START)


def test_a_failed_action_leaves_nothing(engine: Engine) -> None:
    use(engine)

    with pytest.raises(RuntimeError), installation.writing() as connection:
        Story(connection).plan()
        raise RuntimeError

    with installation.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM workspaces")).scalar_one() == 0


def test_pages_use_the_engine_they_were_given(engine: Engine) -> None:
    use(engine)

    assert installation.engine() is engine


def test_settings_are_read_once_for_the_whole_process(monkeypatch: pytest.MonkeyPatch) -> None:
    installation.use_installation(None)
    monkeypatch.setenv("REPORT_TIMEZONE", "Asia/Tokyo")
    first = installation.settings()
    monkeypatch.setenv("REPORT_TIMEZONE", "Europe/Berlin")

    assert installation.settings() is first
    assert first.report_timezone == "Asia/Tokyo"
    installation.use_installation(None)
