"""Labels of metrics, plans and codes on screens: one to three words."""

import re
from collections.abc import Mapping

from sqlalchemy import Connection

from dashboard.text import sentence_case
from ledger.metrics import METRICS
from ledger.payments import catalogue_names

CYCLE_NAMES: Mapping[str, str] = {
    "monthly": "Paid monthly",
    "annual": "Paid annually",
    "none": "Without a plan",
}
_BAND = re.compile(r"\d+-\d+")

SHORT: Mapping[str, str] = {
    "alert-to-purchase": "Alert to purchase",
    "arppu": "Revenue per buyer",
    "average-package-minutes": "Average package",
    "average-package-minutes-net": "Average package, net",
    "average-package-revenue": "Revenue per package",
    "average-package-revenue-net": "Net revenue per package",
    "bought-before-limit": "Bought early",
    "conversion": "Conversion",
    "conversion-first-hit": "First hits only",
    "conversion-net": "Net of refunds",
    "conversion-per-hit": "Per limit hit",
    "conversion-top-up": "By auto top-up",
    "days-of-cover": "Days of cover",
    "disputes-lost": "Lost disputes",
    "fees": "Processing fees",
    "incidence": "Churn-adjusted",
    "liability-minutes": "Owed minutes",
    "liability-money": "Owed money",
    "median-package-minutes": "Median package",
    "price-per-minute": "Price per minute",
    "recognised-money": "Earned money",
    "refund-rate": "Fully refunded",
    "refunds": "Refunds",
    "repeat-rate": "Repeat buyers",
    "retention-effect": "Retention",
    "revenue-gross": "Gross revenue",
    "revenue-net": "Net revenue",
    "revenue-per-hitter": "Revenue per limit hit",
    "time-to-purchase": "Time to purchase",
    "unmet-minutes": "Unmet minutes",
    "upgrade-after-hit": "Upgrades",
    "webhook-lag": "Webhook lag",
}
SINGULAR: Mapping[str, str] = {"days cut short": "day cut short", "days of use": "day of use"}
SHORTER: Mapping[str, str] = {
    "paying workspaces": "buyers",
    "warnings": "alerts",
    "purchases, refunds and disputes": "payments",
    "workspace-days": "days cut short",
    "package-days": "days of use",
}
"""What a tile calls the cases of a metric, where the metric's own noun is long."""


def label(slug: str) -> str:
    """Return the label of a metric."""
    return SHORT.get(slug) or METRICS[slug].name


def cases(slug: str) -> tuple[str, str]:
    """Return the noun of the cases behind a metric, singular and plural."""
    many = SHORTER.get(METRICS[slug].of, METRICS[slug].of)
    return f"{{n}} {SINGULAR.get(many, many.removesuffix('s'))}", f"{{n}} {many}"


def plan_name(db: Connection, code: str | None) -> str:
    """Return the name of a plan, or the label for no plan."""
    return catalogue_names(db).plans.get(code or "", code or "") if code not in (None, "none") else "No plan"


def package_name(db: Connection, code: str | None) -> str:
    """Return the name of a package."""
    return catalogue_names(db).packages.get(code or "", code or "None")


def attribute_name(key: str) -> str:
    """Return the label of an attribute: `account_manager` is "Account manager"."""
    return sentence_case(key)


def segment_name(segment: str | None) -> str:
    """Return the label of a segment: texts and bands as they are."""
    return (
        "Not set"
        if segment in (None, "none")
        else segment.replace("-", "–")
        if _BAND.fullmatch(segment)
        else segment
    )


def part_name(db: Connection, by: str, code: str | None) -> str:
    """Return the name of one part of a number that is divided by plan, billing cycle, package or an attribute."""
    if by == "plan":
        return plan_name(db, code)
    if by == "package":
        return package_name(db, code)
    return CYCLE_NAMES.get(code or "none", code or "") if by == "billing_cycle" else segment_name(code)
