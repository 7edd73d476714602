"""What metrics, plans and codes are called on a screen: labels of one to three words."""

from collections.abc import Mapping

from dashboard.text import sentence_case
from ledger.metrics import METRICS

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
    "purchases, refunds and disputes": "payments",
    "warnings": "alerts",
    "workspace-days": "days cut short",
    "package-days": "days of use",
}
"""What a tile calls the cases of a metric, where the metric's own noun is long."""


def label(slug: str) -> str:
    """Return the label of a metric."""
    return SHORT.get(slug) or METRICS[slug].name


def cases(slug: str) -> tuple[str, str]:
    """Return what is counted behind a metric, in the singular and in the plural."""
    many = SHORTER.get(METRICS[slug].of, METRICS[slug].of)
    return f"{{n}} {SINGULAR.get(many, many.removesuffix('s'))}", f"{{n}} {many}"


def code_name(code: str | None) -> str:
    """Return what a plan or package without a name of its own is called."""
    return sentence_case(code or "none")
