"""What the metric pages cost follows days and facts: none of their questions touches the history of uses."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from streamlit.testing.v1 import AppTest

from dashboard.navigation import METRICS as SECTION
from dashboard.navigation import existing
from dashboard.screens.workspace.headline import TABS
from ledger.database import reading, writing
from ledger.metrics import METRICS, measure, row_totals, rows
from ledger.metrics.rollups import refresh_rollups
from ledger.minutes import set_attributes
from ledger.payments import set_auto_top_up
from tests import mini_ledger
from tests.databases import migrated_database
from tests.mini_ledger import AS_OF, START
from tests.pages.visits import hire, visit

HISTORY = {"entries", "stored_draws"}
STATEMENTS_AT_MOST = 20
PAGES = [entry.file for entry in existing() if entry.section == SECTION]
FILTERS = [
    {},
    {"plan": "pro", "compare": "year"},
    {"period": "own", "from": "2026-02-10", "to": "2026-04-02"},
]


@pytest.fixture(scope="module")
def forgetful() -> Iterator[Engine]:
    """The ten workspaces, rolled up, in a database whose application may no longer read entries and draws."""
    with migrated_database() as engine:
        with writing(engine) as db:
            mini_ledger.live_through(db)
            refresh_rollups(db, at=AS_OF)
        hire(engine, "viewer")
        with writing(engine) as db:
            db.execute(text("RESET ROLE"))
            db.execute(text("REVOKE SELECT ON entries, stored_draws, draws FROM ledger_app"))
            db.execute(text("SET ROLE ledger_app"))
        yield engine


@contextmanager
def touched(engine: Engine) -> Iterator[set[str]]:
    """Collect the tables in the plans of all statements: what views hide is in them, what functions hide is not."""
    tables_read: set[str] = set()

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH", "--")):
            with connection.connection.driver_connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
                tables_read.update(_tables(cursor.fetchone()[0]))

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield tables_read
    finally:
        event.remove(engine, "before_cursor_execute", explain)


def _tables(plan: Any) -> Iterator[str]:
    if isinstance(plan, str):
        plan = json.loads(plan)
    for part in plan.values() if isinstance(plan, dict) else plan:
        if isinstance(part, dict | list):
            yield from _tables(part)
    if isinstance(plan, dict) and "Relation Name" in plan:
        yield plan["Relation Name"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("filters", FILTERS)
def test_no_page_of_metrics_reads_entries_or_draws(forgetful, page, filters):
    with touched(forgetful) as tables:
        app = visit(
            forgetful, page, email="viewer@example.com", at=AS_OF.isoformat(), source="live", **filters
        )

    assert not app.exception
    assert tables.isdisjoint(HISTORY)
    assert "staff" in tables


@pytest.mark.parametrize("slug", METRICS)
def test_no_number_and_none_of_its_rows_reads_entries_or_draws(forgetful, slug):
    period = {"start": START, "end": AS_OF, "as_of": AS_OF, "source": "live"}
    with touched(forgetful) as tables, reading(forgetful) as db:
        measure(db, slug, **period)
        row_totals(db, slug, **period)
        rows(db, slug, **period)

    assert tables
    assert tables.isdisjoint(HISTORY)


def sent_again(engine: Engine, app: AppTest) -> list[str]:
    """Run a page once more and return its statements."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    app.run()
    event.remove(engine, "before_cursor_execute", note)
    assert not app.exception
    return sent


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("filters", FILTERS)
def test_a_page_costs_twenty_statements_at_most(forgetful, page, filters):
    """A database two milliseconds away is not felt then; whatever the page shows."""
    app = visit(forgetful, page, email="viewer@example.com", at=AS_OF.isoformat(), source="live", **filters)
    queries = sent_again(forgetful, app)

    assert 1 < len(queries) <= STATEMENTS_AT_MOST, "\n".join(statement[:120] for statement in queries)


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("past", [{}, {"day": "2026-03-20"}])
def test_a_workspace_costs_twenty_statements_at_most_and_who_looks_is_read_once(story, tab, past):
    """For an administrator, who sees most, of a workspace that bought, tops up by itself and has what an admin sets."""
    email = hire(story, "admin")
    with writing(story) as db:
        set_attributes(db, "W01", {"country": "DE"}, actor="test", at=AS_OF)
        set_auto_top_up(
            db,
            "W01",
            package="small",
            trigger=90,
            monthly_limit_cents=5_000,
            enabled=True,
            actor="test",
            at=AS_OF,
        )
    queries = sent_again(story, visit(story, "workspace", email=email, id="W01", tab=tab, **past))

    assert 2 < len(queries) <= STATEMENTS_AT_MOST, "\n".join(statement[:120] for statement in queries)
    assert sum("FROM staff" in statement for statement in queries) == 1


def test_a_page_asks_nothing_twice(forgetful):
    queries = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "rollup" in statement or "together" in statement:
            queries.extend((statement, one) for one in _lookups(parameters))

    app = visit(forgetful, "conversion", email="viewer@example.com", at=AS_OF.isoformat(), source="live")
    event.listen(forgetful, "before_cursor_execute", note)
    app.run()
    event.remove(forgetful, "before_cursor_execute", note)

    assert len(queries) > 10
    assert len(queries) == len(set(queries))


def _lookups(parameters: Any) -> list[str]:
    """What one statement asks: each lookup of a list that is read together."""
    if "lookups" not in parameters:
        return [repr(parameters)]
    listed = json.loads(parameters["lookups"])
    return [repr({**one, "lookup_no": 0}) for one in listed]
