"""The demo company: made through the ledger, the same from the same arguments, with all that metrics look for."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, text

import ledger
from ledger import demo
from ledger.demo import company as building
from ledger.demo import seasonality
from ledger.minutes.verify import verify
from ledger.payments.catalogue import list_packages, list_price_tests
from ledger.payments.reconcile import OPEN_DISPUTE, reconcile
from ledger.settings import Settings
from ledger.stripe_gateway import build_gateway
from tests.databases import data_dir, migrated_database

UNTIL = date(2026, 5, 31)
SMALL: dict[str, Any] = {"workspaces": 24, "months": 2, "until": UNTIL, "progress": False}
BUSINESS = {
    "workspaces": "workspace_id, name, owner_email, source, created_by, created_at",
    "subscriptions": "*",
    "workspace_minutes": "workspace_id, plan, minutes_used, minutes_remaining, extra_minutes_remaining, gauge_base,"
    " minutes_reset_date",
    "lots": "*",
    "entries": "workspace_id, entry_no, kind, key, minutes, plan_after, extra_after, unmet_minutes, epoch, at, actor,"
    " reason, reference",
    "draws": "*",
    "usage_alerts": "workspace_id, epoch, kind, entry_no, at, unmet_minutes",
    "extra_minutes_packages": "code, version, arm, minutes, amount_cents, valid_from, valid_to",
    "price_tests": "test, arms, starts_at, ends_at",
    "extra_minutes_purchases": "workspace_id, purchase_id, key, package, package_arm, amount_cents, status,"
    " payment_intent, paid_at, refunded_cents, refunded_at, dispute_status, lot_id, taken_back_minutes,"
    " shortfall_minutes",
    "refunds": "workspace_id, refund_id, amount_cents, status, refunded_at",
    "disputes": "workspace_id, dispute_id, status, opened_at, closed_at",
}


def contents(engine: Engine) -> dict[str, str]:
    """A digest of everything but booking times, for each table."""
    digests = {}
    with ledger.reading(engine) as db:
        for table, columns in BUSINESS.items():
            rows = f"SELECT md5(r::text) AS row FROM (SELECT {columns} FROM {table}) r"
            digests[table] = db.scalar(text(f"SELECT md5(string_agg(row, '' ORDER BY row)) FROM ({rows}) s"))
    return digests


@pytest.fixture(scope="module")
def company() -> Iterator[Engine]:
    """A company that is large enough for everything to happen in it."""
    with migrated_database() as engine:
        demo.build(engine, workspaces=160, months=8, until=UNTIL, seed=4, progress=False)
        yield engine


@pytest.fixture
def books(company: Engine) -> Iterator[Connection]:
    """The books of that company."""
    with ledger.reading(company) as db:
        yield db


@pytest.fixture(scope="module")
def small() -> Iterator[dict[str, str]]:
    """The contents of a small company, made without an interruption."""
    with migrated_database() as engine:
        demo.build(engine, seed=7, **SMALL)
        yield contents(engine)


def counts(db: Connection, sql: str) -> Counter[str]:
    """What a query of name and number found."""
    return Counter({row[0]: row[1] for row in db.execute(text(sql))})


def test_the_same_arguments_make_the_same_data(engine: Engine, small: dict[str, str]) -> None:
    demo.build(engine, seed=7, **SMALL)

    assert contents(engine) == small


def test_another_seed_makes_another_company(engine: Engine, small: dict[str, str]) -> None:
    demo.build(engine, seed=8, **SMALL)

    other = contents(engine)
    assert other["workspaces"] != small["workspaces"]
    assert other["entries"] != small["entries"]


class Impatient:
    """A progress bar that is interrupted after a while."""

    def __init__(self, **_: object) -> None:
        self.days = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self) -> None:
        self.days += 1
        if self.days > 150:
            raise KeyboardInterrupt


def test_an_interrupted_history_is_continued_as_if_nothing_had_happened(
    engine: Engine, small: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(building, "tqdm", Impatient)
        with pytest.raises(KeyboardInterrupt):
            demo.build(engine, seed=7, **SMALL)
    with ledger.reading(engine) as db:
        half = demo.present_demo(db)

    demo.build(engine, seed=7, **SMALL)

    assert half is not None
    assert not half.finished
    assert contents(engine) == small


def test_a_finished_company_is_left_as_it_is(company: Engine) -> None:
    before = contents(company)

    made = demo.build(company, workspaces=160, months=8, until=UNTIL, seed=4, progress=False)

    assert made.finished
    assert contents(company) == before


def test_a_database_holds_one_demo_company_and_says_which(company: Engine) -> None:
    with pytest.raises(demo.AnotherDemo, match="--workspaces 160 --months 8 --until 2026-05-31 --seed 4"):
        demo.build(company, workspaces=160, months=8, until=UNTIL, seed=5, progress=False)


def test_a_demo_company_never_joins_real_customers(engine: Engine, now: datetime) -> None:
    with ledger.writing(engine) as db:
        ledger.create_workspace(
            db, "real", name="Real", owner_email="a@example.com", actor="t", at=now, source="live"
        )

    with pytest.raises(demo.AnotherDemo, match="live"):
        demo.build(engine, seed=1, **SMALL)

    with ledger.reading(engine) as db:
        assert demo.present_demo(db) is None


def test_only_one_process_makes_the_company(engine: Engine) -> None:
    with engine.connect() as other, pytest.raises(demo.AnotherDemo, match="Another process"):
        other.execute(text("SELECT pg_advisory_lock(7205759403794)"))
        demo.build(engine, seed=1, **SMALL)


def test_verify_finds_nothing_in_it(books: Connection) -> None:
    assert verify(books, at=seasonality.midnight(UNTIL)) == []


def test_stripe_and_the_ledger_agree_about_its_money(company: Engine) -> None:
    end = seasonality.midnight(UNTIL)
    gateway = build_gateway(Settings(data_dir=data_dir()), engine=company, source="demo", clock=lambda: end)
    span = {"since": end - timedelta(days=400), "until": end}

    report = reconcile(company, gateway, **span, actor="test", at=end, repair=False)

    gateway.close()
    assert report.checked_purchases > 50
    assert {finding.kind for finding in report.findings} <= {OPEN_DISPUTE, "stuck_pending"}


def test_its_history_ends_on_the_day_that_was_requested(books: Connection) -> None:
    first, last = books.execute(text("SELECT min(at), max(at) FROM entries")).one()
    signed_up = books.execute(text("SELECT min(created_at), max(created_at) FROM workspaces")).one()

    assert datetime(2025, 9, 30, tzinfo=UTC) <= signed_up[0] <= first
    assert max(last, signed_up[1]) <= seasonality.midnight(UNTIL)
    assert last > seasonality.midnight(UNTIL) - timedelta(days=2)


def test_everything_in_it_is_marked_as_demo(books: Connection) -> None:
    sources = counts(books, "SELECT source, count(*) FROM workspaces GROUP BY 1")
    of_purchases = counts(books, "SELECT source, count(*) FROM extra_minutes_purchases GROUP BY 1")

    assert sources == {"demo": 160}
    assert set(of_purchases) == {"demo"}


def test_everything_that_metrics_look_for_happens_in_it(books: Connection) -> None:
    kinds = counts(books, "SELECT kind, count(*) FROM entries GROUP BY 1")
    crossed = counts(books, "SELECT kind, count(*) FROM usage_alerts GROUP BY 1")
    packages = counts(books, "SELECT package, count(*) FROM extra_minutes_purchases GROUP BY 1")
    states = counts(books, "SELECT status, count(*) FROM extra_minutes_purchases GROUP BY 1")
    repeats = (
        "SELECT workspace_id, count(*) FROM extra_minutes_purchases WHERE paid_at IS NOT NULL GROUP BY 1"
    )
    plans = counts(books, "SELECT plan || ' ' || billing_cycle, count(*) FROM subscriptions GROUP BY 1")

    assert {"allocation", "reset", "grant", "purchase", "use", "refund"} <= set(kinds)
    assert set(crossed) == {"used_80", "used_90", "used_100", "plan_exhausted", "limit_hit"}
    assert set(packages) == {"small", "medium", "large", "jumbo"}
    assert {"paid", "refunded", "failed"} <= set(states)
    assert max(counts(books, repeats).values()) > 2
    assert set(plans) == {"starter monthly", "starter annual", "pro monthly", "pro annual"}


def test_customers_leave_change_plans_and_report_some_calls_late(books: Connection) -> None:
    ended = books.scalar(text("SELECT count(*) FROM subscriptions WHERE ended_at IS NOT NULL"))
    late = books.scalar(text("SELECT count(*) FROM entries WHERE at < latest_at AND kind = 'use'"))
    changed = books.scalar(text("SELECT count(*) FROM subscriptions WHERE subscription_no > 1"))
    unmet = books.scalar(text("SELECT sum(unmet_minutes) FROM entries"))

    assert ended > 5
    assert late > 5
    assert changed >= 1
    assert unmet > 1_000


def test_some_buy_within_the_hour_and_some_after_days(books: Connection) -> None:
    delays = (
        "SELECT p.paid_at - max(h.at) FROM extra_minutes_purchases p JOIN limit_hits h USING (workspace_id)"
    )
    waited = books.scalars(text(f"{delays} WHERE h.at <= p.paid_at GROUP BY p.workspace_id, p.paid_at")).all()

    assert min(waited) < timedelta(hours=1)
    assert max(waited) > timedelta(days=2)


def test_most_people_call_on_working_days(books: Connection) -> None:
    days = counts(
        books, "SELECT extract(isodow FROM at)::text, count(*) FROM entries WHERE kind = 'use' GROUP BY 1"
    )

    assert min(days[day] for day in "12345") > 1.5 * max(days["6"], days["7"])


def test_a_few_customers_make_a_large_part_of_the_calls(books: Connection) -> None:
    uses = "SELECT workspace_id, sum(minutes)::bigint FROM entries WHERE kind = 'use' GROUP BY 1"
    minutes = sorted(counts(books, uses).values(), reverse=True)

    assert sum(minutes[: len(minutes) // 10]) > 0.25 * sum(minutes)


def test_sign_ups_grow(books: Connection) -> None:
    months = counts(books, "SELECT to_char(created_at, 'YYYY-MM'), count(*) FROM workspaces GROUP BY 1")

    assert months["2026-04"] + months["2026-05"] > months["2025-10"] + months["2025-11"]


def test_six_weeks_of_it_are_a_price_test_with_two_arms_side_by_side(books: Connection) -> None:
    test = list_price_tests(books)[0]
    offered = {}
    for workspace_id in books.scalars(text("SELECT workspace_id FROM workspaces")):
        offer = list_packages(books, workspace_id, at=test.starts_at)
        offered[test.arm_of(workspace_id)] = [package.amount_cents for package in offer]
    bought = (
        "SELECT package_arm FROM extra_minutes_purchases WHERE created_at >= :starts AND created_at < :ends"
    )
    arms = set(books.scalars(text(bought), {"starts": test.starts_at, "ends": test.ends_at}))

    assert test.ends_at - test.starts_at == timedelta(weeks=6)
    assert offered == {"standard": [999, 1999, 3499, 5999], "up-30": [1299, 2599, 4549, 7799]}
    assert arms == {"standard", "up-30"}


def test_calls_have_time_ordered_uuids_as_keys(books: Connection) -> None:
    keys = [UUID(key) for key in books.scalars(text("SELECT key FROM entries WHERE kind = 'use' LIMIT 500"))]

    assert {key.version for key in keys} == {7}
