"""Every metric of an imported company equals the one that a plain loop over its files computes, to the cent."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.metrics import METRICS
from ledger.transfer.imports import plan_import, run_import
from tests.databases import migrated_database
from tests.foreign_export import LAST, read_export, write_export
from tests.history.comparing import GROUPS, differences
from tests.history.facts import Lived
from tests.history.figures import months

BEGIN = datetime(2025, 11, 1, tzinfo=UTC)
SPANS = [(BEGIN, LAST), *months(BEGIN, LAST)]
ELSEWHERE = {"webhook-lag", "retention-effect"}
"""No file says when events arrived; what so few leavers can't support is a test of its own."""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Lived]]:
    """Forty-two workspaces, imported, and what their files say."""
    folder = tmp_path_factory.mktemp("export")
    write_export(folder, workspaces=42)
    with migrated_database() as engine:
        plan = plan_import(folder, folder / "mapping.toml")
        outcome = run_import(engine, plan, source="live", actor="test", now=LAST)
        assert (outcome.staged.refusals, outcome.findings) == ((), ())
        yield engine, read_export(folder)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("span", SPANS, ids=lambda span: f"{span[0]:%Y-%m-%d}..{span[1]:%Y-%m-%d}")
def test_every_metric_of_a_group_and_a_period_is_what_the_files_say(
    company: tuple[Engine, Lived], span: Any, group: str
) -> None:
    engine, said = company
    compared, differing = differences(engine, said, *span, LAST, source="live", group=GROUPS[group])
    assert compared | ELSEWHERE == METRICS.keys()
    assert differing == {}
