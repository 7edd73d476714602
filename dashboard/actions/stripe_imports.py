"""Imports of the Stripe account's history: read it, map it, and book it in the background."""

from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path

from dashboard import installation
from dashboard.access import Operator
from dashboard.actions.acting import ActionResult, acting, needs
from dashboard.actions.imports import JOBS, plan_of
from ledger.transfer import (
    StripeImportPlan,
    parse_choices,
    plan_stripe_import,
    run_stripe_import,
    with_answers,
)


@needs("import_history")
def read_stripe_account(operator: Operator, since: date, folder: Path | None, *, key: str) -> ActionResult:
    """Read the account of this installation; the details hold the plan. `folder`: files to book with it.

    Raises NotAllowed, ImportRefused and the gateway's errors.
    """
    plan = plan_stripe_import(
        installation.engine(),
        installation.current().gateway(),
        since=datetime.combine(since, time(), UTC),
        files=plan_of(folder) if folder else None,
    )
    with acting(operator, key) as act:
        if not act.seen("read_stripe_account"):
            act.record("read_stripe_account", subject=str(since))
    return ActionResult("Account read. Check the mapping.", details={"plan": plan})


@needs("import_history")
def answer_choices(operator: Operator, plan: StripeImportPlan, text: str, *, key: str) -> ActionResult:
    """Change the mapping of the account; the details hold the new plan. Raises NotAllowed, ImportRefused."""
    answered = with_answers(installation.engine(), plan, parse_choices(text))
    with acting(operator, key) as act:
        if not act.seen("answer_choices"):
            act.record("answer_choices", subject=str(plan.account.since.date()))
    left = f" Open questions: {len(answered.questions)}." if answered.questions else ""
    return ActionResult(f"Choices saved.{left}", details={"plan": answered})


@needs("import_history")
def start_stripe_import(
    operator: Operator, plan: StripeImportPlan, *, dry_run: bool, skip_refused: bool, key: str
) -> ActionResult:
    """Try or book an account in the background; `JOBS` says how far it is. Raises NotAllowed, ImportRefused."""
    with acting(operator, key) as act:
        if act.seen("start_stripe_import"):
            return ActionResult("Already done.", repeated=True)
        book = partial(
            run_stripe_import,
            installation.engine(),
            installation.current().gateway(),
            plan,
            actor=operator.actor,
            now=act.at,
            dry_run=dry_run,
            skip_refused=skip_refused,
        )
        JOBS.start_book(book, Path("Stripe"), dry_run=dry_run)
        act.record("start_stripe_import", subject=str(plan.account.since.date()), after={"dry_run": dry_run})
    return ActionResult("Dry run started." if dry_run else "Import started.")
