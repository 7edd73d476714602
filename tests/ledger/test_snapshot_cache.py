"""Within one snapshot the same rows are read once; another snapshot, and a connection that writes, read anew."""

from sqlalchemy import Engine, text

from ledger.database import query, reading, writing
from ledger.snapshot_cache import cache_rows, cached, fetch, has_cache, is_cached

RANDOM = text("SELECT random() AS number, CAST(:of AS text) AS of")


def test_a_snapshot_reads_the_same_rows_once(engine):
    with reading(engine) as db:
        first, again = fetch(db, RANDOM, {"of": "a"}), fetch(db, RANDOM, {"of": "a"})
        other = fetch(db, RANDOM, {"of": "b"})
        assert is_cached(db, RANDOM, {"of": "a"})
        assert not is_cached(db, RANDOM, {"of": "c"})
    with reading(engine) as db:
        later = fetch(db, RANDOM, {"of": "a"})

    assert first == again
    assert len({rows[0].number for rows in (first, other, later)}) == 3


def test_what_was_read_with_others_is_an_answer(engine):
    with reading(engine) as db:
        rows = fetch(db, RANDOM, {"of": "a"})
        cache_rows(db, RANDOM, {"of": "b"}, rows)

        assert fetch(db, RANDOM, {"of": "b"}) == rows


def test_a_connection_that_writes_reads_anew(engine):
    with writing(engine) as db:
        assert not has_cache(db)
        assert fetch(db, RANDOM, {"of": "a"}) != fetch(db, RANDOM, {"of": "a"})
        assert [cached(db, "key", lambda made=made: made) for made in (1, 2)] == [1, 2]


def test_what_is_made_of_a_snapshot_is_made_once_for_each_key(engine):
    with reading(engine) as db:
        made = [cached(db, key, lambda number=number: number) for number, key in enumerate("aab")]

    assert made == [0, 0, 2]


def test_a_snapshot_reads_a_state_once_and_a_writing_sees_what_it_writes(engine: Engine) -> None:
    question = query("rollup_state")
    changed = text("UPDATE rollup_state SET data_to = '2026-01-01'")
    with reading(engine) as db:
        first = fetch(db, question, {})
        again = fetch(db, question, {})
    with writing(engine) as db:
        before = fetch(db, question, {})[0].data_to
        db.execute(changed)
        after = fetch(db, question, {})[0].data_to
    with reading(engine) as db:
        later = fetch(db, question, {})[0].data_to

    assert again is first
    assert (first[0].data_to, before) == (None, None)
    assert after == later != before
