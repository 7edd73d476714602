"""A locked workspace, or a use that cannot be booked, stops no other."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, text

import ledger
from dashboard.api import booking
from dashboard.api.booking import book
from ledger.database import reading, writing
from tests.dashboard.api_server import Api
from tests.databases import as_owner

HELD_SECONDS = 8.0
FREE_SECONDS = 3.0
"""Less than half of the time for which the lock is held."""


@contextmanager
def locked(engine: Engine, workspace_id: str) -> Iterator[threading.Event]:
    """Hold the row of a workspace until the block ends, or for as long as the longest test needs."""
    entered, done = threading.Event(), threading.Event()

    def hold() -> None:
        with writing(engine) as db:
            db.execute(
                text("SELECT FROM workspace_minutes WHERE workspace_id = :w FOR UPDATE"), {"w": workspace_id}
            )
            entered.set()
            done.wait(HELD_SECONDS)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert entered.wait(10)
        yield done
        done.set()
        holding.result()


def use_of(workspace_id: str, key: str = "a") -> dict[str, object]:
    """The body of one use."""
    return {"workspace_id": workspace_id, "minutes": 1, "key": key}


def minutes_used(engine: Engine, *workspace_ids: str) -> list[int]:
    """Return how many minutes each has used."""
    with reading(engine) as db:
        return [ledger.get_balance(db, each).minutes_used for each in workspace_ids]


def test_single_uses_of_others_do_not_wait_for_a_locked_workspace(api: Api, engine: Engine) -> None:
    locked_id, *others = [api.workspace() for _ in range(4)]

    with locked(engine, locked_id) as release, ThreadPoolExecutor(6) as pool:
        stuck = [pool.submit(api.post, "/usage/track-minute", use_of(locked_id, key)) for key in "ab"]
        time.sleep(0.1)
        began = time.monotonic()
        answers = [
            pool.submit(api.post, "/usage/track-minute", use_of(each, key)) for key in "ab" for each in others
        ]
        statuses = [each.result().status_code for each in answers]
        seconds = time.monotonic() - began
        assert api.get("/ready").status_code == 200
        waited = [each.done() for each in stuck]
        release.set()
        afterwards = [each.result().status_code for each in stuck]

    assert statuses == [200] * 6
    assert seconds < FREE_SECONDS
    assert waited == [False, False]
    assert afterwards == [200, 200]
    assert minutes_used(engine, locked_id, *others) == [2, 2, 2, 2]


def test_a_workspace_that_stays_locked_is_refused_as_busy_and_the_same_key_books_once_later(
    api: Api, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(booking, "LONG_WAIT", "400ms")
    locked_id, other = api.workspace(), api.workspace()

    with locked(engine, locked_id):
        alone = api.post("/usage/track-minute", use_of(locked_id))
        batch = api.post(
            "/usage/track-minutes", {"uses": [use_of(locked_id), use_of(other), use_of(locked_id, "b")]}
        )
    again = api.post("/usage/track-minute", use_of(locked_id))

    codes = [each.get("problem", {}).get("code") for each in batch.json()["results"]]
    assert (alone.status_code, alone.json()["code"], codes) == (503, "busy", ["busy", None, "busy"])
    assert alone.headers["Retry-After"]
    assert (again.status_code, minutes_used(engine, locked_id, other)) == (200, [1, 1])


def test_all_or_nothing_on_a_locked_workspace_gives_its_threads_back(api: Api, engine: Engine) -> None:
    locked_id, other = api.workspace(), api.workspace()

    with locked(engine, locked_id) as release, ThreadPoolExecutor(10) as pool:
        stuck = [
            pool.submit(api.post, "/usage/track-minute", use_of(locked_id, f"k{n}") | {"require_full": True})
            for n in range(10)
        ]
        time.sleep(0.2)
        began = time.monotonic()
        limit = api.get("/usage/check-limit", workspace_id=other)
        seconds = time.monotonic() - began
        release.set()
        statuses = {each.result().status_code for each in stuck}

    assert (limit.status_code, statuses) == (200, {200})
    assert seconds < HELD_SECONDS / 2


@pytest.mark.usefixtures("api")
def test_a_use_that_the_database_cannot_book_fails_alone(api: Api, engine: Engine) -> None:
    broken, sound = api.workspace(), api.workspace()
    with writing(engine) as db, as_owner(db):
        db.execute(
            text("UPDATE workspace_minutes SET minutes_used = 9223372036854775807 WHERE workspace_id = :w"),
            {"w": broken},
        )

    now = ledger_time(engine, sound)
    uses = [use_of(each) | {"at": now, "at_is_explicit": False} for each in (sound, broken)]
    answers = book(uses)

    assert isinstance(answers[0], ledger.Use)
    assert isinstance(answers[1], ledger.Refused)
    assert answers[1].code == "internal"


def ledger_time(engine: Engine, workspace_id: str) -> object:
    """Return when a workspace was created."""
    with reading(engine) as db:
        return ledger.get_workspace(db, workspace_id).created_at
