"""Three years at Stripe become a verified ledger whose numbers are those of the company's own books."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

import ledger
from ledger.errors import ImportRefused
from ledger.metrics import METRICS
from ledger.metrics.rollups import refresh_rollups
from ledger.payments.moving_in import preview_subscriptions
from ledger.payments.reconcile import reconcile
from ledger.transfer import staging
from ledger.transfer.imports import ImportOutcome, plan_import, undo_import
from ledger.transfer.stripe_choices import CHOICES_FILE, load_choices
from ledger.transfer.stripe_imports import balance_totals, plan_stripe_import, run_stripe_import, with_answers
from tests.bookings import balances, contents, dies_after, everything, in_small_portions, kill_after
from tests.commands import environment
from tests.databases import CHECKOUT, migrated_database
from tests.history.comparing import CURRENCIES, GROUPS, differences
from tests.stripe_company import ANSWERS, BEGIN, StripeCompany, write_uses

YEAR, NEXT_YEAR = (datetime(year, 1, 1, tzinfo=UTC) for year in (2024, 2025))
ELSEWHERE = {"webhook-lag", "retention-effect"}
"""Nothing was delivered, and so few leavers support no comparison."""


@pytest.fixture(scope="module")
def company() -> Iterator[StripeCompany]:
    """One company for all tests here; its account is only read."""
    with migrated_database() as engine:
        company = StripeCompany(engine)
        yield company
        company.gateway.close()


def booked(
    engine: Engine, company: StripeCompany, folder: Path | None = None, **options: Any
) -> ImportOutcome:
    files = plan_import(folder, folder / "mapping.toml") if folder else None
    plan = plan_stripe_import(engine, company.gateway, since=BEGIN, given=ANSWERS, files=files)
    about = {"actor": "test", "now": company.world.now} | options
    return run_stripe_import(engine, company.gateway, plan, **about)


def paid_cents(company: StripeCompany, currency: str) -> int:
    return sum(each.cents for each in company.history.purchases if each.currency == currency)


def refunded_cents(company: StripeCompany, currency: str) -> int:
    mine = [each for each in company.history.purchases if each.currency == currency]
    return sum(cents for each in mine for _at, cents in each.refunds)


def test_a_history_of_three_years_with_its_uses_becomes_a_ledger_with_the_numbers_of_the_books(
    engine: Engine, company: StripeCompany, tmp_path: Path
) -> None:
    said = company.lived(write_uses(tmp_path, company))
    outcome = booked(engine, company, tmp_path)
    assert (outcome.staged.refusals, outcome.findings) == ((), ())
    assert balances(engine) == said.balances
    with ledger.reading(engine) as db:
        hits = {tuple(row) for row in db.execute(text("SELECT workspace_id, at FROM limit_hits"))}
        plans = {
            row[0]: row[1] for row in db.execute(text("SELECT workspace_id, plan FROM workspace_minutes"))
        }
    assert hits == {each[:2] for each in said.hits}
    assert len(hits) > 10
    now = company.world.now
    for start, end in ((BEGIN, now), (YEAR, NEXT_YEAR)):
        for group in ("all", "starter"):
            compared, differing = differences(
                engine, said, start, end, now, source="sandbox", group=GROUPS[group]
            )
            assert compared | ELSEWHERE == METRICS.keys()
            assert differing == {}, group
    left, upgraded = company.workspace_of(company.customers[5]), company.workspace_of(company.customers[1])
    assert (plans[left], plans[upgraded]) == (None, "pro")


def test_after_the_import_neither_a_sync_nor_a_comparison_of_the_books_finds_anything_to_do(
    engine: Engine, company: StripeCompany
) -> None:
    booked(engine, company)
    at = company.world.now
    with ledger.reading(engine) as db:
        previews = list(preview_subscriptions(db, company.gateway, at=at))
    assert {(each.new_invoices, each.new_minutes, each.open) for each in previews} == {(0, 0, False)}
    before = contents(engine)
    report = reconcile(engine, company.gateway, since=BEGIN, until=at, actor="test", at=at)
    assert (report.findings, report.checked_purchases > 30, contents(engine) == before) == ((), True, True)


def test_every_cent_of_the_balance_report_is_a_package_a_plan_or_left_out(
    engine: Engine, company: StripeCompany
) -> None:
    plan = plan_stripe_import(engine, company.gateway, since=BEGIN, given=ANSWERS)
    totals = {(each.what, each.currency): each for each in balance_totals(plan)}
    assert {each.difference_cents for each in totals.values()} == {0}
    for currency in CURRENCIES:
        assert totals["payments", currency].packages_cents == paid_cents(company, currency)
        assert totals["refunds", currency].packages_cents == -refunded_cents(company, currency)
        assert totals["payments", currency].left_out_cents > 0, "consulting is no package"
    assert totals["refunds", "usd"].plans_cents == -2900


def test_a_dry_run_has_the_numbers_of_the_import_and_leaves_nothing(
    engine: Engine, company: StripeCompany
) -> None:
    tried = booked(engine, company, dry_run=True)
    assert contents(engine) == []
    with ledger.reading(engine) as db:
        assert (
            db.execute(text("SELECT count(*) FROM plan_prices WHERE created_by = 'test'")).scalar_one() == 0
        )
    done = booked(engine, company)
    assert [each.value for each in tried.metrics] == [each.value for each in done.metrics]
    assert tried.staged == done.staged
    money = {(each.kind, each.currency): each.amount_cents for each in done.staged.money}
    for currency in CURRENCIES:
        assert money["purchase", currency] == paid_cents(company, currency), "declined payments are no money"
        assert money["refund", currency] == refunded_cents(company, currency)


def test_the_same_account_twice_changes_nothing(engine: Engine, company: StripeCompany) -> None:
    booked(engine, company)
    before = contents(engine)
    again = booked(engine, company)
    assert (again.staged.to_book, again.import_id) == (0, None)
    assert contents(engine) == before


@pytest.mark.parametrize("after", [1, 40])
def test_an_import_of_an_account_that_dies_goes_on_and_loses_and_doubles_nothing(
    engine: Engine, company: StripeCompany, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "ROWS_A_CHUNK", 40)
    with pytest.raises(KeyboardInterrupt):
        booked(engine, company, progress=dies_after(after))
    begun = contents(engine)
    outcome = booked(engine, company)
    assert (outcome.staged.refusals, outcome.findings) == ((), ())
    assert len(contents(engine)) > len(begun)
    assert balances(engine) == company.lived().balances


@pytest.mark.slow
def test_an_import_of_an_account_that_is_killed_again_and_again_goes_on_with_the_same_command(
    engine: Engine, tmp_path: Path
) -> None:
    """The account lies in the database of the ledger, so that the command reads it."""
    own = StripeCompany(engine)
    said = own.lived()
    choices = plan_stripe_import(engine, own.gateway, since=BEGIN, given=ANSWERS).choices
    (tmp_path / CHOICES_FILE).write_text(choices.text)
    own.gateway.close()
    url = engine.url.render_as_string(hide_password=False)
    variables = environment(url, DATA_DIR=str(tmp_path / "data"))
    words = ("import-stripe", "--since", f"{BEGIN:%Y-%m-%d}", str(tmp_path))
    command = in_small_portions(40, *words)
    for workspaces in (1, 3, 5):
        kill_after(command, variables, lambda: len(balances(engine)) >= workspaces)  # noqa: B023
        assert workspaces <= len(balances(engine)) < len(own.customers)
    finished = subprocess.run(
        command, env=variables, cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert (finished.returncode, "verified" in finished.stdout) == (0, True), finished.stderr
    assert balances(engine) == said.balances
    with ledger.reading(engine) as db:
        payments = "SELECT currency, sum(amount_cents) FROM extra_minutes_purchases WHERE paid_at IS NOT NULL GROUP BY 1"
        paid = {row[0]: row[1] for row in db.execute(text(payments))}
    assert paid == {currency: paid_cents(own, currency) for currency in CURRENCIES}


def test_a_plan_lists_a_question_for_each_price_and_payment_that_nothing_identifies(
    engine: Engine, company: StripeCompany, tmp_path: Path
) -> None:
    plan = plan_stripe_import(engine, company.gateway, since=BEGIN)
    assert len(plan.questions) == 4
    assert all(any(words in question for question in plan.questions) for words in ANSWERS["payments"])
    assert set(plan.choices.prices.values()) == {"starter monthly", "pro monthly"}
    assert set(plan.choices.payments.values()) == {"small", "medium", "?"}
    with pytest.raises(ImportRefused, match="Open questions: 4"):
        run_stripe_import(engine, company.gateway, plan, actor="test", now=company.world.now)
    (tmp_path / "stripe.toml").write_text(plan.choices.text)
    assert with_answers(engine, plan, load_choices(tmp_path / "stripe.toml")).choices == plan.choices
    with pytest.raises(ImportRefused, match="neither a plan and cycle"):
        with_answers(engine, plan, {"prices": dict.fromkeys(plan.choices.prices, "gold monthly")})
    with pytest.raises(ImportRefused, match="not a package"):
        with_answers(engine, plan, {"payments": dict.fromkeys(plan.choices.payments, "gold")})


def test_an_import_of_an_account_is_undone_as_a_whole(engine: Engine, company: StripeCompany) -> None:
    outcome = booked(engine, company)
    entries = contents(engine)
    assert outcome.import_id is not None
    with ledger.writing(engine) as db:
        undone = undo_import(db, outcome.import_id, actor="test", at=company.world.now)
    assert undone == (len(company.customers), 0)
    with ledger.reading(engine) as db:
        assert (contents(engine), ledger.verify(db)) == ([], [])
    booked(engine, company)
    assert contents(engine) == entries


def test_what_an_import_of_an_account_added_to_older_workspaces_is_taken_back(
    engine: Engine, company: StripeCompany
) -> None:
    at, now = datetime(2020, 1, 1, tzinfo=UTC), company.world.now
    people = list(map(company.workspace_of, company.customers))
    with ledger.writing(engine) as db:
        for number, workspace_id in enumerate(people):
            about = {
                "name": f"Team {number}",
                "owner_email": f"team{number}@example.com",
                "source": "sandbox",
            }
            ledger.create_workspace(db, workspace_id, **about, actor="t", at=at)
            ledger.grant_minutes(db, workspace_id, 5, reason="old", key="k", actor="t", at=at)
        refresh_rollups(db, at=now, sweep=True)
    before = everything(engine)
    outcome = booked(engine, company)
    assert (outcome.staged.refusals, outcome.findings) == ((), ())
    assert outcome.import_id
    with ledger.writing(engine) as db:
        assert undo_import(db, outcome.import_id, actor="test", at=now) == (0, len(people))
    restored = everything(engine)
    assert {name: restored[name] for name in before if restored[name] != before[name]} == {}
