"""Before serving: an empty database gets its demo company, a begun one is finished, all others are left alone."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, text

import ledger
from dashboard.clock import present
from dashboard.server.preparing import fill_when_empty, migrate
from ledger import demo
from ledger.database import reading, writing
from ledger.desk import search
from ledger.settings import Secret, Settings

SANDBOX = Settings(data_dir=Path("unused"))
LIVE = replace(SANDBOX, stripe_api_key=Secret("sk_live_1"))


def _sources(engine: Engine) -> frozenset[str]:
    with reading(engine) as db:
        return search.sources(db)


def test_a_live_installation_is_never_filled(engine: Engine) -> None:
    said: list[str] = []

    fill_when_empty(engine, LIVE, said.append, at=present())

    assert said == []
    assert _sources(engine) == frozenset()


def test_a_database_that_holds_anything_is_left_alone(engine: Engine) -> None:
    with writing(engine) as db:
        ledger.create_workspace(db, "acme", name="A", owner_email="a@example.com", actor="t", at=present())

    fill_when_empty(engine, SANDBOX, lambda _line: None, at=present())

    assert _sources(engine) == {"sandbox"}


def test_a_demo_company_that_was_interrupted_is_finished_and_summed_up(engine: Engine) -> None:
    until = present().date()
    small = demo.build(engine, workspaces=4, months=1, until=until, seed=3, progress=False)
    with writing(engine) as db:
        db.execute(text("UPDATE demo_history SET finished_at = NULL"))
    said: list[str] = []

    fill_when_empty(engine, SANDBOX, said.append, at=present() + timedelta(days=2))

    with reading(engine) as db:
        assert demo.present_demo(db) == small
        assert db.execute(text("SELECT data_to IS NOT NULL FROM rollup_state")).scalar_one()
    assert any("demo company" in line for line in said)


def test_migrating_twice_says_nothing_the_second_time(engine: Engine) -> None:
    said: list[str] = []

    migrate(engine, said.append)

    assert said == []
