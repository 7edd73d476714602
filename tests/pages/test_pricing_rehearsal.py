"""The rehearsal of the page Pricing: copies buy through the real flow, and every end of a run is told."""

from dataclasses import replace
from threading import Event
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

import ledger
from dashboard.pricing.rehearsal import Buying
from ledger.rehearsals import begin_cohort, list_cohorts
from tests.pages.visits import hire, visit, words
from tests.pricing_company import NOW, START, make_company


@pytest.fixture
def company(engine: Engine) -> Engine:
    """Twenty-four workspaces, three months, some blocked, some of them buying."""
    make_company(engine)
    return engine


def test_a_cohort_of_copies_buys_in_the_sandbox_and_the_originals_stay_as_they_are(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    with ledger.reading(company) as db:
        before = db.execute(text("SELECT count(*) FROM extra_minutes_purchases")).scalar_one()
    page.session_state["pr_tab"] = "Rehearsal"
    page.run()

    page.number_input(key="co_size").set_value(8)
    page.slider(key="co_rate").set_value(20).run()
    page.button(key="co_start").click().run()
    run: Buying = page.session_state["co_run"]
    assert run.finished.wait(60)
    page.run()

    assert not page.exception
    assert (run.problem, run.done) == ("", len(run.cohort.members))
    assert run.rehearsal.paid + run.rehearsal.declined == run.rehearsal.tried > 0
    assert "standard deviations between flow and model" in words(page)
    with ledger.reading(company) as db:
        bought = db.execute(
            text(
                "SELECT count(*) FILTER (WHERE workspace_id LIKE 'sim:%'),"
                " count(*) FILTER (WHERE workspace_id NOT LIKE 'sim:%') FROM extra_minutes_purchases"
            )
        ).one()
        (kept,) = list_cohorts(db)
    assert tuple(bought) == (run.rehearsal.tried, before)
    assert (kept.status, kept.results["paid"]) == ("finished", run.rehearsal.paid)


def test_a_cohort_whose_process_ended_is_not_called_running_for_ever(company: Engine) -> None:
    with ledger.writing(company) as db:
        begin_cohort(db, uuid4(), {"members": 40}, author="pia", at=START)
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)

    page.session_state["pr_tab"] = "Rehearsal"
    page.run()

    (past,) = [frame.value for frame in page.dataframe if "status" in frame.value]
    assert past["status"].tolist() == ["interrupted: the server ended meanwhile"]


def test_a_cohort_that_breaks_in_the_middle_has_failed_and_says_why(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    page.session_state["pr_tab"] = "Rehearsal"
    page.run()
    page.number_input(key="co_size").set_value(8)
    page.button(key="co_start").click().run()
    run: Buying = page.session_state["co_run"]
    assert run.finished.wait(60)

    broken = replace(
        run, run_id=uuid4(), outcomes=[], done=0, per_second=0, finished=Event(), canceled=Event()
    )
    broken.start()
    assert broken.finished.wait(60)

    assert "ZeroDivisionError" in broken.problem
    with ledger.reading(company) as db:
        states = {kept.run_id: kept.status for kept in list_cohorts(db)}
    assert states == {run.run_id: "finished", broken.run_id: "failed"}


def test_a_canceled_cohort_is_held_against_those_who_decided(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    page.session_state["pr_tab"] = "Rehearsal"
    page.run()
    page.number_input(key="co_size").set_value(8)
    page.slider(key="co_rate").set_value(20).run()
    page.button(key="co_start").click().run()
    run: Buying = page.session_state["co_run"]
    assert run.finished.wait(60)

    stopped = replace(run, run_id=uuid4(), outcomes=[], done=0, finished=Event(), canceled=Event())
    stopped.canceled.set()
    stopped.start()
    assert stopped.finished.wait(60)
    stopped.done, stopped.outcomes = 3, run.outcomes[:1]
    page.session_state["co_run"] = stopped
    page.run()

    (table,) = [frame.value for frame in page.dataframe if "expected" in frame.value]
    conversion, pays = run.cohort.conversion, 1 - run.declines
    assert table["expected"][0] == round(3 * conversion * pays, 1)
    assert stopped.rehearsal.members == 3
    assert f"Stopped after 3 of {len(run.cohort.members)}" in words(page)
