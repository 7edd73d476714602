"""Pages read one snapshot that cannot write; actions write in one transaction."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from dashboard import installation
from dashboard.installation import Installation
from ledger.database import writing
from ledger.desk import notes
from ledger.settings import load_settings
from tests.databases import migrated_database
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


def test_metrics_and_search_read_the_copy_and_everything_else_the_database(engine: Engine) -> None:
    with migrated_database() as other:
        installation.use_installation(Installation(engine, load_settings({}), copy=other))
        with writing(engine) as db:
            Story(db).plan()

        with installation.reading() as here, installation.reading_copy() as there:
            counts = [
                one.execute(text("SELECT count(*) FROM workspaces")).scalar_one() for one in (here, there)
            ]
        other.dispose()

    assert counts == [1, 0]


def test_without_a_copy_metrics_and_search_read_the_database(engine: Engine) -> None:
    use(engine)
    with writing(engine) as db:
        Story(db).plan()

    with installation.reading_copy() as db:
        assert db.execute(text("SELECT count(*) FROM workspaces")).scalar_one() == 1


def test_the_copy_is_opened_where_it_is_set() -> None:
    assert installation.open_copy(load_settings({})) is None
    copy = installation.open_copy(
        load_settings({"DATABASE_URL_READ": "postgresql://reader:x@127.0.0.1:5/copy"})
    )
    assert copy is not None
    assert (copy.url.port, copy.url.database) == (5, "copy")


def test_settings_are_read_once_for_the_whole_process(monkeypatch: pytest.MonkeyPatch) -> None:
    installation.use_installation(None)
    monkeypatch.setenv("REPORT_TIMEZONE", "Asia/Tokyo")
    first = installation.settings()
    monkeypatch.setenv("REPORT_TIMEZONE", "Europe/Berlin")

    assert installation.settings() is first
    assert first.report_timezone == "Asia/Tokyo"
    installation.use_installation(None)
