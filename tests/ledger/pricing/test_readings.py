"""Facts that the worker reads and stores: requested once, with progress, loaded unchanged, pruned unless a scenario is saved on them."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, text

import ledger
from ledger.metrics.rollups import refresh_rollups
from ledger.pricing import snapshot as reading_parts
from ledger.pricing.packing import pack, unpack
from ledger.pricing.question import Question
from ledger.pricing.readings import (
    AT_LATEST,
    EVERY,
    GIVEN_UP_AFTER,
    get_reading,
    keep_snapshot,
    load_snapshot,
    newest_snapshot,
    read_wanted,
    want_due,
    want_reading,
)
from ledger.pricing.scenarios import save_scenario
from ledger.pricing.snapshot import take_snapshot
from ledger.schedules import WorkerContext
from ledger.settings import Settings
from ledger.worker import SCHEDULES, run_schedule
from tests.databases import database_like
from tests.pricing_company import NOW, make_company

AT = datetime.fromisoformat(NOW)


@pytest.fixture
def company() -> Iterator[Engine]:
    """Twenty-four workspaces, three months, some blocked, some of them buying."""
    with database_like(make_company) as engine:
        yield engine


def taken(engine, at=AT):
    with ledger.reading(engine) as db:
        return take_snapshot(db, source="sandbox", at=at)


def newest(engine):
    with ledger.reading(engine) as db:
        return newest_snapshot(db, "sandbox", "usd")


def go_on(engine, at):
    """Somebody calls, and the sums are brought up to then."""
    with ledger.writing(engine) as db:
        ledger.track_minutes(db, "w03", 1, key=f"{at}", at=at)
        refresh_rollups(db, at=at, timezone="UTC")


def test_a_snapshot_comes_back_from_its_bytes_as_it_was(company):
    before = taken(company)

    after = unpack(pack(before))

    assert (after.fingerprint, after.data_to, after.tariff) == (
        before.fingerprint,
        before.data_to,
        before.tariff,
    )
    assert (after.liability_minutes, after.liability_cents) == (
        before.liability_minutes,
        before.liability_cents,
    )
    for side in ("history", "recorded"):
        for table in ("demand", "months", "plan", "segment", "grants", "bought"):
            left, right = (getattr(getattr(one, side), table) for one in (before, after))
            assert (left is None and right is None) or np.array_equal(left, right)
    assert after.history.workspace_ids == before.history.workspace_ids
    assert np.array_equal(after.choices.counts, before.choices.counts)
    assert [m.revenue_cents for m in after.months] == [m.revenue_cents for m in before.months]
    assert all(np.array_equal(a.counts, b.counts) for a, b in zip(after.months, before.months, strict=True))


def test_what_an_earlier_version_stored_of_grants_is_still_read(company):
    before = taken(company)
    granted = np.full_like(before.history.demand, 25)
    before = replace(before, history=replace(before.history, grants=granted))

    block = pack(before)

    assert "gifts.npy" in zipfile.ZipFile(io.BytesIO(block)).namelist()
    assert np.array_equal(unpack(block).history.grants, granted)


def test_reading_in_parts_gives_the_same_facts_as_reading_at_once(company, monkeypatch):
    at_once = taken(company)

    monkeypatch.setattr(reading_parts, "PART", 5)
    in_parts = taken(company)

    assert in_parts.fingerprint == at_once.fingerprint
    assert in_parts.history.workspace_ids == at_once.history.workspace_ids


def test_a_reading_tells_how_far_it_is_and_never_goes_back(company, monkeypatch):
    monkeypatch.setattr(reading_parts, "PART", 5)
    reported: list[float] = []

    with ledger.reading(company) as db:
        take_snapshot(db, source="sandbox", at=AT, report_progress=reported.append)

    assert reported == sorted(reported)
    assert reported[-1] == 1
    assert len(reported) == 10


def test_what_a_page_asks_for_twice_is_read_once_and_loads_as_it_was_taken(company):
    with ledger.writing(company) as db:
        want_reading(db, "sandbox", "usd", at=AT)
        want_reading(db, "sandbox", "usd", at=AT)

    done = read_wanted(company, at=AT)

    stored = newest(company)
    with ledger.reading(company) as db:
        state = get_reading(db, "sandbox", "usd")
        loaded = load_snapshot(db, "sandbox", stored.fingerprint)
    assert (done, read_wanted(company, at=AT)) == (1, 0)
    assert (state.share, state.fingerprint, state.ended_at) == (1, stored.fingerprint, AT)
    assert loaded.fingerprint == taken(company).fingerprint
    assert stored.data_to == AT


def test_an_earlier_moment_has_a_reading_of_its_own_and_leaves_the_newest_alone(company):
    earlier = AT - timedelta(days=40)
    for moment in (None, earlier):
        with ledger.writing(company) as db:
            want_reading(db, "sandbox", "usd", up_to=moment, at=AT)
    read_wanted(company, at=AT)

    with ledger.reading(company) as db:
        state = get_reading(db, "sandbox", "usd", up_to=earlier)
        loaded = load_snapshot(db, "sandbox", state.fingerprint)

    assert loaded.data_to == earlier
    assert newest(company).data_to == AT


def test_a_source_without_a_history_ends_with_its_reason_and_stops_no_other(company):
    with ledger.writing(company) as db:
        want_reading(db, "live", "usd", at=AT)
        want_reading(db, "sandbox", "usd", at=AT)

    read_wanted(company, at=AT)

    with ledger.reading(company) as db:
        failed = get_reading(db, "live", "usd")
    assert failed.error == "There is no history to replay."
    assert newest(company) is not None


def test_a_reading_whose_worker_has_gone_is_taken_up_by_another_one(company):
    with ledger.writing(company) as db:
        want_reading(db, "sandbox", "usd", at=AT)
        db.execute(text("UPDATE pricing_readings SET begun_at = :at"), {"at": AT})

    soon = read_wanted(company, at=AT + GIVEN_UP_AFTER / 2)
    later = read_wanted(company, at=AT + GIVEN_UP_AFTER * 2)

    assert (soon, later) == (0, 1)


def test_the_schedule_reads_again_only_when_something_has_happened_and_not_too_often(company):
    first = want_due(company, at=AT)
    read_wanted(company, at=AT)
    quiet = want_due(company, at=AT + EVERY * 2)
    go_on(company, AT + EVERY / 2)
    soon = want_due(company, at=AT + EVERY / 2)
    moved = want_due(company, at=AT + EVERY * 2)
    read_wanted(company, at=AT + EVERY * 2)
    a_day_later = want_due(company, at=AT + EVERY * 2 + AT_LATEST)

    usd = [("sandbox", "usd")]
    assert (first, quiet, soon, moved, a_day_later) == (usd, [], [], usd, usd)


def test_old_snapshots_go_but_not_those_on_which_a_scenario_was_saved(company):
    linked = taken(company)
    with ledger.writing(company) as db:
        keep_snapshot(db, linked, watermark="", at=AT)
        save_scenario(
            db, name="stored", question=Question(linked.tariff), snapshot=linked.facts, results={}, seed=1,
            author="pia", at=AT,
        )  # fmt: skip
    fingerprints = []
    for day in range(1, 6):
        go_on(company, AT + timedelta(days=day))
        with ledger.writing(company) as db:
            want_reading(db, "sandbox", "usd", at=AT + timedelta(days=day))
        read_wanted(company, at=AT + timedelta(days=day))
        fingerprints.append(newest(company).fingerprint)

    with ledger.reading(company) as db:
        left = set(db.execute(text("SELECT fingerprint FROM pricing_snapshots")).scalars())

    assert left == {linked.fingerprint, *fingerprints[-3:]}


def test_what_another_version_wrote_is_not_loaded(company):
    want_due(company, at=AT)
    read_wanted(company, at=AT)
    stored = newest(company)

    with ledger.writing(company) as db:
        db.execute(text("UPDATE pricing_snapshots SET layout = 0"))

    assert newest(company) is None
    with ledger.reading(company) as db:
        assert load_snapshot(db, "sandbox", stored.fingerprint) is None
    assert want_due(company, at=AT) == [("sandbox", "usd")]


def test_the_worker_does_both_by_the_clock(company):
    context = WorkerContext(company, Settings(data_dir=Path(".data")), {})
    for schedule in SCHEDULES:
        if schedule.name.startswith("pricing"):
            run_schedule(context, schedule, at=AT)

    assert newest(company).workspaces == 24
