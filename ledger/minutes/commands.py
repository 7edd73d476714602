"""`python -m ledger verify`: prove the ledger, and say what was proved and how fast."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from ledger.minutes.proof import Proof, Terms, prove
from ledger.minutes.proof_notes import ProofNotes
from ledger.seals.roots import folder_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Engine

    from ledger.settings import Settings

HAS_FINDINGS = 1
SECONDS_BETWEEN_LINES = 10


def run_proof(engine: Engine, settings: Settings, arguments: Namespace, now: datetime) -> int:
    """Run `verify` with its arguments. Return its exit status: 1 when something was found."""
    proof = prove(
        engine,
        folder_of(settings.data_dir),
        Terms(now if arguments.overdue else None, arguments.since_root),
        jobs=arguments.jobs or _cores(),
        notes=ProofNotes(arguments.resume),
        say=_now_and_then(),
    )
    return _print(proof, as_json=arguments.json)


def print_proof(engine: Engine, settings: Settings) -> int:
    """Prove everything. Return the exit status: 1 when something was found."""
    folder = folder_of(settings.data_dir)
    return _print(prove(engine, folder, Terms(), jobs=_cores(), say=_now_and_then()), as_json=False)


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _now_and_then() -> Callable[[str], None]:
    said = time.monotonic()

    def say(line: str) -> None:
        nonlocal said
        if time.monotonic() >= said + SECONDS_BETWEEN_LINES:
            said = time.monotonic()
            print(line, file=sys.stderr, flush=True)

    return say


def _print(proof: Proof, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps([asdict(finding) for finding in proof.findings], indent=1))
    else:
        for finding in proof.findings:
            print(finding)
    about = sys.stderr if as_json else sys.stdout
    print(*proof.lines(), f"{len(proof.findings)} findings", sep="\n", file=about)
    return HAS_FINDINGS if proof.findings else 0
