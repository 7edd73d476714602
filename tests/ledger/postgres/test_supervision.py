"""An embedded server that dies under a worker is started again."""

import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from tests.servers import Join, ask, end, kill_server, server_process, url_from

pytestmark = pytest.mark.own_server

WORKER = """
import sys, threading
from ledger.database import connect
from ledger.postgres import restarts
from ledger.postgres.embedded import server_url
from ledger.settings import load_settings
from ledger.worker import open_gateways, work_supervised
url = server_url(sys.argv[1])
print(url, flush=True)
settings, stop = load_settings({"DATA_DIR": sys.argv[1]}), threading.Event()
engine = connect(url)
worker = threading.Thread(target=work_supervised, args=(engine, settings, open_gateways(engine, settings), stop))
worker.start()
for _ in sys.stdin:
    print(len(restarts()), flush=True)
stop.set()
worker.join()
engine.dispose()
"""
WAIT_SECONDS = 120.0


def answers(url: str) -> bool:
    """Wait until the database answers; False where it does not come back."""
    began = time.monotonic()
    while time.monotonic() - began < WAIT_SECONDS:
        try:
            return ask(url, "SELECT 1") == 1
        except psycopg.OperationalError:
            time.sleep(0.1)
    return False


def counted_restarts(process: subprocess.Popen[str], wanted: int) -> bool:
    """Wait until the worker has counted that many restarts."""
    assert process.stdin is not None
    assert process.stdout is not None
    began = time.monotonic()
    while time.monotonic() - began < WAIT_SECONDS:
        process.stdin.write("?\n")
        process.stdin.flush()
        if int(process.stdout.readline()) == wanted:
            return True
        time.sleep(0.1)
    return False


def test_a_killed_server_comes_back_under_the_same_address_each_time_it_dies(
    data_dir: Path, join: Join
) -> None:
    process = join(data_dir, WORKER)
    url = url_from(process)
    ask(url, "CREATE TABLE seen AS SELECT 41 AS value")

    for times in (1, 2):
        kill_server(data_dir)
        assert answers(url)
        assert counted_restarts(process, times)

    assert ask(url, "SELECT value FROM seen") == 41
    _, complaints = end(process)
    assert complaints.count("was started again") == 2
    assert server_process(data_dir) is None
