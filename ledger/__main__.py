"""`python -m ledger COMMAND`: what operators do without a screen. One of the few places that read the clock."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import threading
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from ledger.arguments import LAST_YEAR
from ledger.database import connect, migrate, reading, writing
from ledger.embedded import EmbeddedError
from ledger.errors import LedgerError
from ledger.keys import SCOPES, create_key
from ledger.settings import Settings, SettingsError, load_settings
from ledger.staff import ROLES, add_staff

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Engine

ACTOR = "command-line"
NOT_DONE = 2
FOUND_SOMETHING = 1
INTERRUPTED = 130
FIRST_DEMO_YEAR = 2000
NOT_BUILT = {
    "backup": "write everything to a file",
    "restore": "read everything from a file",
    "distribute": "spread the tables over the machines of a Citus cluster",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 verify found something, 2 not done, in one line why."""
    asked = _parser().parse_args(argv)
    if asked.command in NOT_BUILT:
        return _say_no(f"{asked.command} is not built yet.")
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _run(asked)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (SettingsError, EmbeddedError, LedgerError, ProgrammingError, OperationalError) as error:
        return _say_no(_reason(error))


def _run(asked: argparse.Namespace) -> int:
    settings = load_settings()
    engine = connect(settings.database_url)
    try:
        return int(asked.run(engine, settings, asked))
    finally:
        engine.dispose()


def _reason(error: Exception) -> str:
    if isinstance(error, LedgerError):
        return f"{error.code}: {error}"
    if isinstance(error, ProgrammingError):
        return f"The database is not at this version: run `python -m ledger migrate`. ({_first_line(error)})"
    if isinstance(error, OperationalError):
        return f"The database does not answer: {_first_line(error)}"
    return str(error)


def _say_no(line: str) -> int:
    print(" ".join(line.split()), file=sys.stderr)
    return NOT_DONE


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0]


def _now() -> datetime:
    return datetime.now(UTC)


def _migrate(engine: Engine, _: Settings, __: argparse.Namespace) -> int:
    applied = migrate(engine)
    for name in applied:
        print(f"migrated: {name}")
    if not applied:
        print("nothing to migrate")
    return 0


def _demo(engine: Engine, settings: Settings, asked: argparse.Namespace) -> int:
    from ledger import demo

    if settings.mode == "live":
        return _say_no("STRIPE_API_KEY is a live key: demo data are never made in a live installation.")
    migrate(engine)
    try:
        made = demo.build(
            engine, workspaces=asked.workspaces, months=asked.months, until=asked.until, seed=asked.seed
        )
    except KeyboardInterrupt:
        print("Interrupted; the same command continues where it stopped.", file=sys.stderr)
        return INTERRUPTED
    print(f"demo company: {made.workspaces} workspaces, {made.first} to {made.until}, seed {made.seed}")
    return 0


def _work(engine: Engine, settings: Settings, asked: argparse.Namespace) -> int:
    from ledger import worker

    gateways = worker.open_gateways(engine, settings)
    if asked.once:
        print(f"events worked on: {worker.work_once(engine, gateways, at=_now())}")
        return 0
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    print("working, until stopped", flush=True)
    worker.work(engine, gateways, stop)
    return 0


def _reset_due(engine: Engine, _: Settings, __: argparse.Namespace) -> int:
    from ledger.workspaces import reset_due

    at, served = _now(), 0
    batch = None
    while batch != 0:
        with writing(engine) as db:
            batch = reset_due(db, at=at)
        served += batch
    print(f"workspaces with monthly minutes booked: {served}")
    return 0


def _reconcile(engine: Engine, settings: Settings, asked: argparse.Namespace) -> int:
    from ledger import worker
    from ledger.reconcile import reconcile

    at = _now()
    for gateway in worker.open_gateways(engine, settings).values():
        since = at - timedelta(days=asked.days)
        report = reconcile(engine, gateway, since=since, until=at, actor=ACTOR, at=at)
        print(
            f"{report.source}: {report.checked_payments} payments and {report.checked_purchases} purchases compared,"
            f" {len(report.findings)} differences, {report.repaired} repaired"
        )
        for finding in report.findings:
            state = "repaired" if finding.repaired else finding.proposal
            about = finding.purchase_id or finding.payment_intent
            print(f"  {finding.kind} {finding.workspace_id} {about}: {finding.detail} ({state})")
    return 0


