"""Command line of `python -m ledger`: its commands and arguments, and the checks before anything runs."""

from __future__ import annotations

import argparse
import signal
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.desk.commands import add_key_arguments
from ledger.desk.staff import ROLES
from ledger.minutes.workspaces import BILLING_CYCLES, SOURCES
from ledger.validation import LAST_YEAR, read_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FIRST_DEMO_YEAR = 2000


def read(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the command and its arguments (`None`: those of this process); exit with status 2 on wrong ones."""
    return _parser().parse_args(argv)


def stop_on_hangup() -> None:
    """Take a closed terminal for SIGTERM, or the database that we started would run on; under nohup, ignore it."""
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ledger", description="Commands for operators.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add(commands, "migrate", "bring the database to this version")
    _add(
        commands, "logins", "make the logins of application and reader, and print the settings that use them"
    )
    _add_demo(commands)
    work = _add(commands, "work", "process the inbox and run schedules until stopped")
    work.add_argument("--once", action="store_true", help="one pass, then end")
    _add(commands, "reset-due", "book the monthly minutes that are due now")
    compare = _add(commands, "reconcile", "compare Stripe with the ledger and repair what is safe")
    compare.add_argument("--days", type=_at_least(1), default=35, help="how far back (default 35)")
    _add_proof(commands)
    sums = _add(commands, "rollup", "refresh the sums behind the screens")
    sums.add_argument("--rebuild", action="store_true", help="rebuild them from the first day")
    _add_people(commands)
    _add_stripe(commands)
    _add_transfer(commands)
    _add_backups(commands)
    _add_cluster(commands)
    return parser


def _add_proof(commands: Any) -> None:
    prove = _add(commands, "verify", "replay and verify the whole ledger; exit 1 on findings")
    prove.add_argument("--json", action="store_true", help="findings as JSON")
    prove.add_argument(
        "--overdue", action="store_true", help="also report monthly minutes that are due by now"
    )
    prove.add_argument("--jobs", type=_at_least(1, at_most=256), help="processes (default: one a core)")
    prove.add_argument(
        "--resume",
        type=Path,
        metavar="FILE",
        help="note in FILE what is proved; after a stop, the same command goes on from there",
    )
    prove.add_argument(
        "--since-root",
        type=_at_least(1),
        default=0,
        metavar="NUMBER",
        help="only workspaces that changed since this signed root",
    )


def _add_backups(commands: Any) -> None:
    save = _add(commands, "backup", "write a backup to a file while the ledger keeps running")
    save.add_argument("file", type=Path, help="the file; it appears when it is complete")
    save.add_argument(
        "--drill", action="store_true", help="restore it beside the database, verify it, and drop it again"
    )
    load = _add(commands, "restore", "restore a file into an empty database and verify it")
    load.add_argument("file", type=Path, help="a file that `backup` wrote")


def _add_cluster(commands: Any) -> None:
    spread = _add(commands, "distribute", "spread the tables over the workers of a Citus cluster")
    spread.add_argument(
        "--shards", type=_at_least(1, at_most=1024), default=32, help="of each table (default 32)"
    )
    spread.add_argument("--dry-run", action="store_true", help="print the statements, and change nothing")
    _add(commands, "doctor", "compare the tables with the cluster and say what to do; exit 1 on faults")
    room = _add(commands, "size", "say how much disk, cores and machines a company of a size needs")
    room.add_argument(
        "--workspaces", type=_at_least(1, at_most=10**10), required=True, help="how many there are"
    )
    room.add_argument(
        "--uses", type=_at_least(1, at_most=10**13), required=True, help="of all of them in a year"
    )


def _add_demo(commands: Any) -> None:
    demo = _add(
        commands, "demo", "fill the database with a demo company; the same arguments give the same data"
    )
    demo.add_argument(
        "--workspaces", type=_at_least(1), default=2000, help="number of sign-ups (default 2000)"
    )
    demo.add_argument(
        "--months", type=_at_least(1, at_most=120), default=12, help="length of the history (default 12)"
    )
    demo.add_argument("--until", type=_day, metavar="DATE", help="its end: midnight UTC (default today)")
    demo.add_argument("--seed", type=_at_least(0), default=1, help="seed of the random numbers (default 1)")


def _add_transfer(commands: Any) -> None:
    bring = _add(commands, "import", "import a history from CSV, Parquet or JSON-lines files")
    what = bring.add_mutually_exclusive_group(required=True)
    what.add_argument("folder", nargs="?", help="where the files are")
    what.add_argument("--undo", metavar="IMPORT", help="undo an earlier import as a whole")
    bring.add_argument("--dry-run", action="store_true", help="show what would be booked, and book nothing")
    bring.add_argument("--mapping", metavar="FILE", help="mapping of the files (default FOLDER/mapping.toml)")
    bring.add_argument(
        "--source", choices=SOURCES, default="live", help="of the new workspaces (default live)"
    )
    bring.add_argument(
        "--skip-refused", action="store_true", help="book the other rows when some are refused"
    )
    account = _add(
        commands, "import-stripe", "import the past of the Stripe account; a read-only key is enough"
    )
    account.add_argument("folder", nargs="?", help="files to import with it, such as uses (default: none)")
    account.add_argument(
        "--since", type=_beginning, required=True, metavar="DATE", help="read from this day on, UTC"
    )
    account.add_argument(
        "--dry-run", action="store_true", help="compare with Stripe's balance report, and book nothing"
    )
    account.add_argument(
        "--mapping",
        metavar="FILE",
        help="mapping of customers, prices and payments (default FOLDER/stripe.toml)",
    )
    account.add_argument(
        "--skip-refused", action="store_true", help="book the other rows when some are refused"
    )
    save = _add(commands, "export", "export one source as files that import reads")
    save.add_argument("folder", help="an empty folder, or a new one")
    save.add_argument(
        "--source", choices=SOURCES, help="which workspaces (default: the only source there is)"
    )


def _add_people(commands: Any) -> None:
    keys = _add(commands, "api-key", "keys of programs")
    add_key_arguments(keys, _at_least)
    people = _add(commands, "staff", "people who may sign in")
    add = _add(
        people.add_subparsers(dest="action", required=True, metavar="ACTION"),
        "add",
        "add a staff member, or change their role",
    )
    add.add_argument("email")
    add.add_argument("--role", required=True, choices=ROLES)


def _add_stripe(commands: Any) -> None:
    group = _add(
        commands, "stripe", "map prices and link customers of a Stripe account, and move a company in"
    )
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")
    listed = _add(actions, "prices", "list the account's active recurring prices and their plans")
    listed.add_argument("--json", action="store_true", help="as JSON")
    price = _add(actions, "map-price", "map an existing price to a plan")
    price.add_argument("price_id", help="Stripe's id of the price")
    stands_for = price.add_mutually_exclusive_group(required=True)
    stands_for.add_argument("--plan", help="code of the plan")
    stands_for.add_argument("--not-a-plan", action="store_true", help="it pays for something else")
    price.add_argument("--cycle", choices=BILLING_CYCLES, default="monthly", help="default monthly")
    _add_links(actions)
    _add_moving_in(actions)


def _add_links(actions: Any) -> None:
    link = _add(actions, "link", "link a customer or a subscription to a workspace")
    link.add_argument("workspace_id")
    link.add_argument("--customer", help="Stripe's id of the customer")
    link.add_argument("--subscription", help="Stripe's id of the subscription")
    link.add_argument("--starts-at", type=_moment, metavar="TIME", help="periods before it give nothing")
    links = _add(
        actions, "links", "link the lines of a CSV: workspace_id, customer_id, subscription_id, starts_at"
    )
    links.add_argument("file")
    links.add_argument("--dry-run", action="store_true", help="check every line, and link nothing")
    links.add_argument(
        "--skip-refused", action="store_true", help="link the other lines when some are refused"
    )


def _add_moving_in(actions: Any) -> None:
    sync = _add(actions, "sync", "read every subscription of the account and book what is paid")
    sync.add_argument(
        "--dry-run", action="store_true", help="show what would be credited and why, and book nothing"
    )
    compare = _add(
        actions, "compare", "compare the ledger with Stripe and the old system; exit 1 while they differ"
    )
    compare.add_argument("--old-balances", metavar="FILE", help="CSV: workspace_id, minutes")


def _add(commands: Any, name: str, what: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=what, description=what)
    return parser


def _at_least(least: int, *, at_most: int = 10**9) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not least <= value <= at_most:
            bound = f"{least} or more" if value < least else f"{at_most} or less"
            raise argparse.ArgumentTypeError(f"it must be {bound}")
        return value

    return number


def _moment(text: str) -> datetime:
    try:
        moment = read_time(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError(
            f"a time with an offset is needed, as 2026-03-01T00:00Z, not {text!r}"
        )
    return moment


def _beginning(text: str) -> datetime:
    return datetime.combine(_day(text), time(), UTC)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a date is needed, as in 2026-03-01, not {text!r}") from None
    if not FIRST_DEMO_YEAR <= day.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(f"it must lie in the years {FIRST_DEMO_YEAR} to {LAST_YEAR}")
    return day
