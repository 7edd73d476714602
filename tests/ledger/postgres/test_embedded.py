"""The embedded server, with real processes: joined, killed, recovered, and stopped by the last living one."""

import os
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import requests

from ledger.postgres import embedded, programs
from ledger.postgres.conf import free_port
from ledger.postgres.embedded import EmbeddedError, release, server_url
from tests.servers import USER, Join, ask, end, kill_server, server_process, url_from

pytestmark = pytest.mark.own_server

TELLS = ("making a new database", "waiting for")  # the latter where the machine is busy

STARTING = """
import sys
from pathlib import Path
from ledger.postgres import embedded, programs
with embedded._alone(Path(sys.argv[1])):
    print("starting", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_joins_the_running_server(data_dir: Path, join: Join) -> None:
    first = url_from(join(data_dir))
    ask(first, "CREATE TABLE seen AS SELECT 41 AS value")

    second = url_from(join(data_dir))

    assert second == first
    assert ask(second, "SELECT value FROM seen") == 41


def test_processes_that_start_in_the_same_moment_share_one_server(empty_dir: Path, join: Join) -> None:
    processes = [join(empty_dir) for _ in range(4)]

    urls = {url_from(process) for process in processes}

    assert len(urls) == 1
    assert ask(urls.pop(), "SELECT 1") == 1


def test_the_last_living_process_stops_the_server_though_another_was_killed(
    data_dir: Path, join: Join
) -> None:
    killed, living = join(data_dir), join(data_dir)
    url_from(killed)
    url = url_from(living)

    killed.send_signal(signal.SIGKILL)
    killed.wait()
    still_answers = ask(url, "SELECT 1")
    status, complaints = end(living)

    assert still_answers == 1
    assert status == 0
    assert [line for line in complaints.splitlines() if not line.startswith(TELLS)] == []
    assert server_process(data_dir) is None


def test_the_server_outlives_the_process_that_started_it_while_another_uses_it(
    data_dir: Path, join: Join
) -> None:
    starter = join(data_dir)
    url_from(starter)
    other = join(data_dir)
    url = url_from(other)

    status, _ = end(starter)

    assert status == 0
    assert ask(url, "SELECT 1") == 1
    status, complaints = end(other)
    assert status == 0
    assert [line for line in complaints.splitlines() if not line.startswith(TELLS)] == []
    assert server_process(data_dir) is None


def test_workers_that_a_signal_kills_without_an_exit_of_their_own_stop_it_before(
    data_dir: Path, join: Join
) -> None:
    port = free_port(preferred=0)
    workers = f"from uvicorn.main import main; main(['dashboard.api:app', '--workers=2', '--port={port}'])"
    parent = join(data_dir, workers, DATA_DIR=str(data_dir), DATABASE_URL="")
    while not answered(port):
        time.sleep(0.1)
    for _ in range(20):  # each on a connection of its own, so that both workers have joined
        assert answered(port)
    assert server_process(data_dir)

    parent.terminate()
    parent.communicate()

    assert server_process(data_dir) is None


def answered(port: int) -> bool:
    """Ask the HTTP interface for the database."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/api/ready", timeout=60).status_code in (200, 503)
    except requests.ConnectionError:
        return False


def test_ctrl_c_reaches_the_process_and_not_the_server(data_dir: Path, join: Join) -> None:
    interrupted, other = join(data_dir), join(data_dir)
    url_from(interrupted)
    url = url_from(other)

    os.killpg(interrupted.pid, signal.SIGINT)
    interrupted.wait()

    assert ask(url, "SELECT 1") == 1


def test_a_forked_child_does_not_keep_the_server_running(data_dir: Path, join: Join) -> None:
    script = USER.replace("sys.stdin.read()", "import os, time\nif not os.fork(): time.sleep(60)")
    forking = join(data_dir, script)
    url_from(forking)

    forking.wait()

    assert server_process(data_dir) is None
    os.killpg(forking.pid, signal.SIGKILL)


