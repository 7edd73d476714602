"""`python -m ledger distribute`, `doctor` and `size`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.cluster.distribute import distribute, dry_run
from ledger.cluster.doctor import examine
from ledger.cluster.sizing import lines_of_size
from ledger.migrations import migrate

if TYPE_CHECKING:
    from argparse import Namespace

    from sqlalchemy import Engine

    from ledger.settings import Settings


def print_size(arguments: Namespace) -> int:
    """Print what a company of a size needs, without any database. Return the exit status."""
    print("\n".join(lines_of_size(arguments.workspaces, arguments.uses)))
    return 0


def run_on_cluster(engine: Engine, _: Settings, arguments: Namespace) -> int:
    """Run `distribute` or `doctor`. Return its exit status: 1 when `doctor` found a fault."""
    if arguments.command == "doctor":
        checks = examine(engine)
        print("\n".join(map(str, checks)))
        return 1 if any(check.fault for check in checks) else 0
    if arguments.dry_run:
        print("\n".join(dry_run(engine, arguments.shards)))
        return 0
    migrate(engine)
    changed = distribute(engine, arguments.shards, lambda line: print(line, flush=True))
    print("distributed" if changed else "nothing to distribute")
    return 0
