"""The Overview: is the feature working? One sentence, four tiles over a chart, and supporting tiles."""

from dashboard.kit import template, tiles
from dashboard.kit.changes import MetricChange
from dashboard.kit.figures import Figures
from dashboard.panels import about, main_chart
from dashboard.screens import retention
from dashboard.text import decimal, percent, plain
from ledger.metrics import Measure

HEADLINES = ("conversion", "average-package-minutes", "revenue-net", "retention-effect")
CHARTED = HEADLINES[:3]
SUPPORTING = ("conversion-net", "average-package-revenue", "refunds", "unmet-minutes", "liability-minutes")


def answer(
    conversion: Measure, change: MetricChange | None, revenue: Measure, earned: MetricChange | None
) -> str:
    """Return the answer in one sentence: revenue and conversion, each with its certainty."""
    if not revenue.n and not conversion.n:
        if conversion.pending:
            pending = decimal(conversion.pending)
            return f"**Too early to say**: {pending} workspaces hit the limit, and all may still buy."
        return "**Nothing to report yet**: nobody hit the limit or bought in this period."
    parts = [_revenue(revenue, earned), _conversion(conversion, change)]
    return "; ".join(part for part in parts if part) + "."


def _revenue(result: Measure, change: MetricChange | None) -> str:
    amount = plain(tiles.shown(result))
    if change is None or change.percent is None:
        return f"Net revenue is **{amount}**"
    if not change.sure:
        return f"Net revenue is **{amount}**, no clear change ({change.shown})"
    verb = "up" if change.by > 0 else "down"
    return f"Net revenue is **{verb} {change.shown.lstrip('+−')}** to {amount}"


def _conversion(result: Measure, change: MetricChange | None) -> str:
    if result.value is None:
        waiting = (
            f"{decimal(result.pending)} workspaces may still buy"
            if result.pending
            else "nobody hit the limit"
        )
        return f"conversion is not known yet ({waiting})"
    if result.few:
        return f"**{tiles.shown(result)}** workspaces that hit the limit bought, too few for a rate"
    rate = f"**{percent(result.value)}** ({tiles.span(result)})"
    if change is None:
        return f"conversion is {rate}"
    if not change.sure:
        return f"conversion is unchanged at {rate}"
    return f"conversion is **{'up' if change.by > 0 else 'down'} {change.shown.lstrip('+−')}** to {rate}"


def sentence(figures: Figures) -> str:
    """Return the answer of the page."""
    slugs = ("conversion", "revenue-net")
    (conversion, change), (revenue, earned) = ((figures.of(slug), figures.change(slug)) for slug in slugs)
    return answer(conversion, change, revenue, earned)


def show(figures: Figures) -> list[Measure]:
    """Draw the answer, the headline tiles with the selected chart, and the supporting tiles; return the measures."""
    figures.read_ahead(
        (*CHARTED, *SUPPORTING, "revenue-net"),
        {"slug": "retention-effect", "period": retention.twelve_months(figures.filters)},
        *({"slug": slug, "by": figures.filters.grain} for slug in main_chart.REVENUE_PARTS.values()),
    )
    template.answer(sentence(figures))
    chosen = main_chart.chosen(CHARTED)
    with template.tile_row(4):
        result = [main_chart.tile(figures, slug, CHARTED) for slug in CHARTED]
        estimate = retention.of_twelve_months(figures)
        result.append(
            tiles.tile(
                figures,
                "retention-effect",
                about=about.open_panel,
                given=(estimate, *retention.face(estimate)),
            )
        )
    main_chart.show(figures, chosen)
    with template.tile_row(5):
        result += [tiles.tile(figures, slug, about=about.open_panel) for slug in SUPPORTING]
    return result