def test_a_killed_server_is_recovered_with_its_data_at_its_old_address(data_dir: Path) -> None:
    url = server_url(data_dir)
    ask(url, "CREATE TABLE numbers AS SELECT generate_series(1, 1000) AS value")
    kill_server(data_dir)

    recovered = server_url(data_dir)

    assert ask(recovered, "SELECT count(*) FROM numbers") == 1000
    assert recovered == url


def test_a_lock_file_with_the_number_of_another_process_is_stale(data_dir: Path, join: Join) -> None:
    url_from(join(data_dir))
    kill_server(data_dir)
    lock = data_dir / "postgres" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    url = url_from(join(data_dir))

    assert ask(url, "SELECT 1") == 1


@pytest.mark.parametrize("command_of", [programs._command_by_proc, programs._command_by_ps])
def test_a_process_is_known_by_its_command_and_a_dead_one_has_none(command_of: Callable[[str], str]) -> None:
    with subprocess.Popen(["sleep", "41.5"]) as process:
        living = ""
        while not living and process.poll() is None:  # it has none between fork and exec
            living = command_of(str(process.pid))
        process.kill()
    dead = command_of(str(process.pid))

    assert "sleep 41.5" in living
    assert dead == ""


def test_data_survive_a_stop_and_a_start(data_dir: Path) -> None:
    ask(server_url(data_dir), "CREATE TABLE numbers AS SELECT 7 AS value")

    release(data_dir)
    stopped = server_process(data_dir)
    value = ask(server_url(data_dir), "SELECT value FROM numbers")

    assert stopped is None
    assert value == 7


def test_half_a_cluster_from_an_interrupted_start_is_made_anew(empty_dir: Path) -> None:
    (empty_dir / "postgres.new" / "base").mkdir(parents=True)

    url = server_url(empty_dir)

    assert ask(url, "SELECT 1") == 1
    assert not (empty_dir / "postgres.new").exists()


def test_the_server_is_durable_listens_on_loopback_alone_and_gives_no_superuser(empty_dir: Path) -> None:
    expected = {
        "fsync": "on",
        "data_checksums": "on",
        "full_page_writes": "on",
        "jit": "off",
        "TimeZone": "UTC",
    }

    url = server_url(empty_dir)
    shown = {name: ask(url, f"SHOW {name}") for name in expected}

    assert shown == expected
    assert ask(url, "SHOW listen_addresses") == "127.0.0.1"
    assert ask(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert ask(url, "SELECT datlocale FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
    assert stat.S_IMODE((empty_dir / "postgres.password").stat().st_mode) == 0o600
    with pytest.raises(psycopg.OperationalError):
        ask(url.replace(":", ":wrong", 2).replace(":wrong", ":", 1), "SELECT 1")


def test_data_of_another_version_are_refused_with_both_versions_named(data_dir: Path) -> None:
    server_url(data_dir)
    release(data_dir)
    (data_dir / "postgres" / "PG_VERSION").write_text("15\n")

    with pytest.raises(
        EmbeddedError, match=r"made by PostgreSQL 15, but the installed one is 18\..*new DATA_DIR"
    ):
        server_url(data_dir)


def test_a_server_that_cannot_start_says_why(data_dir: Path) -> None:
    server_url(data_dir)
    release(data_dir)
    with (data_dir / "postgres" / "postgresql.auto.conf").open("a") as conf:
        conf.write("max_connections = many\n")

    with pytest.raises(EmbeddedError, match="max_connections"):
        server_url(data_dir)


def test_whoever_waits_for_another_process_says_so(
    empty_dir: Path, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def hear(line: str) -> None:
        said.append(line)
        starting.kill()  # it goes on starting until it has been waited for

    monkeypatch.setattr(embedded, "SECONDS_BETWEEN_MESSAGES", 0.1)
    monkeypatch.setattr(embedded, "_say", hear)
    empty_dir.mkdir()
    starting = join(empty_dir, STARTING)
    url_from(starting)

    server_url(empty_dir)

    assert said[0].startswith("waiting for another process to start or stop the database")
