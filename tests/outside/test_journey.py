"""The whole journey of a customer, by clients that published packages generate from the document."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from dashboard import installation
from ledger.payments.refunds import refund_purchase
from ledger.worker import open_gateways
from tests.dashboard.api_server import Api
from tests.outside.__main__ import FOLDER, PROGRAMS
from tests.outside.conftest import (
    Works,
    caller,
    digest_of,
    python_generated,
    python_typed,
    redocly_linted,
    spectral_linted,
    typescript_built,
)

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


def test_the_journey_in_typescript_compiles_strictly_and_arrives(ledger: Api, works: Works) -> None:
    works.wait_for(typescript_built)

    assert travel(ledger, "from-typescript", "node", FOLDER / "built" / "journey.js") == EVENTS


def test_the_typescript_of_the_guide_runs_as_it_stands(ledger: Api, works: Works) -> None:
    works.wait_for(typescript_built)

    printed = subprocess.run(
        ["node", str(FOLDER / "built" / "guide.js")],
        env=caller(ledger),
        capture_output=True,
        text=True,
        check=False,
    )

    assert printed.stdout.splitlines() == ["warning 90, 20 left", "requires_payment"], printed.stderr


def test_the_journey_in_python_arrives(ledger: Api, works: Works) -> None:
    works.wait_for(python_generated)

    assert travel(ledger, "from-python", PROGRAMS / "python", FOLDER / "journey.py") == EVENTS


@pytest.mark.parametrize("work", [python_typed, redocly_linted, spectral_linted])
def test_outside_tools_find_no_error(works: Works, work: Callable[[Path], None]) -> None:
    works.wait_for(work)


def test_another_document_is_not_taken_for_one_that_passed(works: Works, tmp_path: Path) -> None:
    other = tmp_path / "openapi.json"
    other.write_text(works.document.read_text("utf-8").replace("trackMinute", "trackMinutes", 1), "utf-8")

    assert digest_of(other) != digest_of(works.document)
