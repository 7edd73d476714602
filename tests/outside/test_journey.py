"""The whole journey of a customer, by clients that published packages generate from the document."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from dashboard import installation
from ledger.payments.refunds import refund_purchase
from ledger.worker import open_gateways
from tests.dashboard.api_server import Api
from tests.outside.__main__ import PROGRAMS
from tests.outside.conftest import caller, ran

pytestmark = [pytest.mark.slow, pytest.mark.own_server]
EVENTS = {
    "usage.threshold": 3,
    "usage.limit_hit": 1,
    "usage.refused": 1,
    "purchase.failed": 1,
    "purchase.paid": 1,
    "purchase.refunded": 1,
}


def refund(ledger: Api, workspace_id: str, purchase_id: str) -> None:
    """Refund at Stripe, as whoever runs the company does."""
    gateways = open_gateways(ledger.engine, installation.settings())
    refund_purchase(
        ledger.engine,
        next(iter(gateways.values())),
        workspace_id,
        UUID(purchase_id),
        999,
        reason="requested by the customer",
        key="refund",
        actor="ada",
        at=datetime.now(UTC),
    )
    for gateway in gateways.values():
        gateway.close()


def travel(ledger: Api, workspace_id: str, *command: str | Path) -> dict[str, int]:
    """Run a journey to its end; return how many events of each type it received."""
    program = [*map(str, command), workspace_id]
    with subprocess.Popen(
        program, env=caller(ledger), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as journey:
        assert journey.stdout
        lines = []
        for line in journey.stdout:
            lines.append(line)
            if line.startswith("refund "):
                refund(ledger, workspace_id, line.split()[1])
    assert journey.returncode == 0, "".join(lines)
    types = lines[-1].split()[1:]
    return {name: types.count(name) for name in types}


def test_the_journey_in_typescript_compiles_strictly_and_arrives(ledger: Api, typescript: Path) -> None:
    assert travel(ledger, "from-typescript", "node", typescript) == EVENTS


def test_the_typescript_of_the_guide_runs_as_it_stands(ledger: Api, typescript: Path) -> None:
    printed = subprocess.run(
        ["node", str(typescript.with_name("guide.js"))],
        env=caller(ledger),
        capture_output=True,
        text=True,
        check=False,
    )

    assert printed.stdout.splitlines() == ["warning 90, 20 left", "requires_payment"], printed.stderr


def test_the_journey_in_python_arrives(ledger: Api, python: Path) -> None:
    assert travel(ledger, "from-python", PROGRAMS / "python", python) == EVENTS


def test_the_python_client_and_its_journey_hold_strict_types(python: Path) -> None:
    ran(
        Path(sys.executable).with_name("mypy"),
        "--strict",
        "--python-executable",
        PROGRAMS / "python",
        "--cache-dir",
        python.parent / "mypy_cache",
        python.name,
        cwd=python.parent,
    )


def test_redocly_finds_no_error(document: Path) -> None:
    ran("redocly", "lint", document, "--max-problems", "20")


def test_spectral_finds_no_error(document: Path) -> None:
    ruleset = document.with_name("spectral.yaml")
    ruleset.write_text('extends: ["spectral:oas"]\n', "utf-8")
    ran("spectral", "lint", document, "--ruleset", ruleset, "--fail-severity", "error")
