"""The dashboard as a real process on a free port, and a real browser in front of it."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from sqlalchemy import Engine

from dashboard.navigation import HOME, NavigationEntry
from ledger.postgres.conf import free_port
from tests.chromium import installed, launch_arguments
from tests.commands import PATIENCE_SECONDS

CHECKOUT = Path(__file__).parents[2]
START_TOKEN = "0123456789abcdefghijklmnopqrstuvwxyz_-test"
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def start(
    engine: Engine, *arguments: str, through: tuple[str, ...] = (), **settings: str
) -> subprocess.Popen[str]:
    """Start `python -m dashboard` on a test's database, `through` a command that runs what it is given."""
    url = engine.url.render_as_string(hide_password=False)
    environ = {**os.environ, "DATABASE_URL": url, "START_TOKEN": START_TOKEN, **settings}
    return subprocess.Popen(
        [*through, sys.executable, "-m", "dashboard", "--no-demo", *arguments],
        cwd=CHECKOUT,
        env=environ,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@contextmanager
def running(engine: Engine, *arguments: str, port: int | None = None, **settings: str) -> Iterator[str]:
    """A served dashboard; gives its address, and stops it as a service manager would."""
    used = port or free_port(preferred=0)
    process = start(engine, "--port", str(used), *arguments, **settings)
    try:
        wait_until_served(process, used)
        yield f"http://127.0.0.1:{used}"
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, said


def wait_until_served(process: subprocess.Popen[str], port: int, path: str = "_stcore/health") -> None:
    """Wait for the first answer; a process that ended instead fails the test with what it said."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise AssertionError(process.communicate()[0])
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=10)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"nothing answered on port {port}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser of this machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=[*launch_arguments(), *QUIET])
        yield browser
        browser.close()


def settled(page: Page) -> Page:
    """Wait until the page's script has run to its end and all that it drew has loaded, and so listens."""
    app = "[data-testid=stApp][data-test-script-state=notRunning]"
    expect(page.locator(f"{app}:not(:has([data-testid=stSkeleton]))")).to_be_visible()
    return page


def open_page(page: Page, url: str) -> Page:
    """Open an address and wait for the whole page."""
    page.context.add_cookies([{"name": "start_token", "value": START_TOKEN, "url": url}])
    page.goto(url)
    return settled(page)


def go_to(page: Page, entry: NavigationEntry) -> Page:
    """Open a page of the sidebar as a person does, by its link, and wait for the whole page."""
    href = "" if entry.file == HOME else entry.file
    links = page.get_by_test_id("stSidebar").locator(f'a[href="{href}"], a[href^="{href}?"]')
    links.filter(visible=True).click()
    expect(page).to_have_title(f"{entry.title} · Minutes")
    return settled(page)


def drawn(page: Page) -> Page:
    """Wait until what has changed is on the screen."""
    page.evaluate("new Promise(seen => requestAnimationFrame(() => requestAnimationFrame(seen)))")
    return page


def scrolled_to(element: Locator) -> Locator:
    """Bring an element into view, as a person does before a click: a list that opens while the page scrolls closes again."""
    element.scroll_into_view_if_needed()
    drawn(element.page)
    return element


def part(page: Page, key: str) -> Locator:
    """The element that a page drew under this key."""
    return page.locator(f".st-key-{key}")
