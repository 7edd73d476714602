"""A report has the sentence and the numbers of its page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from dashboard.installation import use_installation
from dashboard.kit.figures import Figures
from dashboard.screens.reports import PAGES, compose, filters_of, number, unmarked
from ledger.database import reading
from ledger.notify import ReportSubscription
from tests import mini_ledger
from tests.pages.visits import use

FEBRUARY = (date(2026, 2, 1), date(2026, 3, 1))


@pytest.fixture(scope="module")
def story() -> Iterator[Engine]:
    """The ten workspaces whose numbers are known, rolled up."""
    with mini_ledger.rolled_up() as engine:
        use(engine)
        yield engine
        use_installation(None)


def subscription(page: str, query: str = "") -> ReportSubscription:
    return ReportSubscription(
        alert_id=UUID(int=1), source="live", page=page, query=query, every="month", channel="email",
        target="team@example.com", secret=None, created_by="ada", created_at=mini_ledger.START,
    )  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_a_report_says_the_sentence_and_every_number_of_its_page(story: Engine, page: str) -> None:
    report = compose(subscription(page), FEBRUARY, mini_ledger.AS_OF)
    with reading(story) as db:
        figures = Figures(db, filters_of(db, subscription(page), FEBRUARY, mini_ledger.AS_OF))
        sentence = unmarked(PAGES[page].sentence(figures))
        lines = [number(figures.of(slug), figures.change(slug)) for slug in PAGES[page].slugs]
    written = report.text.splitlines()
    assert sentence in written
    assert all(line in written for line in lines)
    assert "**" not in report.text
    assert (report.data["answer"], report.data["first"]) == (sentence, "2026-02-01")
    [(name, pdf)] = report.attachments.items()
    assert (name, pdf[:4]) == (f"{page}-2026-02-01-2026-02-28.pdf", b"%PDF")


@pytest.mark.usefixtures("story")
def test_a_report_counts_only_what_its_filters_leave() -> None:
    quarter = (date(2026, 2, 1), date(2026, 4, 30))
    everything = compose(subscription("conversion"), quarter, mini_ledger.AS_OF)
    pro = compose(subscription("conversion", "plan=pro&segment=monthly"), quarter, mini_ledger.AS_OF)
    assert "(Live, pro, monthly)" in pro.text.splitlines()[0]
    assert everything.data["answer"] != pro.data["answer"]


def test_only_a_change_beyond_chance_is_reported(story: Engine) -> None:
    week = (date(2026, 3, 9), date(2026, 3, 16))
    with reading(story) as db:
        figures = Figures(db, filters_of(db, subscription("overview"), week, mini_ledger.AS_OF))
        owed, change = figures.of("liability-minutes"), figures.change("liability-minutes")
    assert change is not None
    assert f"{change.shown} against {change.days}" in number(owed, replace(change, sure=True))
    assert "against" not in number(owed, replace(change, sure=False))
    assert "against" not in number(owed, None)


@pytest.mark.usefixtures("story")
def test_a_report_says_where_its_page_is_and_how_to_stop_it() -> None:
    text = compose(subscription("liability"), FEBRUARY, mini_ledger.AS_OF + timedelta(days=1)).text
    assert text.splitlines()[-1] == "To unsubscribe, stop this report under Reports on the Liability page."