def _verify(engine: Engine, _: Settings, asked: argparse.Namespace) -> int:
    from ledger.verify import verify

    with reading(engine) as db:
        findings = verify(db, at=_now() if asked.overdue else None)
    if asked.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        for finding in findings:
            print(finding)
        print(f"{len(findings)} findings")
    return FOUND_SOMETHING if findings else 0


def _rollup(engine: Engine, settings: Settings, asked: argparse.Namespace) -> int:
    from ledger.rollups import refresh_rollups

    with writing(engine) as db:
        zone = settings.report_timezone
        served = refresh_rollups(db, at=_now(), timezone=zone, sweep=True, rebuild=asked.rebuild)
    print(f"workspaces rolled up: {served}")
    return 0


def _api_key(engine: Engine, _: Settings, asked: argparse.Namespace) -> int:
    with writing(engine) as db:
        key = create_key(db, name=asked.name, scopes=tuple(asked.scope), actor=ACTOR, at=_now())
    print(key.text)
    return 0


def _staff(engine: Engine, _: Settings, asked: argparse.Namespace) -> int:
    with writing(engine) as db:
        person = add_staff(db, asked.email, role=asked.role, actor=ACTOR, at=_now())
    print(f"{person.email} may sign in as {person.role}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ledger", description="What operators do without a screen."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add(commands, "migrate", _migrate, "bring the database to this version")
    _add_demo(commands)
    work = _add(commands, "work", _work, "take events from the inbox and keep the schedules, until stopped")
    work.add_argument("--once", action="store_true", help="one pass, then end")
    _add(commands, "reset-due", _reset_due, "book the monthly minutes that are due now")
    compare = _add(commands, "reconcile", _reconcile, "compare Stripe and the ledger, repair what is safe")
    compare.add_argument("--days", type=_at_least(1), default=35, help="how far back (default 35)")
    prove = _add(
        commands, "verify", _verify, "replay and prove the whole ledger; exit 1 when anything is off"
    )
    prove.add_argument("--json", action="store_true", help="findings as JSON")
    prove.add_argument(
        "--overdue", action="store_true", help="also report monthly minutes that are due by now"
    )
    sums = _add(commands, "rollup", _rollup, "bring the sums behind the screens up to now")
    sums.add_argument("--rebuild", action="store_true", help="make them anew from the first day")
    _add_people(commands)
    for name, what in NOT_BUILT.items():
        later = commands.add_parser(
            name, help=f"{what} (not built yet)", description=f"{what} (not built yet)"
        )
        if name != "distribute":
            later.add_argument("file")
    return parser


def _add_demo(commands: Any) -> None:
    demo = _add(
        commands, "demo", _demo, "fill the database with a made-up company; the same arguments, the same data"
    )
    demo.add_argument("--workspaces", type=_at_least(1), default=2000, help="how many sign up (default 2000)")
    demo.add_argument(
        "--months", type=_at_least(1, at_most=120), default=12, help="length of the history (default 12)"
    )
    today = _now().date()
    demo.add_argument(
        "--until", type=_day, default=today, metavar="DATE", help="its end: midnight UTC (today)"
    )
    demo.add_argument(
        "--seed", type=_at_least(0), default=1, help="another seed, another company (default 1)"
    )


def _add_people(commands: Any) -> None:
    keys = commands.add_parser("api-key", help="keys of programs", description="keys of programs")
    create = _add(
        keys.add_subparsers(dest="action", required=True, metavar="ACTION"),
        "create",
        _api_key,
        "make a key and print it, once",
    )
    create.add_argument("--name", required=True, help="which program it is for")
    create.add_argument(
        "--scope", action="append", required=True, choices=SCOPES, help="what it may do; repeatable"
    )
    people = commands.add_parser("staff", help="people who may sign in", description="people who may sign in")
    add = _add(
        people.add_subparsers(dest="action", required=True, metavar="ACTION"),
        "add",
        _staff,
        "let a person in, or change the role",
    )
    add.add_argument("email")
    add.add_argument("--role", required=True, choices=ROLES)


def _add(commands: Any, name: str, run: Callable[..., int], what: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=what, description=what)
    parser.set_defaults(run=run)
    return parser


def _at_least(least: int, *, at_most: int = 10**9) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not least <= value <= at_most:
            bound = f"{least} or more" if value < least else f"{at_most} or less"
            raise argparse.ArgumentTypeError(f"it must be {bound}")
        return value

    return number


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a date is needed, as in 2026-03-01, not {text!r}") from None
    if not FIRST_DEMO_YEAR <= day.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(f"it must lie in the years {FIRST_DEMO_YEAR} to {LAST_YEAR}")
    return day


if __name__ == "__main__":
    sys.exit(main())
