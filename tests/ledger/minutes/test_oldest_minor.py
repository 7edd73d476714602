"""The one-statement use on PostgreSQL 16.2, which follows a ctid to a newer row without comparing it again.

One caller naps between its snapshot and its update, another books meanwhile: the nap only widens a window that is there.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from time import sleep

import pytest
from sqlalchemy import Connection, Engine, text

import ledger
from ledger.database import connect, reading, writing
from ledger.migrations import migrate
from ledger.minutes.uses import Use
from tests.databases import as_owner
from tests.old_postgres import VERSION, old_programs
from tests.second_server import second_server

pytestmark = [pytest.mark.own_server, pytest.mark.slow]
AT = datetime(2026, 3, 1, tzinfo=UTC)
NAP_SECONDS = 1.5
NAPPING = """
CREATE OR REPLACE FUNCTION use_refusal(p_minutes bigint, p_at timestamptz, p_duration_seconds bigint) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_sleep(coalesce(nullif(current_setting('test.nap', true), ''), '0')::float);
    RETURN NULL;
END $$
"""


@pytest.fixture(scope="module")
def old_server() -> Iterator[Engine]:
    """A migrated ledger on 16.2, where a caller can be made to nap."""
    programs = old_programs()
    if programs is None:
        pytest.skip(f"PostgreSQL {VERSION} is not here, and npm cannot fetch it")
    with second_server(programs) as url:
        engine = connect(url)
        migrate(engine)
        with writing(engine) as db, as_owner(db):
            db.execute(text(NAPPING))
        yield engine
        engine.dispose()


@pytest.fixture
def workspace_id(old_server: Engine, request: pytest.FixtureRequest) -> str:
    """A workspace with 100 minutes, 3 of them used."""
    name = f"w{abs(hash(request.node.name)) % 10**9}"
    with writing(old_server) as db:
        ledger.create_workspace(db, name, name="W", owner_email="w@x.example", actor="t", at=AT)
        ledger.grant_minutes(db, name, 100, reason="r", key="g", actor="t", at=AT)
    for key, minutes in (
        ("first", 1),
        ("second", 2),
    ):  # each on its own: the usual use finds a row that nobody locks
        with writing(old_server) as db:
            ledger.track_minutes(db, name, minutes, key=key, at=AT)
    return name


def both(
    engine: Engine, napping: Callable[[Connection], Use], awake: Callable[[Connection], Use]
) -> list[Use]:
    """Return the answers of a caller that naps inside its statement and of one that books meanwhile."""

    def nap(db: Connection) -> Use:
        db.execute(text(f"SET LOCAL test.nap = '{NAP_SECONDS}'"))
        return napping(db)

    def run(work: Callable[[Connection], Use]) -> Use:
        with writing(engine) as db:
            return work(db)

    with ThreadPoolExecutor(2) as threads:
        late = threads.submit(run, nap)
        sleep(NAP_SECONDS / 3)
        early = threads.submit(run, awake)
        return [early.result(), late.result()]


def test_the_server_is_the_old_one(old_server: Engine) -> None:
    with reading(old_server) as db:
        assert str(db.execute(text("SHOW server_version")).scalar_one()).startswith(VERSION)


def test_the_same_key_from_two_callers_is_one_use(old_server: Engine, workspace_id: str) -> None:
    def use(db: Connection) -> Use:
        return ledger.track_minutes(db, workspace_id, 5, key="same", at=AT)

    early, late = both(old_server, use, use)

    assert (early.repeated, late.repeated) == (False, True)
    assert early.total_minutes == late.total_minutes == 92


def test_two_uses_that_together_exceed_the_balance_draw_what_is_there(
    old_server: Engine, workspace_id: str
) -> None:
    early, late = both(
        old_server,
        lambda db: ledger.track_minutes(db, workspace_id, 60, key="a", at=AT),
        lambda db: ledger.track_minutes(db, workspace_id, 60, key="b", at=AT),
    )

    assert (early.from_extra, late.from_extra, late.unmet_minutes) == (60, 37, 23)
    assert late.thresholds == (80, 90, 100)


def test_a_threshold_that_two_uses_cross_together_fires(old_server: Engine, workspace_id: str) -> None:
    early, late = both(
        old_server,
        lambda db: ledger.track_minutes(db, workspace_id, 40, key="a", at=AT),
        lambda db: ledger.track_minutes(db, workspace_id, 45, key="b", at=AT),
    )

    assert (early.thresholds, late.thresholds) == ((), (80,))
    with reading(old_server) as db:
        assert ledger.verify(db) == []
