"""The ten commonest tasks of three people, each as a person does it, with every key and click counted.

A task begins where the one before it ended. Typing or pasting into one field counts as one action.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from playwright.sync_api import Locator, Page, expect

from dashboard.text import sentence_case
from tests.browser.server import drawn, part, settled


@dataclass
class Hand:
    """A person at the keyboard; `actions` is how many keys and clicks they needed so far."""

    page: Page
    phone: bool
    customer: str
    actions: int = 0

    def click(self, element: Locator) -> None:
        """Click, or tap, once the page stands still."""
        settled(self.page)
        element.scroll_into_view_if_needed()
        drawn(self.page)
        element.click()
        self.actions += 1

    def type(self, element: Locator, text: str) -> None:
        """Fill in one field."""
        settled(self.page)
        element.fill(text)
        self.actions += 1

    def press(self, key: str) -> None:
        """Press one key, or a key with Ctrl."""
        settled(self.page).keyboard.press(key)
        self.actions += 1

    def go(self, title: str) -> None:
        """Open a page by its link in the sidebar; on a phone by the search, which lists every page."""
        if self.phone:
            self.search()
        place = self.page.get_by_role("dialog") if self.phone else self.page.get_by_test_id("stSidebar")
        links = place.get_by_test_id("stPageLink-NavLink")
        self.page.mouse.move(700, 5)  # the help of the last link covers its neighbours
        self.click(links.filter(visible=True).filter(has_text=re.compile(f"{re.escape(title)}( [0-9]+)?$")))
        self.see(self.page.get_by_role("heading", level=1, name=title, exact=True))
        expect(self.page.get_by_role("dialog")).to_have_count(0)  # a choice closes the search

    def search(self) -> None:
        """Open the search over the page: a key, or the button on a phone."""
        if self.phone:
            self.click(part(self.page, "jump").get_by_role("button"))
        else:
            self.press("Control+k")

    def see(self, answer: Locator) -> None:
        """Wait until the answer is on the screen, for which nothing more is pressed."""
        expect(answer.first).to_be_visible()


class Task(NamedTuple):
    """One task: who does it, its name in the guides, and the steps."""

    person: str
    name: str
    walk: Callable[[Hand], None]


def _button(hand: Hand, name: str | re.Pattern[str]) -> Locator:
    return hand.page.get_by_role("button", name=name, exact=isinstance(name, str))


def _answer(hand: Hand, words: str) -> Locator:
    return hand.page.locator("[class*='st-key-answer_']").filter(has_text=re.compile(words))


def _opens(title: str, words: str) -> Callable[[Hand], None]:
    """Return the steps of a task that is answered by the sentence at the head of a page."""

    def walk(hand: Hand) -> None:
        hand.go(title)
        hand.see(_answer(hand, words))

    return walk


def _one_plan(hand: Hand) -> None:
    hand.click(_button(hand, re.compile("Filter")))
    hand.click(hand.page.get_by_role("combobox", name="Plan"))
    hand.click(hand.page.get_by_role("option", name="Pro"))
    hand.see(part(hand.page, "chip_plan"))
    hand.page.keyboard.press("Escape")
    part(settled(hand.page), "chip_plan").get_by_role("button").click()
    expect(part(hand.page, "chip_plan")).to_have_count(0)


def _last_year(hand: Hand) -> None:
    hand.click(part(hand.page, "filter_period").get_by_role("combobox"))
    hand.click(hand.page.get_by_role("option", name="Last 365 days"))
    hand.page.wait_for_url("**period=365d**")
    hand.see(_answer(hand, "[0-9]%"))


def _revenue(hand: Hand) -> None:
    hand.go("Overview")
    hand.click(part(hand.page, "show_revenue-net").get_by_role("button"))
    hand.see(hand.page.get_by_role("heading", name=re.compile("Net revenue by")))


def _meaning(hand: Hand) -> None:
    hand.click(part(hand.page, "about_conversion").get_by_role("button"))
    hand.see(hand.page.get_by_role("dialog").get_by_text("Worked example"))


def _rows(hand: Hand) -> None:
    hand.click(hand.page.get_by_role("dialog").get_by_role("tab", name="Rows"))
    hand.see(hand.page.get_by_role("dialog").get_by_role("button", name="CSV of all rows"))
    hand.page.keyboard.press("Escape")


def _find(hand: Hand) -> None:
    hand.type(hand.page.get_by_label("Search", exact=True), hand.customer)
    hand.click(part(hand.page, "q_results").get_by_role("link", name=hand.customer).first)
    hand.see(hand.page.get_by_role("heading", level=1, name=hand.customer))


def _find_anywhere(hand: Hand) -> None:
    hand.search()
    window = hand.page.get_by_role("dialog")
    hand.type(window.get_by_role("searchbox"), hand.customer)
    hand.click(window.get_by_role("link", name=hand.customer).first)
    hand.see(hand.page.get_by_role("heading", level=1, name=hand.customer))


def _explain(hand: Hand) -> None:
    hand.click(hand.page.get_by_role("tab", name="Explain"))
    hand.see(hand.page.get_by_text("In total:"))


def _payments(hand: Hand) -> None:
    hand.click(hand.page.get_by_role("tab", name="Payments"))
    hand.see(hand.page.get_by_role("heading", name="Auto top-up", exact=True))


def _give(hand: Hand) -> None:
    hand.click(_button(hand, "Give minutes"))
    hand.type(part(hand.page, "grant_words").get_by_role("textbox"), "sorry for the trouble")
    hand.click(part(hand.page, "grant_submit").get_by_role("button"))
    hand.see(hand.page.get_by_text("60 minutes granted."))


def _refund(hand: Hand) -> None:
    hand.click(_button(hand, "Refund"))
    hand.type(part(hand.page, "refund_words").get_by_role("textbox"), "did not need them")
    hand.click(part(hand.page, "refund_submit").get_by_role("button"))
    hand.see(hand.page.get_by_text(re.compile(r"\$[0-9.]+ refunded")))


def _note(hand: Hand) -> None:
    hand.click(hand.page.get_by_role("tab", name="Notes"))
    hand.type(hand.page.get_by_label("New note"), f"called about the balance {hand.phone}")
    hand.click(_button(hand, "Save note"))
    hand.see(hand.page.get_by_test_id("stText").filter(has_text=f"called about the balance {hand.phone}"))


def _customer_page(hand: Hand) -> None:
    hand.click(hand.page.get_by_test_id("stMain").get_by_role("link", name="Customer preview"))
    hand.see(hand.page.locator("iframe"))


def _example(name: str) -> Callable[[Hand], None]:
    """Return the steps that try one of the example questions of the lab."""

    def walk(hand: Hand) -> None:
        hand.click(_button(hand, re.compile(name)))
        hand.see(_answer(hand, "revenue|money|change"))

    return walk


def _step(hand: Hand) -> None:
    slider = hand.page.get_by_role("slider", name=re.compile("Starter: minutes"))
    slider.focus()
    hand.press("ArrowRight")
    expect(slider).to_have_value("205")
    hand.see(_answer(hand, "revenue|money|change"))


def _save(hand: Hand) -> None:
    name = f"More minutes {hand.phone}"
    hand.click(_button(hand, re.compile("Save this scenario")))
    hand.type(part(hand.page, "pr_name").get_by_role("textbox"), name)
    hand.click(part(hand.page, "pr_save").get_by_role("button"))
    hand.see(hand.page.get_by_test_id("stCode").filter(has_text="/scenario?scenario="))
    hand.page.keyboard.press("Escape")


def _tab(name: str, words: str) -> Callable[[Hand], None]:
    """Return the steps that open a tab of the lab."""

    def walk(hand: Hand) -> None:
        hand.click(hand.page.get_by_role("tab", name=name))
        hand.see(hand.page.get_by_text(re.compile(words)))

    return walk


def _reset(hand: Hand) -> None:
    hand.click(_button(hand, "Reset to today"))
    hand.see(_answer(hand, "[Tt]oday|[Cc]hange a price"))


def _buy(hand: Hand) -> None:
    hand.go("Simulate purchase")
    hand.click(_button(hand, re.compile("^Pay")).first)
    hand.see(hand.page.get_by_text(sentence_case("paid: 60 min added.")))


TASKS = [
    Task("product", "See whether the feature works", _opens("Overview", "revenue.*conversion")),
    Task("product", "Compare conversion with the quarter before", _opens("Conversion", "[0-9]%")),
    Task("product", "Look at one plan", _one_plan),
    Task("product", "Look at a whole year", _last_year),
    Task("product", "Show revenue over time", _revenue),
    Task("product", "Read what a number means", _meaning),
    Task("product", "See the rows behind a number", _rows),
    Task("product", "See what is still owed", _opens("Liability", "min|owe")),
    Task("product", "See which sizes sell", _opens("Packages", "sells most")),
    Task("product", "See whether buyers stay longer", _opens("Retention", "[Bb]uyers|retention")),
    Task("support", "See who needs help now", _opens("Workspaces", "blocked|low")),
    Task("support", "Find a customer", _find),
    Task("support", "Explain a balance", _explain),
    Task("support", "See what they paid", _payments),
    Task("support", "Give minutes", _give),
    Task("support", "Refund a purchase", _refund),
    Task("support", "Write a note", _note),
    Task("support", "See what the customer sees", _customer_page),
    Task("support", "Find a customer from any page", _find_anywhere),
    Task("support", "See requests waiting for approval", _opens("Approvals", "to approve|waiting")),
    Task("pricing", "Try a lower price", _example("Small at 8.99")),
    Task("pricing", "Try a smaller plan", _example("Starter with 150 minutes")),
    Task("pricing", "Drop a package", _example("Drop Medium")),
    Task("pricing", "Go back to today's prices", _reset),
    Task("pricing", "Move an allowance by one step", _step),
    Task("pricing", "Save a scenario", _save),
    Task("pricing", "See how far the lab can be trusted", _tab("Trust", "How reliable is this")),
    Task("pricing", "Plan a price test", _tab("Price test", "Price change in the test arm")),
    Task("pricing", "See saved scenarios", _opens("Scenarios", "scenario")),
    Task("pricing", "Try a purchase from end to end", _buy),
]
