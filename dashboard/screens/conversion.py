"""The Conversion page: one headline rate, other ways to count it, how fast people buy, and who may still buy."""

from datetime import timedelta

import pandas as pd
import streamlit as st
from sqlalchemy import Connection

from dashboard import url
from dashboard.kit import breakdown, charts, narrowing, pictures, tables, template, tiles
from dashboard.kit.changes import MetricChange
from dashboard.kit.figures import Figures
from dashboard.kit.filters import Filters
from dashboard.kit.labels import CYCLE_NAMES, attribute_name, part_name, plan_name
from dashboard.panels import about, main_chart
from dashboard.text import counted, decimal, percent
from ledger.metrics import METRICS, Measure, fit_at_once, list_waiting, stored_fit

SLUGS = ("conversion", "time-to-purchase", "revenue-per-hitter", "upgrade-after-hit")
CHARTED = ("conversion", "revenue-per-hitter", "upgrade-after-hit")
MORE = (
    "conversion-first-hit",
    "conversion-per-hit",
    "conversion-net",
    "conversion-top-up",
    "incidence",
    "alert-to-purchase",
    "bought-before-limit",
)
WINDOWS = (1, 7, 14, 30)
PARAMETERS = {"plan": "plan", "billing_cycle": "segment"}
"""The divisions of the page, and what the filter row calls each in the address."""
PAGE = 50


def answer(result: Measure, change: MetricChange | None) -> str:
    """Return the conversion rate in one sentence, with its certainty."""
    still = f"; {decimal(result.pending)} may still buy" if result.pending else ""
    if result.value is None:
        return (
            f"**Too early to say**{still}." if result.pending else "**Nobody hit the limit** in this period."
        )
    if result.few:
        return f"**{tiles.shown(result)}** workspaces that hit the limit bought, too few for a rate{still}."
    rate = f"**{percent(result.value)}** of workspaces that hit the limit buy within 14 days ({tiles.span(result)})"
    if change is None:
        return f"{rate}{still}."
    if not change.sure:
        return f"{rate}, no clear change from {percent(change.before)}{still}."
    return f"{rate}, {'up' if change.by > 0 else 'down'} from {percent(change.before)}{still}."


def sentence(figures: Figures) -> str:
    """Return the answer of the page."""
    return answer(figures.of("conversion"), figures.change("conversion"))


def headline(figures: Figures) -> list[Measure]:
    """Draw the answer and the tiles; return the measures."""
    figures.read_ahead(
        (*SLUGS, *MORE),
        *({"slug": "conversion", "window_days": days} for days in WINDOWS),
        *({"slug": "conversion", "by": by, "interval": False} for by in PARAMETERS),
        funnel=True,
    )
    template.answer(sentence(figures))
    with template.tile_row(4):
        return [main_chart.tile(figures, slug, CHARTED) for slug in SLUGS]


def cohorts(figures: Figures) -> None:
    """Draw the chosen metric by the day, week or month of the limit hit."""
    main_chart.show(figures, main_chart.chosen(CHARTED))


def other_ways(figures: Figures) -> list[Measure]:
    """Draw the other ways to count, and the same rate within other windows; return the measures."""
    left, right = st.columns([3, 2])
    with left:
        template.section("Other ways to count")
        result = breakdown.metrics(figures, MORE, key="other_ways", about=about.open_panel)
    with right:
        template.section("Bought within")
        windows = [figures.of("conversion", window_days=days) for days in WINDOWS]
        breakdown.parts(
            windows, [counted(days, "{n} day", "{n} days") for days in WINDOWS], of="Window", key="windows"
        )
    return result


def curve(figures: Figures) -> None:
    """Draw how fast workspaces buy while others leave, and how many were still observed."""
    template.section("How fast they buy")
    chosen, metric = figures.filters.selection, METRICS["incidence"]
    result = stored_fit(figures.db, metric, chosen) or fit_at_once(figures.db, metric, chosen)
    if result is None:
        st.info("Calculating… this chart updates by itself.")
    elif "curve" not in result:
        st.info("No limit hits in this period.")
    else:
        drawn = result["curve"]
        charts.show(
            pictures.steps(drawn, window=14, title="bought"),
            key="incidence",
            alt="Share that bought by each day after the first limit hit",
        )
        st.caption("Workspaces still at risk (not yet bought or left)")
        days = (f"Day {day}" for day in range(0, 61, 10))
        at_risk = {day: [str(n)] for day, n in zip(days, drawn["at_risk"], strict=True)}
        tables.show_words(at_risk, key="at_risk", file_name="at-risk.csv")


def segments(figures: Figures) -> None:
    """Draw the rate by plan and billing cycle, or by an attribute; selecting a line narrows the page to it."""
    template.section("By segment")
    attribute = narrowing.division(figures.db)
    parameters = {attribute: narrowing.PREFIX + attribute} if attribute else PARAMETERS
    segmented = [
        (by, part) for by in parameters for part in figures.of("conversion", by=by, interval=False).parts
    ]
    if not segmented:
        st.info("No limit hits in this period.")
        return

    def narrow(line: int) -> None:
        by, part = segmented[line]
        url.replace_parameters(**{parameters[by]: part.part or ""})

    breakdown.parts(
        [part for _by, part in segmented],
        [part_name(figures.db, by, part.part) for by, part in segmented],
        of=attribute_name(attribute or "segment"),
        key=f"by_{attribute or 'segment'}",
        on_select=narrow,
    )


def pending(db: Connection, filters: Filters, *, linked: bool, private: bool) -> None:
    """Draw the workspaces that hit the limit recently and have not bought, page by page, for sales to call.

    `linked`: whether ids link to pages. `private`: whether names and addresses are shown.
    """
    template.section("May still buy")
    young = filters.known["as_of"] - timedelta(days=METRICS["conversion"].matures or 0)
    chosen = filters.selection.within(max(filters.period.start, young), filters.period.end)
    count, result = list_waiting(db, chosen, limit=PAGE, offset=PAGE * (max(url.number("page") or 1, 1) - 1))
    if count > PAGE:
        st.caption(f"{decimal(count)} workspaces")
        url.page(-(-count // PAGE))
    tables.show(
        pd.DataFrame([
            {**row, "plan": plan_name(db, row["plan"]), "billing_cycle": CYCLE_NAMES.get(row["billing_cycle"], "")}
            for row in result
        ]),
        key="pending_hits",
        file_name="may-still-buy.csv",
        linked=linked,
        columns={
            "workspace_id": tables.text("Workspace"),
            **({"name": tables.text("Name"), "owner_email": tables.text("E-mail")} if private else {}),
            "at": tables.when("Hit the limit"),
            "plan": tables.text("Plan"),
            "billing_cycle": tables.text("Billed"),
        },
        empty="Nobody is waiting to decide.",
    )  # fmt: skip
