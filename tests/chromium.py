"""The Chromium of the browser tests: one that is installed, else Playwright's, else Debian's.

`python -m tests.chromium` makes sure that one starts, and installs one where it may.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

INSTALLED_NAMES = (
    "chromium-headless-shell",  # has no window to draw: a page takes two thirds of the time
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
DEBIAN_PACKAGES = ("chromium-headless-shell", "chromium")
NO_CHROMIUM = (
    "No Chromium starts here, and none could be installed; the browser tests need one. Either install it "
    "(Debian: apt-get install chromium-headless-shell), or run: .venv/bin/python -m playwright install --with-deps chromium"
)


def installed() -> str | None:
    """Return the path of a Chromium found on this machine; `None` means Playwright's own."""
    return next((path for name in INSTALLED_NAMES if (path := shutil.which(name))), None)


def launch_arguments() -> list[str]:
    """Return what Chromium needs to start here: root has no sandbox, containers have little shared memory."""
    return ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def failure_of(path: str | None) -> str:
    """Start it once; return why it does not start, or nothing."""
    with sync_playwright() as playwright:
        try:
            playwright.chromium.launch(executable_path=path, args=launch_arguments()).close()
        except Error as error:
            return error.message.splitlines()[0]
    return ""


def ways_to_install() -> Iterator[list[str]]:
    """Yield the commands that may bring a Chromium, the least intrusive first."""
    yield [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
    if os.geteuid() == 0 and Path("/usr/bin/apt-get").exists():
        yield [sys.executable, "-m", "playwright", "install-deps", "chromium"]
        yield ["apt-get", "update", "-q"]
        for package in DEBIAN_PACKAGES:
            yield ["apt-get", "install", "-qy", "--no-install-recommends", package]


def main() -> int:
    """Make sure that a Chromium starts; print what is missing otherwise."""
    reason = failure_of(installed())
    if reason:
        for command in ways_to_install():
            print(f"Chromium does not start ({reason}); trying: {' '.join(command)}", flush=True)
            subprocess.run(command, check=False)
            reason = failure_of(installed())
            if not reason:
                break
    if reason:
        print(f"{NO_CHROMIUM}\n({reason})", file=sys.stderr)
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(main())
