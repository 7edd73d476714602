"""What can differ between servers once more, against a server as a company may have it.

`python -m tests.second_server [pytest arguments]` starts Debian's PostgreSQL 15 (where it is installed) with
a linguistic collation, reached over TCP with a password, as an owner who is no superuser.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from ledger.postgres.conf import free_port
from ledger.postgres.programs import Programs, server_account
from tests.databases import CHECKOUT

OLDEST_SUPPORTED = Path("/usr/lib/postgresql/15/bin")
OWNER, PASSWORD = "company", "p@ss:w/rd%"  # a URL has to quote it
SUPERUSER_PASSWORD = "for base backups"
COLLATION = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"]
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # whether a plan is good must not depend on when statistics were taken
    "shared_buffers": "256MB",
    "TimeZone": "America/Caracas",  # nothing may rely on a server in UTC
}
CAN_DIFFER = {
    "functions of the ledger, their races and invariants": ("tests/ledger/minutes",),
    "migrations, roles and plans of any version": (
        "tests/ledger/test_database.py",
        "tests/ledger/test_distribution.py",
        "tests/ledger/metrics/test_plans.py",
    ),
    "collation and text search": ("tests/ledger/desk", "tests/dashboard/api/test_workspaces.py"),
    "aggregates, time zones and rounding": (
        "tests/ledger/metrics/test_metrics.py",
        "tests/ledger/metrics/test_rollups.py",
        "tests/ledger/metrics/test_closed_months.py",
    ),
    "locks and claims": (
        "tests/ledger/webhooks/test_inbox.py",
        "tests/ledger/payments/test_purchases.py",
        "tests/ledger/payments/test_subscriptions.py",
        "tests/ledger/experiments/test_holdouts.py",
        "tests/ledger/notify/test_events_sending.py",
    ),
    "errors as they reach HTTP": ("tests/dashboard/api/test_usage.py",),
}
THE_SAME = (
    "tests/ledger/minutes/test_order_of_use.py",  # copies of the SQL; what the SQL answers is compared by the oracle
)
"""What lies among them and depends on no server."""
NO_OWN_SERVERS = "not own_server and not slow"


def main(arguments: list[str]) -> int:
    """Run the tests against the second server; return pytest's status."""
    if not OLDEST_SUPPORTED.is_dir():
        print(f"SKIPPED: the tests against a second server; PostgreSQL 15 is not in {OLDEST_SUPPORTED}")
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops us stops the server too
    with second_server() as url:
        command = [sys.executable, "-m", "pytest", "-n", "1", "-q", "-m", NO_OWN_SERVERS]
        environment = os.environ | {"TEST_DATABASE_URL": url}
        print(f"Running what can differ against PostgreSQL 15 at {url.partition('@')[2]}", flush=True)
        return subprocess.run(
            [*command, *(arguments or paths())], cwd=CHECKOUT, env=environment, check=False
        ).returncode


def paths() -> list[str]:
    """Return what is run again, and fail for what is not there."""
    chosen = [path for group in CAN_DIFFER.values() for path in group]
    missing = [path for path in (*chosen, *THE_SAME) if not (CHECKOUT / path).exists()]
    assert not missing, missing
    return [*chosen, *(f"--ignore={path}" for path in THE_SAME)]


@contextmanager
def second_server(programs_in: Path = OLDEST_SUPPORTED, **settings: str) -> Iterator[str]:
    """Yield the URL of the owner on a new server with more settings, which is thrown away afterwards."""
    home = Path(tempfile.mkdtemp(prefix="minutes-second-"))
    home.chmod(0o711)  # root's server runs as another user, who has to pass
    data = home / "data"
    programs = Programs(programs_in, server_account(data))
    data.mkdir(mode=0o700)
    programs.give(data)
    port = free_port(preferred=0)
    try:
        programs.run(
            "initdb", "-D", str(data), "--auth=scram-sha-256", *COLLATION, *_superuser(programs, home)
        )
        with (data / "postgresql.conf").open("a") as conf:
            conf.writelines(
                f"{name} = '{value}'\n" for name, value in (SETTINGS | settings | {"port": port}).items()
            )
        programs.run(
            *("postgres", "--single", "-j", "-D", str(data), "-c", "exit_on_error=true", "postgres"),
            stdin=f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE NOSUPERUSER PASSWORD '{PASSWORD}';\n\n"
            f"CREATE DATABASE {OWNER} OWNER {OWNER};\n\n",
        )
        programs.start("pg_ctl", "start", "-w", "-D", str(data), "-l", str(data / "log")).communicate()
        try:
            yield f"postgresql://{OWNER}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/{OWNER}"
        finally:
            programs.start("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(data)).communicate()
    finally:
        shutil.rmtree(home)


def _superuser(programs: Programs, home: Path) -> list[str]:
    password_file = home / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(SUPERUSER_PASSWORD + "\n")
    programs.give(password_file)
    return ["-U", "postgres", f"--pwfile={password_file}"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
