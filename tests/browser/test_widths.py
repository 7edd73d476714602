"""No text is cut off at any width: every page is opened once and measured at four widths; wide tables scroll by themselves."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from dashboard.navigation import existing
from tests import mini_ledger
from tests.browser.server import open_page, running

WIDTHS = (390, 768, 1024, 1440)
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
    if (document.documentElement.scrollWidth > innerWidth + 1) wrong.push('the page scrolls sideways');
    return [...new Set(wrong)];
}"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The dashboard over the ten workspaces whose numbers are known."""
    with mini_ledger.rolled_up() as engine, running(engine) as url:
        yield url


def faults(page: Page, url: str) -> dict[int, list[str]]:
    """Return what is cut off on a page, by width."""
    page.set_viewport_size({"width": WIDTHS[-1], "height": 900})
    open_page(page, url)
    faults_by_width = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(250)  # the layout follows the width
        if wrong := page.evaluate(MEASURED):
            faults_by_width[width] = wrong
    return faults_by_width


def test_nothing_is_cut_off_at_any_width(address: str, page: Page) -> None:
    paths = [entry.file for entry in existing() if entry.listed]

    broken = {path: wrong for path in paths if (wrong := faults(page, f"{address}/{path}"))}

    assert broken == {}
