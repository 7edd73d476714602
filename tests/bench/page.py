"""Every page of the dashboard in a real browser, on demo data: from the click to the last element that is drawn.

Run alone: `python -m tests.bench.page`. The browser itself keeps the time: of the click, and of the last change of the
document before it stays as it is. Pages that need an object have no entry in the sidebar: they are opened by address,
which loads the whole application anew. An empty Streamlit page is clicked in the same run, for what the machine and the
framework cost. Beside each page stand the statements that it sends and what the database works for them.
"""

import logging
import re
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from dashboard.clock import present
from dashboard.installation import close
from dashboard.navigation import HOME, NavigationEntry, existing
from ledger import demo
from ledger.database import reading, writing
from ledger.metrics.rollups import refresh_rollups
from ledger.postgres.conf import free_port
from tests.bench.database import bench_database
from tests.bench.server_time import Statement, server_time
from tests.browser.server import START_TOKEN, chromium, open_page, running, wait_until_served
from tests.pages.visits import hire, visit

WORKSPACES, MONTHS = 300, 12
ROUNDS = 3  # the first one fills caches and is not counted
QUIET = 1_000  # milliseconds without a change: the page is whole
LONGEST = 60_000
BAR, STATEMENTS = 2.0, 20
EMPTY = """
import streamlit as st

def one(): st.title("one")
def two(): st.title("two")
st.navigation([st.Page(one, default=True), st.Page(two)]).run()
"""
WATCH = """
window.began = 0;
window.changed = 0;
window.heading = () => document.querySelector('[data-testid=stMain] h1')?.innerText;
document.addEventListener('click', () => {
    window.began = performance.now();
    window.changed = 0;
    window.left = window.heading();
}, true);
new MutationObserver(() => { window.changed = performance.now(); })
    .observe(document, {subtree: true, childList: true, characterData: true});
"""
WHOLE = """([path, quiet]) => {
    const app = document.querySelector('[data-testid=stApp]');
    return app && location.pathname === path && window.heading() && window.heading() !== window.left
        && app.dataset.testScriptState === 'notRunning' && window.changed > window.began
        && performance.now() - window.changed > quiet;
}"""


def main() -> None:
    """Print the milliseconds and statements of each page. Raises SystemExit when one misses its bar."""
    expect.set_options(timeout=LONGEST)
    with bench_database() as engine:
        workspace_id = _company(engine)
        with running(engine) as url, chromium() as browser:
            page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
            page.add_init_script(WATCH)
            times: dict[str, list[float]] = {}
            for _ in range(ROUNDS):
                open_page(page, url)
                for entry in sorted(existing(), key=_order):
                    times.setdefault(entry.file, []).append(_open(page, url, entry, workspace_id))
            empty = statistics.median(_empty(browser)[1:])
        middle = {name: statistics.median(seen[1:]) for name, seen in times.items()}
        missed = _report(middle, empty, _statements(engine, workspace_id))
    if missed:
        raise SystemExit(1)


def _report(middle: Mapping[str, float], empty: float, sent: Mapping[str, Sequence[Statement]]) -> list[str]:
    """Print every page, the quickest first, and return those that miss a bar."""
    listed = {entry.file for entry in existing() if entry.listed}
    usual = statistics.median(middle[name] for name in listed)
    print(f"page-empty - {empty:.0f} ms (an empty Streamlit page)")
    missed = []
    for name, milliseconds in sorted(middle.items(), key=lambda item: item[1]):
        ratio, work = milliseconds / usual, sum(one.ms for one in sent[name])
        how = f"{len(sent[name])} statements, {work:.0f} ms in the database"
        print(
            f"page-{name} {ratio:.2f} {milliseconds:.0f} ms ({how}{'' if name in listed else '; opened by address'})"
        )
        if (name in listed and ratio > BAR) or len(sent[name]) > STATEMENTS:
            missed.append(name)
    bars = f"bars <= {BAR:g} times the median, <= {STATEMENTS} statements"
    print(
        f"page - {usual:.0f} ms (the median of those that are clicked; {bars}; missed: {', '.join(missed) or 'none'})"
    )
    return missed


def _statements(engine: Engine, workspace_id: str) -> dict[str, Sequence[Statement]]:
    """Return what each page sends to the database when somebody comes back to it."""
    email = hire(engine, "admin")
    logging.disable(logging.WARNING)  # outside its server Streamlit warns of everything it cannot do
    sent = {}
    for entry in existing():
        page = visit(engine, entry.file, email=email, **({} if entry.listed else {"id": workspace_id}))
        with server_time(engine) as executed:
            page.run()
        sent[entry.file] = executed
    close()
    return sent


def _empty(browser: Browser) -> list[float]:
    """Return the milliseconds of clicks between two pages of an application that has nothing else."""
    port = free_port(preferred=0)
    with TemporaryDirectory() as folder:
        Path(folder, "app.py").write_text(EMPTY)
        options = ["--server.port", str(port), "--server.headless", "true", "--server.address", "127.0.0.1"]
        command = [sys.executable, "-m", "streamlit", "run", "app.py", *options]
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until_served(process, port)
            page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
            page.add_init_script(WATCH)
            page.goto(f"http://127.0.0.1:{port}")
            page.get_by_role("heading", name="one").wait_for()
            times = []
            for name in ["two", "one"] * ROUNDS:
                page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
                times.append(_whole(page, "/" if name == "one" else f"/{name}"))
        finally:
            process.kill()
            process.wait()
    return times


def _order(entry: NavigationEntry) -> tuple[bool, bool]:
    """What is clicked before what is opened by address; the home page, which is open at first, after the others."""
    return not entry.listed, entry.file == HOME


def _company(engine: Engine) -> str:
    """The demo company of a smaller size, summed up for the screens; gives a workspace that bought."""
    at = present()
    demo.build(engine, workspaces=WORKSPACES, months=MONTHS, until=at.date(), progress=False)
    with writing(engine) as db:
        refresh_rollups(db, at=at - timedelta(seconds=1))
    with reading(engine) as db:
        result = db.execute(
            text("SELECT min(workspace_id) FROM extra_minutes_purchases WHERE status = 'paid'")
        )
        return str(result.scalar_one())


def _open(page: Page, url: str, entry: NavigationEntry, workspace_id: str) -> float:
    """Go to a page as a person does; gives the milliseconds until it was whole."""
    links = page.get_by_test_id("stSidebar").get_by_test_id("stPageLink")
    link = links.filter(has_text=re.compile(f"{re.escape(entry.title)}$"))
    if entry.listed:
        link.click()
    else:
        page.context.add_cookies([{"name": "start_token", "value": START_TOKEN, "url": url}])
        page.goto(f"{url}/{entry.file}?id={workspace_id}")
    milliseconds = _whole(page, "/" if entry.file == HOME else f"/{entry.file}")
    if page.get_by_test_id("stException").count():
        raise SystemExit(f"the page {entry.file} shows an exception")
    return milliseconds


def _whole(page: Page, path: str) -> float:
    """Wait until the page at this path is whole; return the milliseconds from the click to its last change."""
    page.wait_for_function(WHOLE, arg=[path, QUIET], timeout=LONGEST, polling=50)
    return float(page.evaluate("window.changed - window.began"))


if __name__ == "__main__":
    main()
