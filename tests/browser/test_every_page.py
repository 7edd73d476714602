"""Every page is opened once and measured: no text is cut off at four widths, and axe-core finds nothing in either theme.

Wide tables scroll by themselves. The workspace and the dialogs that staff open most are measured like pages.
"""

import contextlib
import tomllib
from collections.abc import Iterator
from typing import Literal
from urllib.parse import urljoin

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as TooSlow

from dashboard.__main__ import CONFIG
from dashboard.navigation import NavigationEntry, existing
from tests import mini_ledger
from tests.browser.server import drawn, go_to, open_page, running, settled

WIDTHS = (390, 768, 1024, 1440)
LAYOUT_MS = 15_000
THEMES = tomllib.loads((CONFIG / "config.toml").read_text("utf-8"))["theme"]
MEASURED = """() => {
    const shown = [...document.querySelectorAll('[data-testid=stMain] :is(p, h1, h2, button, span, [data-testid=stMetricValue])')]
        .filter(e => e.checkVisibility({opacityProperty: true}) && e.innerText && !e.closest('[data-testid=stDataFrame], [data-testid=stTable], .js-plotly-plot'))
        .map(e => [e, e.getBoundingClientRect()])
        .filter(([e, box]) => box.width > 1 && box.height > 1);
    const wrong = shown.filter(([e, box]) => box.right > innerWidth + 1 || box.left < -1)
        .map(([e]) => `beyond the edge: ${e.innerText.slice(0, 60)}`);
    for (const tile of document.querySelectorAll('[class*=st-key-tile_], [class*=st-key-fact_]')) {
        const outer = tile.getBoundingClientRect();
        for (const value of tile.querySelectorAll('[data-testid=stMetricValue]')) {
            if (value.scrollWidth > value.clientWidth + 1 || value.getBoundingClientRect().right > outer.right + 1)
                wrong.push(`out of its tile: ${value.innerText}`);
        }
    }
    for (const words of document.querySelectorAll('[data-testid=stMetricLabel] p, [data-testid=stMetricValue]'))
        if (words.scrollWidth > words.clientWidth + 1) wrong.push(`cut off: ${words.innerText}`);
    const main = document.querySelector('[data-testid=stMain]');
    const hidden = main.scrollWidth - main.clientWidth;
    if (hidden > 1) wrong.push(`the main part scrolls sideways by ${hidden} px`);
    if (/\\bnan\\b/i.test(main.innerText)) wrong.push('not a number');
    if (document.documentElement.scrollWidth > innerWidth + 1) wrong.push('the page scrolls sideways');
    return [...new Set(wrong)];
}"""
VIOLATIONS = """async ([within, options]) => (await axe.run(within, {resultTypes: ['violations'], ...options})).violations
    .map(rule => `${rule.id} (${rule.impact}): ${rule.nodes.length} x ${rule.nodes[0].html.slice(0, 200)}`)"""
WITHIN = {"exclude": [["[data-testid=stSidebar]"]]}
"""The sidebar is the same beside every page: it is measured with the first."""
ALL_RULES = {"rules": {"presentation-role-conflict": {"enabled": False}}}
"""Minor, and Streamlit's own: the area in which files are dropped has a label although it is not focusable."""
COLOURS = {"runOnly": ["color-contrast"]}
THEN = "at=2026-04-30T00:00:00%2B00:00&source=live"
LISTED = [entry for entry in existing() if entry.listed]
ADDRESSES = [
    *(f"{entry.file}?id=W01" for entry in existing() if not entry.listed),
    "workspace?id=W01&tab=activity",
    "workspace?id=W01&panel=give",
    f"overview?{THEN}&about=conversion",
]


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Page]:
    """One window for all pages, over the ten workspaces whose numbers are known, on the Overview."""
    context = browser.new_context(viewport={"width": WIDTHS[-1], "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    with mini_ledger.rolled_up() as engine, running(engine) as url:
        open_page(page, f"{url}/overview?{THEN}")
        yield page
    context.close()


def cut_off(page: Page) -> dict[int, list[str]]:
    """Return what is cut off on a page, by width."""
    faults_by_width = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if wrong := lasting(page):
            faults_by_width[width] = wrong
    return faults_by_width


def lasting(page: Page) -> list[str]:
    """Return what is cut off once the layout has followed the width, which may take a busy machine a while."""
    with contextlib.suppress(TooSlow):
        drawn(page).wait_for_function(f"() => ({MEASURED})().length === 0", timeout=LAYOUT_MS)
    return list(page.evaluate(MEASURED))


def background(theme: str) -> str:
    """Return the colour of a theme's page as a browser writes it."""
    red, green, blue = bytes.fromhex(THEMES[theme]["backgroundColor"].removeprefix("#"))
    return f"rgb({red}, {green}, {blue})"


def violations(
    page: Page, theme: Literal["dark", "light"], options: dict[str, object], within: object = WITHIN
) -> list[str]:
    """Return what axe-core finds in a theme, which the page follows."""
    page.emulate_media(color_scheme=theme)
    expect(settled(page).get_by_test_id("stApp")).to_have_css("background-color", background(theme))
    page.wait_for_timeout(250)  # colours fade into each other
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [f"{theme}: {each}" for each in page.evaluate(VIOLATIONS, [within, options])]


def faults(page: Page) -> list[str]:
    """Return everything that is wrong with the page in the window."""
    page.emulate_media(color_scheme="light")
    page.mouse.move(0, 0)  # the help of the link that was clicked closes
    cut = [f"{width} px: {wrong}" for width, wrongs in cut_off(page).items() for wrong in wrongs]
    return [*cut, *violations(page, "light", ALL_RULES), *violations(page, "dark", COLOURS)]


def test_the_navigation_has_no_fault_for_axe(window: Page) -> None:
    for theme in ("light", "dark"):
        assert violations(window, theme, ALL_RULES, {"include": [["[data-testid=stSidebar]"]]}) == []


@pytest.mark.parametrize("entry", LISTED, ids=lambda entry: entry.file)
def test_a_page_has_no_fault_at_any_width_or_theme(window: Page, entry: NavigationEntry) -> None:
    assert faults(go_to(window, entry)) == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_opened_by_address_has_no_fault_at_any_width_or_theme(window: Page, address: str) -> None:
    window.goto(urljoin(window.url, f"/{address}"))
    assert faults(settled(window)) == []
