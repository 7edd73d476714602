"""Within one snapshot the same rows are read once; another snapshot, and a connection that writes, read anew."""

from sqlalchemy import text

from ledger.answers import answered, ask, keep_answer, keeps_answers, once
from ledger.database import reading, writing

RANDOM = text("SELECT random() AS number, CAST(:of AS text) AS of")


def test_a_snapshot_reads_the_same_rows_once(engine):
    with reading(engine) as db:
        first, again = ask(db, RANDOM, {"of": "a"}), ask(db, RANDOM, {"of": "a"})
        other = ask(db, RANDOM, {"of": "b"})
        assert answered(db, RANDOM, {"of": "a"})
        assert not answered(db, RANDOM, {"of": "c"})
    with reading(engine) as db:
        later = ask(db, RANDOM, {"of": "a"})

    assert first == again
    assert len({rows[0].number for rows in (first, other, later)}) == 3


def test_what_was_read_with_others_is_an_answer(engine):
    with reading(engine) as db:
        rows = ask(db, RANDOM, {"of": "a"})
        keep_answer(db, RANDOM, {"of": "b"}, rows)

        assert ask(db, RANDOM, {"of": "b"}) == rows


def test_a_connection_that_writes_reads_anew(engine):
    with writing(engine) as db:
        assert not keeps_answers(db)
        assert ask(db, RANDOM, {"of": "a"}) != ask(db, RANDOM, {"of": "a"})
        assert [once(db, "key", lambda made=made: made) for made in (1, 2)] == [1, 2]


def test_what_is_made_of_a_snapshot_is_made_once_for_each_key(engine):
    with reading(engine) as db:
        made = [once(db, key, lambda number=number: number) for number, key in enumerate("aab")]

    assert made == [0, 0, 2]
