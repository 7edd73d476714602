"""`python -m ledger COMMAND`: what operators do without a screen. One of the few places that read the clock."""

from __future__ import annotations

import signal
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from ledger.cluster.commands import print_size, run_on_cluster
from ledger.command_line import read, stop_on_hangup
from ledger.database import connect, disk_is_full, owner_url, reading, writing
from ledger.desk.audit import record
from ledger.desk.commands import manage_keys
from ledger.desk.staff import add_staff
from ledger.errors import LedgerError
from ledger.logs import configure
from ledger.migrations import migrate
from ledger.postgres.embedded import EmbeddedError
from ledger.roles import new_logins
from ledger.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from sqlalchemy import Engine

ACTOR = "command-line"
NOT_DONE = 2
HAS_FINDINGS = 1
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 verify found something, 2 not done, in one line why."""
    arguments = read(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    stop_on_hangup()
    try:
        return print_size(arguments) if arguments.command == "size" else _run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (SettingsError, EmbeddedError, LedgerError, ProgrammingError, OperationalError) as error:
        return _fail(_reason(error))


def _run(arguments: Namespace) -> int:
    settings = load_settings()
    configure(settings.log_format)
    engine = connect(settings.database_url)
    try:
        return COMMANDS[arguments.command](engine, settings, arguments)
    finally:
        engine.dispose()


def _reason(error: Exception) -> str:
    if isinstance(error, LedgerError):
        return f"{error.code}: {error}"
    if disk_is_full(error):
        return "The disk of the database is full: free some space and give the same command again."
    if isinstance(error, ProgrammingError):
        return f"The database is not at this version: run `python -m ledger migrate`. ({_first_line(error)})"
    if isinstance(error, OperationalError):
        return f"The database does not answer: {_first_line(error)}"
    return str(error)


def _fail(line: str) -> int:
    print(" ".join(line.split()), file=sys.stderr)
    return NOT_DONE


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0]


def _now() -> datetime:
    return datetime.now(UTC)


def _migrate(engine: Engine, _: Settings, __: Namespace) -> int:
    applied = migrate(engine)
    print("\n".join(f"migrated: {name}" for name in applied) or "nothing to migrate")
    return 0


def _logins(engine: Engine, settings: Settings, _: Namespace) -> int:
    """Make the application's and the reader's login, and print the three settings."""
    if settings.database_url is None:
        return _fail("The embedded database has its three logins already, with passwords in DATA_DIR.")
    migrate(engine)
    print("\n".join(new_logins(owner_url(engine))))
    return 0


def _demo(engine: Engine, settings: Settings, arguments: Namespace) -> int:
    from ledger import demo

    if settings.mode == "live":
        return _fail("STRIPE_API_KEY is a live key: demo data are never made in a live installation.")
    migrate(engine)
    try:
        made = demo.build(
            engine,
            workspaces=arguments.workspaces,
            months=arguments.months,
            until=arguments.until or _now().date(),
            seed=arguments.seed,
        )
    except KeyboardInterrupt:
        print("Interrupted; the same command continues where it stopped.", file=sys.stderr)
        return INTERRUPTED
    print(f"demo company: {made.workspaces} workspaces, {made.first} to {made.until}, seed {made.seed}")
    return 0


def _work(engine: Engine, settings: Settings, arguments: Namespace) -> int:
    from ledger import worker
    from ledger.schedules import WorkerContext

    gateways = worker.open_gateways(engine, settings)
    if arguments.once:
        context = WorkerContext(engine, settings, gateways)
        print(f"events worked on: {worker.work_once(context, at=_now())}")
        return 0
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    print("working, until stopped", flush=True)
    worker.work_supervised(engine, settings, gateways, stop)
    return 0


def _reset_due(engine: Engine, _: Settings, __: Namespace) -> int:
    from ledger.minutes.workspaces import reset_due

    at, served = _now(), 0
    batch = None
    while batch != 0:
        with writing(engine) as db:
            batch = reset_due(db, at=at)
        served += batch
    print(f"workspaces with monthly minutes booked: {served}")
    return 0


def _reconcile(engine: Engine, settings: Settings, arguments: Namespace) -> int:
    from ledger.stripe_commands import compare_books

    return compare_books(engine, settings, arguments, _now())


def _stripe(engine: Engine, settings: Settings, arguments: Namespace) -> int:
    from ledger.stripe_commands import stripe

    return stripe(engine, settings, arguments, _now())


def _verify(engine: Engine, settings: Settings, arguments: Namespace) -> int:
    from ledger.minutes.commands import run_proof

    return run_proof(engine, settings, arguments, _now())


def _broken(engine: Engine) -> str | None:
    from ledger.minutes.verify import first_broken_seal

    with reading(engine) as db:
        first = first_broken_seal(db)
    return first and f"{first.where} of {first.workspace_id} {first.actual} since it was sealed"


def _rollup(engine: Engine, settings: Settings, arguments: Namespace) -> int:
    from ledger.metrics.rollups import refresh_rollups

    if arguments.rebuild and (broken := _broken(engine)):
        return _fail(
            f"{broken}: a rebuild would erase the trace. See `verify`, and restore what was changed first."
        )
    with writing(engine) as db:
        zone = settings.report_timezone
        served = refresh_rollups(db, at=_now(), timezone=zone, sweep=True, rebuild=arguments.rebuild)
    print(f"workspaces rolled up: {served}")
    return 0


def _api_key(engine: Engine, _: Settings, arguments: Namespace) -> int:
    return manage_keys(engine, arguments, _now())


def _staff(engine: Engine, _: Settings, arguments: Namespace) -> int:
    at = _now()
    with writing(engine) as db:
        person = add_staff(db, arguments.email, role=arguments.role, actor=ACTOR, at=at)
        record(
            db,
            actor=ACTOR,
            role="admin",
            action="add_staff",
            at=at,
            request_id=f"staff add {person.email} {at.isoformat()}",
            subject=person.email,
            after={"role": person.role},
        )
    print(f"{person.email} may sign in as {person.role}")
    return 0


def _import(engine: Engine, settings: Settings, arguments: Namespace) -> int:
    from ledger.transfer.commands import import_folder

    return import_folder(engine, settings, arguments, _now())


def _import_stripe(engine: Engine, settings: Settings, arguments: Namespace) -> int:
    from ledger.transfer.commands import import_stripe
    from ledger.worker import open_gateways

    return import_stripe(engine, settings, open_gateways(engine, settings)[settings.mode], arguments, _now())


def _backup(engine: Engine, _: Settings, arguments: Namespace) -> int:
    from ledger.postgres.backups import backup
    from ledger.postgres.drills import back_up_and_drill

    if not arguments.drill:
        print(f"{arguments.file}: {backup(engine, arguments.file):,} bytes")
        return 0
    result = back_up_and_drill(engine, arguments.file, at=_now())
    print(f"{arguments.file}: {arguments.file.stat().st_size:,} bytes")
    for finding in result.findings:
        print(finding)
    print(result.failure or f"restored beside and proven; last root {result.root_no or 'none'}")
    return HAS_FINDINGS if result.failure else 0


def _restore(engine: Engine, settings: Settings, arguments: Namespace) -> int:
    from ledger.minutes.commands import print_proof
    from ledger.postgres.backups import restore

    for name in restore(engine, arguments.file):
        print(f"migrated: {name}")
    print("restored; proving it ...", flush=True)
    return print_proof(engine, settings)


def _export(engine: Engine, settings: Settings, arguments: Namespace) -> int:
    from ledger.transfer.commands import export

    return export(engine, settings, arguments, _now())


COMMANDS = {
    "backup": _backup,
    "restore": _restore,
    "migrate": _migrate,
    **dict.fromkeys(("distribute", "doctor"), run_on_cluster),
    "logins": _logins,
    "demo": _demo,
    "work": _work,
    "reset-due": _reset_due,
    "reconcile": _reconcile,
    "stripe": _stripe,
    "verify": _verify,
    "rollup": _rollup,
    "api-key": _api_key,
    "staff": _staff,
    "import": _import,
    "import-stripe": _import_stripe,
    "export": _export,
}


if __name__ == "__main__":
    sys.exit(main())
