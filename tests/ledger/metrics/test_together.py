"""Numbers of one page are read together: each is what it would have been alone, and nothing is left to ask alone."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import event

from ledger.database import reading, writing
from ledger.metrics import METRICS, measure, read_ahead
from ledger.metrics.rollups import refresh_rollups
from ledger.metrics.rows import PARTS
from tests import mini_ledger
from tests.databases import migrated_database
from tests.mini_ledger import AS_OF, START

FILTERS = (
    {},
    {"plan": "pro"},
    {"billing_cycle": "monthly", "currency": "usd"},
    {"attributes": {"country": "de"}},
    {"package": "small"},
)
AT_MOST, NUMBERS = 12, 50


@pytest.fixture(scope="module")
def engine():
    with migrated_database() as made:
        with writing(made) as db:
            mini_ledger.live_through(db)
            refresh_rollups(db, at=AS_OF)
        yield made


def everything(**more):
    """Every metric over two periods, whole and divided, as of now and as of a past moment."""
    for slug, metric in METRICS.items():
        for start, end, as_of in (
            (START, AS_OF, AS_OF),
            (START, AS_OF + timedelta(days=9), AS_OF),
            (START + timedelta(hours=5), AS_OF - timedelta(days=20, hours=7), AS_OF),
            (START, AS_OF - timedelta(days=30), AS_OF - timedelta(days=25)),
        ):
            for by in (None, "week", *(part for part in PARTS if part in ("plan", "package"))):
                if not (metric.estimate in ("incidence", "time-to-half", "evidence") and by):
                    yield (
                        slug,
                        {"start": start, "end": end, "as_of": as_of, "source": "live", "by": by, **more},
                    )


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_every_number_read_together_is_the_number_read_alone(engine, filters):
    wanted = random.Random(str(filters)).sample(list(everything(**filters)), NUMBERS)
    alone = []
    for slug, arguments in wanted:
        with reading(engine) as db:
            alone.append(measure(db, slug, **arguments))

    with reading(engine) as db:
        read_ahead(db, wanted)
        together = [measure(db, slug, **arguments) for slug, arguments in wanted]

    assert together == alone
    assert sum(one.value is not None for one in alone) > len(alone) / 4


def test_what_was_read_together_is_not_read_again(engine):
    slugs = ("conversion", "conversion-net", "revenue-net", "average-package-minutes", "unmet-minutes")
    wanted = [
        (slug, {"start": START, "end": AS_OF, "as_of": AS_OF, "source": "live", "by": by})
        for slug in slugs
        for by in (None, "week", "plan")
    ]
    executed = []

    def note(_connection, _cursor, statement, *_):
        executed.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        with reading(engine) as db:
            read_ahead(db, wanted)
            ahead = len(executed)
            for slug, arguments in wanted:
                measure(db, slug, **arguments)
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert len(executed) == ahead <= AT_MOST


def test_where_nothing_is_stored_nothing_is_read_ahead(engine):
    wanted = random.Random(2).sample(list(everything()), NUMBERS)
    with writing(engine) as db:
        read_ahead(db, wanted)
        slug, arguments = wanted[0]
        assert measure(db, slug, **arguments).slug == slug


def test_a_period_that_cannot_be_counted_is_left_out(engine):
    backwards = {"start": AS_OF, "end": START, "as_of": AS_OF, "source": "live"}
    with reading(engine) as db:
        read_ahead(db, [("conversion", backwards)])
        assert measure(db, "conversion", **backwards).reason == "the period ends before it starts"
