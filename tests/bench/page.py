"""Every page of the dashboard in a real browser, on demo data: from the click to the last element that is drawn.

Run alone: `python -m tests.bench.page`. The browser itself keeps the time: of the click, and of the last change of the
document before it stays as it is. Pages that need an object have no entry in the sidebar: they are opened by address,
which loads the whole application anew.
"""

import re
import statistics
from datetime import timedelta

from playwright.sync_api import Page
from sqlalchemy import Engine, text

from dashboard.clock import present
from dashboard.navigation import HOME, NavigationEntry, existing
from ledger import demo
from ledger.database import reading, writing
from ledger.metrics.rollups import refresh_rollups
from tests.bench.database import bench_database
from tests.browser.server import START_TOKEN, chromium, open_page, running

WORKSPACES, MONTHS = 300, 12
ROUNDS = 3  # the first one fills caches and is not counted
QUIET = 1_000  # milliseconds without a change: the page is whole
LONGEST = 60_000
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
    """Print the milliseconds of each page, and of the slowest."""
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
    middle = {name: statistics.median(seen[1:]) for name, seen in times.items()}
    listed = {entry.file: entry.listed for entry in existing()}
    for name, milliseconds in sorted(middle.items(), key=lambda item: item[1]):
        print(f"page-{name} - {milliseconds:.0f} ms{'' if listed[name] else ' (opened by address)'}")
    slowest = max((name for name in middle if listed[name]), key=middle.__getitem__)
    print(f"page - {middle[slowest]:.0f} ms (the slowest that is clicked: {slowest})")


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
    path = "/" if entry.file == HOME else f"/{entry.file}"
    page.wait_for_function(WHOLE, arg=[path, QUIET], timeout=LONGEST, polling=50)
    if page.get_by_test_id("stException").count():
        raise SystemExit(f"the page {entry.file} shows an exception")
    return float(page.evaluate("window.changed - window.began"))


if __name__ == "__main__":
    main()
