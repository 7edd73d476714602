"""`import`, `import-stripe` and `export` on the command line: what they print, and their exit status."""

from __future__ import annotations

import sys
from argparse import Namespace
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Engine
from tqdm import tqdm

from ledger.database import writing
from ledger.migrations import migrate
from ledger.money import amount_text
from ledger.settings import Settings
from ledger.stripe_gateway import Gateway
from ledger.transfer.exports import export_folder
from ledger.transfer.imports import (
    ImportOutcome,
    ImportPlan,
    plan_import,
    run_import,
    undo_import,
    write_refusals,
)
from ledger.transfer.mapping import MAPPING_FILE
from ledger.transfer.stripe_choices import CHOICES_FILE, load_choices
from ledger.transfer.stripe_imports import (
    StripeImportPlan,
    balance_totals,
    plan_stripe_import,
    run_stripe_import,
)
from ledger.transfer.tables import has_files

DONE, REFUSED, NOT_DONE = 0, 1, 2
ACTOR = "command-line"
REFUSED_FILE = "refused.csv"
SHOWN_REFUSALS = 20


def import_folder(engine: Engine, _: Settings, arguments: Namespace, now: datetime) -> int:
    """Import a folder, dry-run it, or undo an import. Return the exit status."""
    migrate(engine)
    if arguments.undo:
        with writing(engine) as db:
            undone = undo_import(db, UUID(arguments.undo), actor=ACTOR, at=now)
        print(undone.sentence)
        return DONE
    folder = Path(arguments.folder)
    saved = folder / MAPPING_FILE
    plan = plan_import(
        folder, Path(arguments.mapping) if arguments.mapping else saved if saved.exists() else None
    )
    _show_plan(plan)
    if not arguments.mapping and not saved.exists():
        saved.write_text(plan.mapping, "utf-8")
        print(f"\nSaved the mapping of the files to {saved}.")
    if plan.questions:
        return _ask(plan.questions)
    with Bars() as bars:
        outcome = run_import(
            engine,
            plan,
            source=arguments.source,
            actor=ACTOR,
            now=now,
            dry_run=arguments.dry_run,
            skip_refused=arguments.skip_refused,
            progress=bars.advance,
        )
    return report(outcome, folder / REFUSED_FILE)


def import_stripe(
    engine: Engine, settings: Settings, gateway: Gateway, arguments: Namespace, now: datetime
) -> int:
    """Import the history of a Stripe account, or dry-run it. Return the exit status."""
    migrate(engine)
    folder = Path(arguments.folder) if arguments.folder else settings.data_dir / "stripe-import"
    folder.mkdir(parents=True, exist_ok=True)
    saved = Path(arguments.mapping) if arguments.mapping else folder / CHOICES_FILE
    given = load_choices(saved) if arguments.mapping or saved.exists() else {}
    mapping = folder / MAPPING_FILE
    files = (
        plan_import(folder, mapping if mapping.exists() else None)
        if arguments.folder and has_files(folder)
        else None
    )
    with Bars() as bars:
        plan = plan_stripe_import(
            engine, gateway, since=arguments.since, given=given, files=files, on_read=bars.advance
        )
    _show_account(plan)
    if not saved.exists():
        saved.write_text(plan.choices.text, "utf-8")
        print(f"\nSaved the mapping of customers, prices and payments to {saved}.")
    if plan.questions:
        return _ask(plan.questions)
    about: dict[str, Any] = {"actor": ACTOR, "now": now}
    about |= {"dry_run": arguments.dry_run, "skip_refused": arguments.skip_refused}
    with Bars() as bars:
        outcome = run_stripe_import(engine, gateway, plan, **about, progress=bars.advance)
    return report(outcome, folder / REFUSED_FILE)


def _show_account(plan: StripeImportPlan) -> None:
    account = plan.account
    print(
        f"\n{len(account.customers)} customers, {len(account.subscriptions)} subscriptions, "
        f"{len(account.plan_invoices)} paid plan invoices, {len(account.payments)} payments"
    )
    headings = ("Stripe", "packages", "plans", "left out", "difference")
    print(f"\n{'Stripe balance report':24} {' '.join(f'{each:>16}' for each in headings)}")
    for each in balance_totals(plan):
        cents = (
            each.stripe_cents,
            each.packages_cents,
            each.plans_cents,
            each.left_out_cents,
            each.difference_cents,
        )
        amounts = " ".join(f"{amount_text(amount, each.currency):>16}" for amount in cents)
        print(f"{f'{each.what} in {each.currency}':24} {amounts}")


