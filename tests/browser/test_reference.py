"""The reference of the interface is readable in both themes and fits a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.dashboard.api_server import serving

CONTRAST = """() => {
    const channels = color => color.match(/[0-9.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = e => {
        for (; e; e = e.parentElement) {
            const color = channels(getComputedStyle(e).backgroundColor);
            if (color.length === 3 || color[3] > 0) return color;
        }
        return matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255];
    };
    return Math.min(...[...document.querySelectorAll('h1, p')].filter(e => e.innerText).slice(0, 4).map(e => {
        const [one, other] = [channels(getComputedStyle(e).color), behind(e)].map(light);
        return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    }));
}"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The interface alone."""
    with serving() as url:
        yield url


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/errors"])
def test_the_reference_is_readable_in_both_themes_and_fits_a_phone(
    browser: Browser, address: str, path: str, scheme: str
) -> None:
    with browser.new_context(color_scheme=scheme, viewport={"width": 390, "height": 800}) as context:
        page = context.new_page()
        errors: list[str] = []
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.goto(f"{address}{path}")
        page.wait_for_selector("h1", timeout=120_000)

        assert page.evaluate(CONTRAST) > 4.5
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert errors == []
