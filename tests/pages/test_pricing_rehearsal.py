"""The rehearsal of the page Pricing: copies buy through the real flow, and every end of a run is shown."""

import subprocess
import sys
from dataclasses import replace
from threading import Event
from uuid import UUID, uuid4

from sqlalchemy import Engine, text

import ledger
from dashboard.access import Operator
from dashboard.screens.pricing.rehearsal import Buying
from ledger.pricing.cohort import Cohort, Member
from ledger.pricing.rehearsals import begin_cohort, list_cohorts, purchase_key
from tests.pages.visits import hire, use, visit, words
from tests.pricing_company import NOW, START

OPERATOR = Operator("pia@example.com", "Pia", "pricing", "test")
EVERYBODY = Cohort(tuple(Member(f"w{n:02}", "small", 0.5) for n in range(6)), 0.5, {"small": 1.0})
ON_SALE = frozenset({"small"})
KILLED = """
import os, sys, uuid
from dashboard.screens.pricing.rehearsal import Buying
from ledger.database import connect
from tests.pages import test_pricing_rehearsal as here
from tests.pages.visits import use

class UntilTheThird(list):
    def append(self, outcome):
        if len(self) == 2:
            os._exit(9)  # bought, and nothing was reported
        super().append(outcome)

use(connect(sys.argv[1]))
run_id = uuid.UUID(sys.argv[2])
run = Buying(here.OPERATOR, here.EVERYBODY, here.ON_SALE, 0.0, 20, run_id, outcomes=UntilTheThird())
run.start().finished.wait()
"""


def test_a_cohort_of_copies_buys_in_the_sandbox_and_the_originals_stay_as_they_are(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    with ledger.reading(company) as db:
        before = db.execute(text("SELECT count(*) FROM extra_minutes_purchases")).scalar_one()
    page.query_params["tab"] = "rehearsal"
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
        (saved,) = list_cohorts(db)
    assert tuple(bought) == (run.rehearsal.tried, before)
    assert (saved.status, saved.results["paid"]) == ("finished", run.rehearsal.paid)


def test_a_cohort_whose_process_ended_is_not_called_running_for_ever(company: Engine) -> None:
    with ledger.writing(company) as db:
        begin_cohort(db, uuid4(), {"members": 40}, author="pia", at=START)
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)

    page.query_params["tab"] = "rehearsal"
    page.run()

    (past,) = [frame.value for frame in page.dataframe if "status" in frame.value]
    assert past["status"].tolist() == ["interrupted: the server stopped"]


def test_a_cohort_that_breaks_in_the_middle_has_failed_and_says_why(company: Engine) -> None:
    use(company)
    stranger = Cohort((Member("nobody", "small", 0.5),), 0.5, {"small": 1.0})

    broken = Buying(OPERATOR, stranger, ON_SALE, 0.0, 20).start()

    assert broken.finished.wait(60)
    assert "nobody" in broken.problem
    with ledger.reading(company) as db:
        (saved,) = list_cohorts(db)
    assert (saved.run_id, saved.status, saved.resumable) == (broken.run_id, "failed", True)


def test_a_cohort_whose_process_is_killed_goes_on_and_everybody_buys_once(company: Engine) -> None:
    run_id, url = uuid4(), company.url.render_as_string(hide_password=False)
    killed = subprocess.run([sys.executable, "-c", KILLED, url, str(run_id)], check=False, timeout=250)
    begun = bought_in(company, run_id)
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    page.query_params["tab"] = "rehearsal"
    page.run()

    page.button(key=f"co_resume_{run_id}").click().run()
    run: Buying = page.session_state["co_run"]
    assert run.finished.wait(60)
    page.run()

    assert (killed.returncode, len(begun)) == (9, 3)
    assert (run.problem, run.done, run.rehearsal.paid) == ("", 6, 6)
    assert bought_in(company, run_id) == [f"sim:w{number:02}" for number in range(6)]
    with ledger.reading(company) as db:
        (saved,) = list_cohorts(db)
    assert (saved.status, saved.results["paid"]) == ("finished", 6)
    assert not [button for button in page.button if "resume" in str(button.key)]


def bought_in(company: Engine, run_id: UUID) -> list[str]:
    """Which workspaces have a purchase of this run, each as often as it has one."""
    with ledger.reading(company) as db:
        result = db.execute(
            text("SELECT workspace_id FROM extra_minutes_purchases WHERE key = :key ORDER BY workspace_id"),
            {"key": purchase_key(run_id)},
        )
        return list(result.scalars())


def test_a_canceled_cohort_is_held_against_those_who_decided(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    page.query_params["tab"] = "rehearsal"
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
