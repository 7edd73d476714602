"""Three people do their ten commonest tasks in a real browser, on a desk and on a phone, and every key is counted.

Run it with `-rP` to see the keys and seconds of each task. The three paths at the end are those of somebody who has
never seen the product: from the first address to the answer.
"""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.navigation import HOME, HOME_OF_ROLE
from tests.browser.server import open_page, part
from tests.browser.tasks import TASKS, Hand, Task
from tests.databases import CHECKOUT
from tests.pictures import PEOPLE, Company, act_as, demo_company

WORKSPACES, MONTHS = 90, 7
MOST_ACTIONS = 3
MOST_SECONDS = 10
BUSY = 6  # the tests of a busy machine may take that many times as long
HOMES = {"product": HOME, **HOME_OF_ROLE}
WIDTHS = (1440, 390)


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    """A small demo company, and a customer of it who bought and has minutes left of that."""
    with demo_company(WORKSPACES, MONTHS) as served:
        yield served


@pytest.fixture(scope="module", params=WIDTHS)
def hand(request: pytest.FixtureRequest, browser: Browser, company: Company) -> Iterator[Hand]:
    """A person at a window of one width, who does one task after the other."""
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    context.set_default_timeout(60_000)
    yield Hand(context.new_page(), request.param < 600, company.customer)
    context.close()


def begin_day(page: Page, url: str, person: str) -> None:
    """Become one of the demo staff, and begin where their day begins."""
    act_as(page, url, person)
    open_page(page, f"{url}/{HOMES[person]}")
    expect(part(page, "person")).to_contain_text(PEOPLE[person])  # a reload changes nobody


def documented(person: str) -> dict[str, str]:
    """Return the tasks of a guide with the keys and clicks that it names: `1`, or `1, on a phone 2`."""
    guide = (CHECKOUT / "docs" / f"guide_{person}.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| ([0-9][^|]*) \|$", guide, re.MULTILINE)
    return dict(rows)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: f"{task.person}: {task.name}")
def test_a_task_takes_three_keys_or_clicks_and_few_seconds(hand: Hand, company: Company, task: Task) -> None:
    if task == next(one for one in TASKS if one.person == task.person):
        begin_day(hand.page, company.url, task.person)
    hand.actions, began = 0, time.monotonic()

    task.walk(hand)

    seconds = time.monotonic() - began
    print(f"{task.person}: {task.name}{' (phone)' if hand.phone else ''}: {hand.actions}, {seconds:.1f} s")
    counted = documented(task.person)[task.name]
    desk, phone = (re.findall("[0-9]+", counted) * 2)[:2]
    assert hand.actions == int(phone if hand.phone else desk)
    assert hand.actions <= MOST_ACTIONS
    assert seconds <= MOST_SECONDS * BUSY


def test_each_guide_lists_the_ten_tasks_that_are_walked() -> None:
    for person in PEOPLE:
        assert list(documented(person)) == [task.name for task in TASKS if task.person == person]
        assert len(documented(person)) == 10


@pytest.fixture
def newcomer(page: Page, company: Company) -> Hand:
    """Somebody who opens the printed address for the first time."""
    return Hand(page, phone=False, customer=company.customer)


def test_is_the_feature_working_is_answered_by_the_first_screen(newcomer: Hand, company: Company) -> None:
    began = time.monotonic()
    open_page(newcomer.page, company.url)

    newcomer.see(newcomer.page.locator("[class*='st-key-answer_']").filter(has_text="conversion"))

    for slug in ("conversion", "average-package-minutes", "revenue-net", "retention-effect"):
        newcomer.see(part(newcomer.page, f"tile_{slug}").get_by_test_id("stMetricValue"))
    assert newcomer.actions == 0
    assert time.monotonic() - began < 60


def test_why_a_customer_has_their_minutes_is_answered_by_search_and_one_sentence(
    newcomer: Hand, company: Company
) -> None:
    began = time.monotonic()
    open_page(newcomer.page, company.url)

    newcomer.search()
    window = newcomer.page.get_by_role("dialog")
    newcomer.type(window.get_by_role("searchbox"), company.customer)
    newcomer.click(window.get_by_role("link", name=company.customer).first)

    total = newcomer.page.get_by_text(re.compile(r"In total: .* credited − .* = .* left\."))
    newcomer.see(total)
    left = re.search(r"= ([0-9,]+) left", total.first.inner_text())
    assert left
    newcomer.see(part(newcomer.page, "fact_left").get_by_test_id("stMetricValue").filter(has_text=left[1]))
    assert newcomer.actions <= MOST_ACTIONS
    assert time.monotonic() - began < 60


def test_should_small_cost_8_99_is_answered_by_one_click_in_the_lab(newcomer: Hand, company: Company) -> None:
    began = time.monotonic()
    open_page(newcomer.page, company.url)

    newcomer.go("Pricing")
    newcomer.click(newcomer.page.get_by_role("button", name=re.compile("Small at 8.99")))

    newcomer.see(newcomer.page.get_by_text("from 200 draws"))
    newcomer.see(
        newcomer.page.locator("[class*='st-key-answer_']").filter(has_text=re.compile("chance|year"))
    )
    assert newcomer.actions <= MOST_ACTIONS
    assert time.monotonic() - began < 60


def test_on_a_phone_a_choice_in_the_sidebar_closes_it(browser: Browser, company: Company) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 900})
    page = open_page(context.new_page(), company.url)
    sidebar = page.get_by_test_id("stSidebar")
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(sidebar).to_have_attribute("data-collapsed", "false")

    sidebar.get_by_role("link", name="Conversion").click()

    expect(page.get_by_role("heading", level=1, name="Conversion")).to_be_visible()
    expect(sidebar).to_have_attribute("data-collapsed", "true")
    context.close()
