"""The metric pages in a real browser, over the ten workspaces whose numbers are known."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests import mini_ledger
from tests.browser.server import START_TOKEN, open_page, part, running, settled

THEN = "at=2026-04-30T00:00:00%2B00:00&source=live"
FIRST_NUMBER = {
    "overview": ("conversion", "4 of 7"),
    "conversion": ("conversion", "4 of 7"),
    "packages": ("average-package-minutes", "210 min"),
    "liability": ("liability-minutes", "1,065 min"),
}
ROOM_LEFT = """(value, shown) => {
    const words = document.createTreeWalker(value, NodeFilter.SHOW_TEXT).nextNode();
    words.textContent = shown;
    const range = document.createRange();
    range.selectNodeContents(words);
    const card = value.closest('[class*=st-key-tile_]').getBoundingClientRect();
    return [card.right - range.getBoundingClientRect().right, range.getClientRects().length];
}"""
WORDS = """() => {
    const main = document.querySelector('[data-testid=stMain]').cloneNode(true);
    for (const icon of main.querySelectorAll('[data-testid=stIconMaterial], svg.main-svg, style, script')) icon.remove();
    document.body.append(main);
    const count = main.innerText.split(/\\s+/).filter(word => /[a-z0-9]/i.test(word)).length;
    main.remove();
    return count;
}"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The dashboard over them."""
    with mini_ledger.rolled_up() as story, running(story) as url:
        yield url


@pytest.mark.parametrize("name", FIRST_NUMBER)
def test_a_page_shows_its_number_narrows_by_plan_and_opens_and_saves_its_rows(
    address: str, page: Page, name: str, tmp_path: Path
) -> None:
    slug, shown = FIRST_NUMBER[name]

    open_page(page, f"{address}/{name}?{THEN}")
    card = part(page, f"tile_{slug}")
    expect(page.get_by_role("heading", level=1)).to_have_text(name.capitalize())
    expect(card.get_by_test_id("stMetricValue")).to_have_text(shown)

    page.get_by_role("button", name="Filter").click()
    page.get_by_role("combobox", name="Plan").click()
    page.get_by_role("option", name="Pro").click()
    page.wait_for_url("**plan=pro**")
    expect(card.get_by_test_id("stMetricValue")).not_to_have_text(shown)
    page.keyboard.press("Escape")
    part(settled(page), "chip_plan").get_by_role("button").click()
    expect(card.get_by_test_id("stMetricValue")).to_have_text(shown)

    part(settled(page), f"about_{slug}").get_by_role("button").click()
    window = page.get_by_role("dialog")
    expect(window.get_by_text("Worked example")).to_be_visible()
    settled(page)
    window.get_by_role("tab", name="Rows").click()
    with page.expect_download() as saving:
        window.get_by_role("button", name="CSV of all rows").click()
    assert f"about={slug}" in settled(page).url
    saved = tmp_path / "rows.csv"
    saving.value.save_as(saved)
    head, _names, *lines = saved.read_text("utf-8-sig").splitlines()
    assert f"rows {len(lines)};" in head

    settled(page)
    window.get_by_role("button", name="Close").click()
    expect(window).to_be_hidden()
    page.wait_for_url(lambda url: "about=" not in url)


def test_on_a_phone_money_of_five_figures_stays_in_one_line_and_clear_of_the_edge(
    address: str, page: Page
) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    open_page(page, f"{address}/overview?{THEN}")
    card = part(page, "tile_revenue-net")
    value = card.get_by_test_id("stMetricValue")
    expect(value).to_contain_text("$")

    for shown in ("$12,345.67", "−$98,765.43"):
        gap, lines = value.evaluate(ROOM_LEFT, shown)
        assert gap >= 8
        assert lines == 1


