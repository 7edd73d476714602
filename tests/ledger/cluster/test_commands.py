"""The three commands about clusters, as an operator types them."""

from pathlib import Path

import pytest

from ledger.__main__ import main
from tests.databases import empty_database


@pytest.fixture
def _one_server(monkeypatch: pytest.MonkeyPatch):
    with empty_database() as url:
        monkeypatch.setenv("DATABASE_URL", url)
        yield


@pytest.mark.usefixtures("_one_server")
def test_without_the_extension_distribute_says_so_in_one_line_and_doctor_finds_no_fault(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["migrate"]) == 0
    assert [main(["distribute"]), main(["distribute", "--dry-run"]), main(["doctor"])] == [2, 2, 0]

    printed = capsys.readouterr()
    assert [line.partition(":")[0] for line in printed.err.splitlines()] == ["cluster_not_ready"] * 2
    assert "one PostgreSQL server without Citus" in printed.out


def test_the_size_of_a_company_is_computed_without_a_database(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))

    assert main(["size", "--workspaces", "10", "--uses", "1000"]) == 0

    assert "10 workspaces, 1,000 uses a year" in capsys.readouterr().out
    assert not (tmp_path / "data").exists()
