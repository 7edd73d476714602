"""Where the page Pricing has its facts from: stored ones at once, a small company read here, a large one waited for."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

import ledger
from dashboard.screens.pricing import facts
from ledger.metrics.rollups import refresh_rollups
from ledger.pricing.question import Question
from ledger.pricing.readings import get_reading, newest_snapshot, read_wanted, want_reading
from ledger.pricing.scenarios import list_scenarios, save_scenario
from tests.pages.visits import hire, visit, words
from tests.pricing_company import NOW

AT = datetime.fromisoformat(NOW)


@pytest.fixture
def large(company: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The same in a world where even they are too many for a page."""
    monkeypatch.setattr(facts, "SMALL", 3)
    return company


def reading(engine, up_to=None):
    with ledger.reading(engine) as db:
        return get_reading(db, "sandbox", "usd", up_to=up_to)


def read(engine):
    assert read_wanted(engine, at=AT) == 1
    with ledger.reading(engine) as db:
        return newest_snapshot(db, "sandbox", "usd")


def test_a_large_company_is_waited_for_with_progress_and_opens_when_it_is_read(large: Engine) -> None:
    page = visit(large, "pricing", email=hire(large, "pricing"))
    waiting = words(page)
    request = reading(large)

    saved = read(large)
    page.run()

    assert not page.exception
    assert "for the first time" in waiting
    assert not page.metric or "Revenue" not in waiting
    assert request.ended_at is None
    assert (
        f"24 workspaces · source sandbox · replayed from Jan 2026 · data to May 1, 2026 00:00 UTC · snapshot {saved.fingerprint}"
        in words(page)
    )


def test_an_earlier_moment_of_a_large_company_has_its_own_reading(large: Engine) -> None:
    earlier = AT - timedelta(days=30)
    page = visit(large, "pricing", email=hire(large, "pricing"), at=earlier.isoformat())
    assert reading(large, earlier) is not None

    assert read_wanted(large, at=AT) == 1
    page.run()

    assert "data to Apr 1, 2026" in words(page)


def test_where_nothing_can_be_read_the_page_says_why_and_can_retry(large: Engine) -> None:
    with ledger.writing(large) as db:
        want_reading(db, "sandbox", "usd", at=AT)
    with ledger.writing(large) as db:
        db.exec_driver_sql(
            "UPDATE pricing_readings SET ended_at = now(), error = 'There is no history to replay.'"
        )

    page = visit(large, "pricing", email=hire(large, "pricing"))
    said = words(page)
    page.button(key="pr_again").click().run()

    assert "There is no history to replay." in said
    assert reading(large).error is None


def test_a_small_company_is_read_by_the_page_itself_until_the_worker_has_stored_it(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"))

    assert "24 workspaces" in words(page)
    assert reading(company) is None


def test_the_time_of_the_data_is_shown_in_the_report_time_zone(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORT_TIMEZONE", "Asia/Tokyo")

    page = visit(company, "pricing", email=hire(company, "pricing"))

    assert "replayed from Jan 2026 · data to May 1, 2026 09:00 JST · snapshot" in words(page)


def test_todays_data_are_requested_without_waiting_and_shown_when_they_are_there(company: Engine) -> None:
    with ledger.writing(company) as db:
        want_reading(db, "sandbox", "usd", at=AT)
    read(company)
    page = visit(company, "pricing", email=hire(company, "pricing"))
    with ledger.writing(company) as db:
        ledger.track_minutes(db, "w03", 1, key="later", at=AT + timedelta(days=1))
        refresh_rollups(db, at=AT + timedelta(days=2), timezone="UTC")

    page.button(key="pr_renew").click().run()
    meanwhile = words(page)
    assert reading(company).ended_at is None
    read_wanted(company, at=AT + timedelta(days=3))
    page.run()

    assert not page.exception
    assert "data to May 1, 2026" in meanwhile
    assert "data to May 3, 2026" in words(page)


def test_saving_a_scenario_keeps_the_facts_that_the_page_had_read_itself(company: Engine) -> None:
    page = visit(company, "pricing", email=hire(company, "pricing"), at=NOW)
    page.text_input(key="pr_name").set_value("Saved").run()
    page.button(key="pr_save").click().run()

    with ledger.reading(company) as db:
        (scenario,) = list_scenarios(db)
        saved = newest_snapshot(db, "sandbox", "usd")

    assert scenario.snapshot["fingerprint"] == saved.fingerprint


def test_run_again_shows_what_is_due_to_the_code_when_the_old_facts_are_stored(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ledger.writing(company) as db:
        want_reading(db, "sandbox", "usd", at=AT)
    then = read(company)
    with ledger.writing(company) as db, monkeypatch.context() as then_code:
        then_code.setattr("ledger.pricing.scenarios.code_version", lambda: "older")
        scenario = save_scenario(
            db, name="old", question=Question(facts_tariff(company)), at=AT, author="pia", seed=1,
            snapshot={"source": "sandbox", "fingerprint": then.fingerprint},
            results={"bands": {"revenue": [[0, 0, 0]] * 3}},
        )  # fmt: skip
        ledger.track_minutes(db, "w03", 1, key="later", at=AT + timedelta(days=1))
        refresh_rollups(db, at=AT + timedelta(days=2), timezone="UTC")
        want_reading(db, "sandbox", "usd", at=AT + timedelta(days=2))
    read_wanted(company, at=AT + timedelta(days=2))
    monkeypatch.setenv("REPORT_TIMEZONE", "America/New_York")

    page = visit(company, "scenario", email=hire(company, "pricing"), scenario=str(scenario.scenario_id))
    page.button(key=f"sc_again_{scenario.scenario_id}").click().run()

    assert not page.exception
    assert "Today's code on the original data:" in words(page)
    assert "data to May 2, 2026 · code has changed" in words(page)


def facts_tariff(engine):
    """Today's tariff of the company."""
    with ledger.reading(engine) as db:
        return facts.take_snapshot(db, source="sandbox", at=AT).tariff