def test_every_purchase_is_listed_filtered_by_state_and_saved(
    address: str, page: Page, tmp_path: Path
) -> None:
    open_page(page, f"{address}/purchases?{THEN}")
    expect(page.get_by_text("7 purchases with")).to_be_visible()

    page.get_by_role("button", name="Refunded", exact=True).click()
    expect(page.get_by_text("1 purchase with")).to_be_visible()
    page.wait_for_url("**state=refunded**")
    settled(page)

    with page.expect_download() as saving:
        page.get_by_role("button", name="CSV of all purchases").click()
    saved = tmp_path / "purchases.csv"
    saving.value.save_as(saved)
    assert saved.read_text("utf-8-sig").startswith('"purchases; rows 1;')


def test_searching_for_a_word_shows_a_definition_and_its_worked_example(address: str, page: Page) -> None:
    open_page(page, f"{address}/definitions")

    page.get_by_role("textbox", name="Find").fill("median package")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Median package")).to_be_visible()
    expect(page.get_by_text("Worked example")).to_be_visible()


def test_the_overview_fits_one_screen_and_few_words(address: str, page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    open_page(page, f"{address}/overview?{THEN}")
    expect(part(page, "tile_liability-minutes")).to_be_visible()

    assert (
        part(settled(page), "tile_liability-minutes").evaluate("tile => tile.getBoundingClientRect().bottom")
        <= 900
    )
    assert page.evaluate(WORDS) <= 150


def test_ctrl_k_leads_from_anywhere_to_a_page(address: str, page: Page) -> None:
    open_page(page, f"{address}/overview?{THEN}")

    page.keyboard.press("Control+k")
    window = page.get_by_role("dialog")
    window.get_by_role("searchbox").fill("liab")
    window.get_by_role("link", name="Liability").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Liability")


def test_a_choice_right_after_typing_is_sent_after_what_was_typed(address: str, page: Page) -> None:
    sent: list[bytes | str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))  # noqa: PLW0108  Playwright marks it
    open_page(page, f"{address}/overview?{THEN}")
    settled(page).keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("link", name="Liability").wait_for()
    settled(page)
    sent.clear()

    page.get_by_role("searchbox").fill("liab")
    page.evaluate("document.querySelector('[role=dialog] a[href*=liability]').click()")
    expect(page.get_by_role("heading", level=1)).to_have_text("Liability")
    page.wait_for_timeout(500)

    reruns = [BackMsg.FromString(frame).rerun_script for frame in sent if isinstance(frame, bytes)]
    assert reruns[0].fragment_id
    assert not any(each.fragment_id for each in reruns[1:])


COUNT_SEARCHES = """window.searches = 0; document.addEventListener("click", event => {
    window.searches += Boolean(event.target.closest(".st-key-jump"));
}, true)"""


def test_ctrl_k_opens_the_search_even_before_its_button_has_loaded(address: str, page: Page) -> None:
    paused: list[Route] = []
    page.route("**/Button.*.js", lambda route: paused.append(route))  # noqa: PLW0108  Playwright marks what it is given
    page.context.add_cookies([{"name": "start_token", "value": START_TOKEN, "url": address}])
    page.goto(f"{address}/overview?{THEN}")
    while not (paused and page.evaluate("window.opensSearch")):
        page.wait_for_timeout(50)
    expect(part(page, "jump").get_by_role("button")).to_have_count(0)

    page.evaluate(COUNT_SEARCHES)
    page.keyboard.press("Control+k")
    page.keyboard.press("Control+k")
    paused[0].continue_()

    expect(page.get_by_role("dialog").get_by_role("searchbox")).to_be_visible()
    assert page.evaluate("window.searches") == 1


def test_one_press_of_back_undoes_one_choice(address: str, page: Page) -> None:
    open_page(page, f"{address}/overview?{THEN}")
    tile = part(page, "tile_conversion")
    expect(tile.get_by_test_id("stMetricValue")).to_have_text("4 of 7")

    part(settled(page), "filter_period").get_by_role("combobox").click()
    page.get_by_role("option", name="Last 30 days").click()
    page.wait_for_url("**period=30d**")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Liability").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Liability")
    assert "period=30d" in page.url
    settled(page).go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    assert "period=30d" in page.url
    settled(page).go_back()

    page.wait_for_url(lambda url: "period=" not in url)
    expect(tile.get_by_test_id("stMetricValue")).to_have_text("4 of 7")