def _ask(questions: list[str]) -> int:
    print(
        "\nNothing was booked. Answer these questions in the mapping, then run the command again:",
        file=sys.stderr,
    )
    for question in questions:
        print(f"  {question}", file=sys.stderr)
    return NOT_DONE


def export(engine: Engine, _: Settings, arguments: Namespace, __: datetime) -> int:
    """Export a source to a folder. Return the exit status."""
    with Bars() as bars:
        written = export_folder(
            engine,
            Path(arguments.folder),
            source=arguments.source,
            on_rows=lambda kind, rows: bars.advance(kind, rows, 0),
        )
    for kind, rows in written.items():
        print(f"{kind:18} {rows:>12}")
    return DONE


class Bars:
    """One progress bar for each step of an import, on stderr."""

    def __init__(self) -> None:
        """Start without a bar."""
        self._step = ""
        self._bar: tqdm[object] | None = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: object = None, *_: object) -> None:
        """Close the bar that is open; after an interrupt, say how to continue."""
        if self._bar is not None:
            self._bar.close()
        if kind is KeyboardInterrupt:
            print("Interrupted: nothing is lost or doubled; the same command continues.", file=sys.stderr)

    def advance(self, step: str, rows: int, total: int) -> None:
        """Advance the bar of a step; open it first if it is new."""
        if step != self._step or self._bar is None:
            self.__exit__()
            often = 0.2 if sys.stderr.isatty() else 10.0
            self._step, self._bar = (
                step,
                tqdm(total=total or None, desc=step, unit=" rows", mininterval=often),
            )
        self._bar.update(rows)


def _show_plan(plan: ImportPlan) -> None:
    for proposal in plan.proposals:
        mapping = proposal.mapping
        print(f"\n{mapping.file}: {mapping.kind}")
        for ours, theirs in mapping.columns.items():
            print(f"  {ours} = {theirs}")
        for cells in proposal.first_rows[:3]:
            print(f"    {' | '.join(str(cell) for cell in cells)[:160]}")


def report(outcome: ImportOutcome, refused_file: Path) -> int:
    """Print the result of an import or dry run, write its refused rows, and return the exit status."""
    staged = outcome.staged
    print(
        f"\n{'file':28} {'rows of':16} {'rows':>9} {'to book':>9} {'before':>9}"
        f" {'twice':>7} {'skipped':>8} {'refused':>8}"
    )
    for count in staged.counts:
        print(
            f"{count.file[:28]:28} {count.kind:16} {count.rows:>9} {count.to_book:>9} {count.booked_before:>9}"
            f" {count.repeated:>7} {count.skipped:>8} {count.refused:>8}"
        )
    for total in staged.money:
        print(f"control sum: {total.rows} {total.kind}s, {amount_text(total.amount_cents, total.currency)}")
    if staged.late_rows:
        print(f"{staged.late_rows} rows are older than the ledger: they are booked now, like late uses.")
    if staged.older_workspaces:
        print(
            f"{staged.older_workspaces} workspaces exist already: "
            "rows on them can be undone until something newer is booked there."
        )
    refused_file.unlink(missing_ok=True)
    if staged.refusals:
        write_refusals(staged.refusals, refused_file)
        print(f"\n{len(staged.refusals)} rows refused; see {refused_file}:", file=sys.stderr)
        for refusal in staged.refusals[:SHOWN_REFUSALS]:
            print(f"  {refusal.file} line {refusal.line}: {refusal.reason}", file=sys.stderr)
    _show_metrics(outcome)
    print(_conclusion(outcome))
    if outcome.findings:
        for finding in outcome.findings[:SHOWN_REFUSALS]:
            print(f"  {finding}", file=sys.stderr)
    return REFUSED if staged.refusals or outcome.findings else DONE


def _show_metrics(outcome: ImportOutcome) -> None:
    if outcome.metrics:
        print("\nHeadline metrics over the period of the files:")
    for measured in outcome.metrics:
        value = (
            measured.reason
            if measured.value is None
            else f"{measured.value} {measured.unit} {measured.currency or ''}"
        )
        print(f"  {measured.slug:24} {value}")


def _conclusion(outcome: ImportOutcome) -> str:
    if outcome.is_dry_run:
        return "\nDry run: nothing was booked."
    if outcome.import_id is None:
        refused = outcome.staged.refusals
        return "\nNothing was booked." if refused else "\nNothing new: every row is already booked."
    proven = f"{len(outcome.findings)} findings" if outcome.findings else "verified"
    return (
        f"\nImport {outcome.import_id}: {outcome.staged.to_book} rows booked, {proven}. Undo it with --undo."
    )
