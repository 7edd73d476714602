"""The embedded server's settings are sized to the machine."""

import re
import socket
from pathlib import Path

import pytest

from ledger.postgres import conf
from ledger.postgres.conf import MEGABYTE, free_port, last_port, memory_bytes, write_conf


def shared_buffers_mb(path: Path) -> int:
    """Read what was written."""
    result = re.search(r"^shared_buffers = (\d+)MB$", path.read_text(), re.MULTILINE)
    assert result
    return int(result[1])


@pytest.mark.parametrize(("memory_mb", "buffers_mb"), [(256, 64), (4096, 512), (1 << 20, 2048)])
def test_shared_buffers_are_an_eighth_of_the_memory_within_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory_mb: int, buffers_mb: int
) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text(f"{memory_mb * MEGABYTE}\n")
    monkeypatch.setattr(conf, "CGROUP_LIMITS", (str(limit),))
    monkeypatch.setattr(conf.os, "sysconf", lambda _name: 1 << 21)  # 4 TB: the limit decides

    path = write_conf(tmp_path, port=1, durable=True)

    assert shared_buffers_mb(path) == buffers_mb


def test_a_container_without_a_limit_has_the_memory_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "memory.max").write_text("max\n")
    unlimited = memory_bytes()

    monkeypatch.setattr(conf, "CGROUP_LIMITS", (str(tmp_path / "memory.max"), str(tmp_path / "none")))

    assert memory_bytes() >= unlimited


def test_the_port_of_the_last_start_is_stored_while_it_is_free(tmp_path: Path) -> None:
    write_conf(tmp_path, port=54321, durable=True)

    assert last_port(tmp_path) == 54321
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(preferred=port) != port
    assert free_port(preferred=port) == port


def test_only_tests_may_give_up_durability(tmp_path: Path) -> None:
    durable = write_conf(tmp_path, port=1, durable=True).read_text()
    quick = write_conf(tmp_path, port=1, durable=False).read_text()

    assert "fsync = on" in durable
    assert "autovacuum = on" in durable
    assert "fsync = off" in quick
