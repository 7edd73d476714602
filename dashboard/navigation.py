"""The pages of the dashboard, in the order of the sidebar. A page whose file does not exist is not listed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

PAGES = Path(__file__).parent.parent / "pages"


@dataclass(frozen=True)
class NavigationEntry:
    """One page: file name without `.py` (also its address), its words, and the permission it asks for.

    `help`: the question that the page answers. A page that needs an object (`?id=`) is not in the sidebar:
    `listed=False`.
    """

    file: str
    title: str
    icon: str
    help: str
    permission: str
    section: str
    listed: bool = True

    @property
    def filtered(self) -> bool:
        """Whether the page has the filter row of the metric pages."""
        return self.section == METRICS and self.file != "definitions"


HOME = "overview"
METRICS, SUPPORT, PRICING, OPERATION = "Metrics", "Support", "Pricing", "Operations"
HOME_OF_ROLE = {"support": "search", "pricing": "pricing"}
"""Where a role begins its day; the others at HOME."""

ENTRIES = [
    NavigationEntry("overview", "Overview", "dashboard", "Is the feature working?", "view_metrics", METRICS),
    NavigationEntry(
        "conversion", "Conversion", "conversion_path", "Who buys after the limit?", "view_metrics", METRICS
    ),
    NavigationEntry(
        "packages",
        "Packages",
        "inventory_2",
        "Which sizes sell, and what do they earn?",
        "view_metrics",
        METRICS,
    ),
    NavigationEntry(
        "purchases",
        "Purchases",
        "receipt_long",
        "What did customers buy?",
        "view_metrics",
        METRICS,
    ),
    NavigationEntry(
        "liability", "Liability", "account_balance", "What do we still owe?", "view_metrics", METRICS
    ),
    NavigationEntry("retention", "Retention", "group", "Do buyers stay longer?", "view_metrics", METRICS),
    NavigationEntry(
        "definitions", "Definitions", "menu_book", "What does each number mean?", "view_metrics", METRICS
    ),
    NavigationEntry(
        "search",
        "Workspaces",
        "search",
        "Which customer is it, and what do they need?",
        "view_workspaces",
        SUPPORT,
    ),
    NavigationEntry(
        "workspace", "Workspace", "work", "What is left, and why?", "view_workspaces", SUPPORT, listed=False
    ),
    NavigationEntry(
        "preview",
        "Customer preview",
        "visibility",
        "What does the customer see?",
        "view_workspaces",
        SUPPORT,
        listed=False,
    ),
    NavigationEntry(
        "batch", "Bulk grants", "playlist_add", "Who should get minutes together?", "grant_in_bulk", SUPPORT
    ),
    NavigationEntry(
        "attributes",
        "Attributes",
        "label",
        "What else is known about workspaces?",
        "set_attributes",
        SUPPORT,
    ),
    NavigationEntry(
        "approvals",
        "Approvals",
        "approval",
        "Which requests need a second person?",
        "view_approvals",
        SUPPORT,
    ),
    NavigationEntry(
        "pricing", "Pricing", "sell", "What would other prices have earned?", "use_pricing", PRICING
    ),
    NavigationEntry(
        "scenario", "Scenarios", "compare", "How do saved scenarios compare?", "view_metrics", PRICING
    ),
    NavigationEntry(
        "purchase",
        "Simulate purchase",
        "shopping_cart",
        "Does a purchase work from end to end?",
        "simulate_purchases",
        PRICING,
    ),
    NavigationEntry(
        "confirming",
        "Confirming",
        "hourglass",
        "Has the money arrived?",
        "simulate_purchases",
        PRICING,
        listed=False,
    ),
    NavigationEntry(
        "events",
        "Events",
        "webhook",
        "What did Stripe send, and what did it change?",
        "view_events",
        OPERATION,
    ),
    NavigationEntry(
        "webhooks",
        "Webhooks",
        "campaign",
        "Did other systems get their events?",
        "view_events",
        OPERATION,
    ),
    NavigationEntry("health", "Health", "monitor_heart", "Is everything healthy?", "view_health", OPERATION),
    NavigationEntry(
        "catalogue",
        "Catalogue",
        "storefront",
        "What do we sell, and at what price?",
        "manage_catalogue",
        OPERATION,
    ),
    NavigationEntry(
        "moving_in",
        "Moving in",
        "move_to_inbox",
        "Does the ledger agree with Stripe and the old system?",
        "link_stripe",
        OPERATION,
    ),
    NavigationEntry(
        "imports",
        "Import",
        "upload_file",
        "How do you import existing history?",
        "import_history",
        OPERATION,
    ),
    NavigationEntry("staff", "Staff and keys", "badge", "Who may do what?", "manage_staff", OPERATION),
    NavigationEntry("audit", "Audit log", "history", "Who did what, when and why?", "view_audit", OPERATION),
]


def existing() -> Iterator[NavigationEntry]:
    """Return the entries whose page file exists."""
    return (entry for entry in ENTRIES if (PAGES / f"{entry.file}.py").exists())


def question(file: str) -> str:
    """Return what a page answers."""
    return next(entry.help for entry in ENTRIES if entry.file == file)


def address(file: str) -> str:
    """Return the path that st.switch_page and st.page_link accept for a page of ours."""
    return f"../pages/{file}.py"


def pages() -> dict[str, list[Any]]:
    """Return Streamlit's pages by section.

    A page that the role may not see is registered, too, so that its address answers "You do not have access" and keeps
    its query.
    """
    sections: dict[str, list[Any]] = {}
    for entry in existing():
        page = st.Page(
            PAGES / f"{entry.file}.py",
            title=entry.title,
            icon=f":material/{entry.icon}:",
            url_path=entry.file,
            default=entry.file == HOME,
            visibility="hidden",
            help=entry.help,
        )
        sections.setdefault(entry.section, []).append(page)
    return sections


def go_home(path: str, role: str) -> None:
    """Open the page with which a role begins its day, once in a session and only from the bare address."""
    first = not st.session_state.get("at_home")
    st.session_state["at_home"] = True
    home = HOME_OF_ROLE.get(role)
    if first and home and not path and not st.query_params:
        st.switch_page(address(home))
