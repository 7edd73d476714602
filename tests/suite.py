"""`make test`: the whole suite on the embedded server and, at the same time, what can differ on a second server.

`python -m tests.suite [--fast] [pytest arguments]`. The second run writes to a file, which is shown when it has ended.
The packages of tests/outside are installed beside both; its tests wait for them.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.databases import CHECKOUT

WORKERS = "3"  # a test waits for PostgreSQL or a process as often as it computes
FIRST = ["-n", WORKERS, "--dist", "loadfile", "--no-loadscope-reorder"]  # the slowest file starts first


def main(arguments: list[str]) -> int:
    """Run both; return 0 only if both passed."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    fast = "--fast" in arguments
    chosen = [argument for argument in arguments if argument != "--fast"]
    started = time.monotonic()
    pytest = [sys.executable, "-m", "pytest", *FIRST, *chosen]
    if fast:
        status = subprocess.run(
            pytest, cwd=CHECKOUT, env=_environment() | {"FAST": "1"}, check=False
        ).returncode
    else:
        status = _both(pytest, chosen)
    print(f"{'FAST ' if fast else ''}suite: {time.monotonic() - started:.0f} s, status {status}", flush=True)
    return status


def _environment() -> dict[str, str]:
    """Return this one, in which Python may keep what it compiles: some hundred processes import the same modules."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _both(pytest: list[str], chosen: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "second").open("w+") as shown:
        beside = [_beside("tests.outside")]
        if not chosen:  # with arguments of its own, as in `make test ARGS=tests/pages`, only these are run
            beside.append(_beside("tests.second_server", stdout=shown, stderr=subprocess.STDOUT))
        try:
            first = subprocess.run(pytest, cwd=CHECKOUT, env=_environment(), check=False).returncode
            others = [process.wait() for process in beside]
        except KeyboardInterrupt:
            for process in beside:
                process.terminate()
                process.wait()
            raise
        shown.seek(0)
        print(shown.read(), flush=True)
    return first or max(others)


def _beside(module: str, **more: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", module], cwd=CHECKOUT, env=_environment(), **more)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
