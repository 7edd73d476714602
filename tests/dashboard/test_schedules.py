"""The worker sends the reports of screens, whether it runs in the dashboard or as a command of its own."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from dashboard import installation
from ledger.database import reading, writing
from ledger.notify import ReportSubscription, subscribe_to_report
from ledger.schedules import SCHEDULES, WorkerContext
from ledger.settings import load_settings
from ledger.worker import list_schedules, run_schedule, schedules_beside
from tests.commands import run, url_of_engine
from tests.receiver import receiving

SUBSCRIBED = datetime(2026, 3, 4, 12, tzinfo=UTC)
MORNING = datetime(2026, 3, 9, 6, tzinfo=UTC)


@pytest.mark.parametrize(("moment", "reports"), [(MORNING - timedelta(seconds=1), 0), (MORNING, 2)])
def test_a_worker_without_a_dashboard_sends_the_reports_of_the_week_to_all_who_subscribed(
    engine: Engine, moment: datetime, reports: int
) -> None:
    installation.use_installation(None)
    context = WorkerContext(engine, load_settings({}), {})
    mine = [each for each in [*SCHEDULES, *schedules_beside()] if each.name in ("daily sums", "reports")]
    try:
        with receiving() as receiver:
            with writing(engine) as db:
                for number, page in enumerate(("overview", "liability")):
                    wanted = subscription(number, page, receiver.url)
                    subscribe_to_report(db, wanted, at=SUBSCRIBED)
            for schedule in mine:
                assert run_schedule(context, schedule, at=moment)
            with reading(engine) as db:
                errors = {each.error for each in list_schedules(db)}
            assert (errors, len(receiver.received)) == ({None}, reports)
    finally:
        installation.use_installation(None)


def subscription(number: int, page: str, target: str) -> ReportSubscription:
    return ReportSubscription(
        alert_id=UUID(int=number + 1), source="live", page=page, query="", every="week", channel="webhook",
        target=target, secret=None, created_by="ada", created_at=SUBSCRIBED,
    )  # fmt: skip


def test_the_worker_command_runs_the_schedule_of_reports(engine: Engine) -> None:
    assert run("work", "--once", database_url=url_of_engine(engine)).returncode == 0
    with reading(engine) as db:
        done = {each.name: each for each in list_schedules(db)}
    assert done["reports"].succeeded_at is not None
    assert done["reports"].error is None
