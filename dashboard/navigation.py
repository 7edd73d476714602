"""The pages of the dashboard, in the order of the sidebar. A page whose file does not exist is not listed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.access import Operator

PAGES = Path(__file__).parent.parent / "pages"


@dataclass(frozen=True)
class Entry:
    """One page: file name without `.py` (also its address), its words, and the permission it asks for.

    `help`: the question that the page answers; it stands over the page's title.

    A page that needs an object (`?id=`) is not in the sidebar: `listed=False`.
    """

    file: str
    title: str
    icon: str
    help: str
    permission: str
    section: str
    listed: bool = True


HOME = "overview"
METRICS, SUPPORT, PRICING, OPERATION = "Metrics", "Support", "Pricing", "Operation"

ENTRIES = [
    Entry("overview", "Overview", "dashboard", "Is the feature working?", "view_metrics", METRICS),
    Entry(
        "conversion", "Conversion", "conversion_path", "Who buys after the limit?", "view_metrics", METRICS
    ),
    Entry(
        "packages",
        "Packages",
        "inventory_2",
        "Which sizes are bought, and what do they earn?",
        "view_metrics",
        METRICS,
    ),
    Entry(
        "purchases",
        "Purchases",
        "receipt_long",
        "What was bought, and what became of it?",
        "view_metrics",
        METRICS,
    ),
    Entry("liability", "Liability", "account_balance", "What do we still owe?", "view_metrics", METRICS),
    Entry("retention", "Retention", "group", "Do buyers stay because they bought?", "view_metrics", METRICS),
    Entry("definitions", "Definitions", "menu_book", "What does each number mean?", "view_metrics", METRICS),
    Entry(
        "search",
        "Workspaces",
        "search",
        "Find one by anything that a customer may quote.",
        "view_workspaces",
        SUPPORT,
    ),
    Entry(
        "workspace", "Workspace", "work", "What is left, and why?", "view_workspaces", SUPPORT, listed=False
    ),
    Entry(
        "preview",
        "Customer preview",
        "visibility",
        "What does the customer see?",
        "view_workspaces",
        SUPPORT,
        listed=False,
    ),
    Entry(
        "batch", "Bulk grants", "playlist_add", "Minutes for a list of workspaces", "grant_in_bulk", SUPPORT
    ),
    Entry("approvals", "Approvals", "approval", "What waits for a second person?", "view_approvals", SUPPORT),
    Entry("pricing", "Pricing", "sell", "What would other prices have done?", "use_pricing", PRICING),
    Entry("scenario", "Scenarios", "compare", "Saved pricing scenarios", "view_metrics", PRICING),
    Entry(
        "purchase",
        "Simulate purchase",
        "shopping_cart",
        "Does a purchase work from end to end?",
        "simulate_purchases",
        PRICING,
    ),
    Entry(
        "confirming",
        "Confirming",
        "hourglass",
        "Has the money arrived?",
        "simulate_purchases",
        PRICING,
        listed=False,
    ),
    Entry(
        "events",
        "Events",
        "webhook",
        "What did Stripe tell us, and what did it do?",
        "view_events",
        OPERATION,
    ),
    Entry("warnings", "Warnings", "campaign", "What were customers' systems told?", "view_events", OPERATION),
    Entry("health", "Health", "monitor_heart", "Is everything in order?", "view_health", OPERATION),
    Entry(
        "catalogue",
        "Catalogue",
        "storefront",
        "What is on sale, and for how much?",
        "manage_catalogue",
        OPERATION,
    ),
    Entry("staff", "Staff and keys", "badge", "Who may do what?", "manage_staff", OPERATION),
    Entry("audit", "Audit log", "history", "Who did what, when and why?", "view_audit", OPERATION),
]


def existing() -> Iterator[Entry]:
    """The entries whose page file exists."""
    return (entry for entry in ENTRIES if (PAGES / f"{entry.file}.py").exists())


def question(page: Any) -> str:
    """What this page answers."""
    return next(entry.help for entry in ENTRIES if entry.file == (page.url_path or HOME))


def address(file: str) -> str:
    """The path that st.switch_page and st.page_link take for a page of ours."""
    return f"../pages/{file}.py"


def pages(operator: Operator) -> dict[str, list[Any]]:
    """Streamlit pages by section.

    A page the role may not see is registered but not listed, so that its address answers "You do not have access"
    and keeps its query.
    """
    sections: dict[str, list[Any]] = {}
    for entry in existing():
        seen = entry.listed and operator.may(entry.permission)
        page = st.Page(
            PAGES / f"{entry.file}.py",
            title=entry.title,
            icon=f":material/{entry.icon}:",
            url_path=entry.file,
            default=entry.file == HOME,
            visibility="visible" if seen else "hidden",
            help=entry.help,
        )
        sections.setdefault(entry.section, []).append(page)
    return sections
