"""A page as a PDF: the same numbers with definition, interval and freshness."""

from collections.abc import Sequence

import streamlit as st
from fpdf import FPDF

from dashboard.installation import reading
from dashboard.kit import freshness, tiles
from dashboard.kit.figures import Figures
from dashboard.kit.filters import SOURCE_NAMES, Filters
from dashboard.kit.labels import attribute_name, segment_name
from dashboard.text import moment
from ledger.metrics import METRICS, Measure

SIGNS = str.maketrans({"−": "-", "…": "...", "–": "-", "’": "'", "·": "|", "▲": "+", "▼": "-"})
GREY, BLACK = (110, 110, 110), (0, 0, 0)


def overview_pdf(filters: Filters, slugs: Sequence[str]) -> bytes:
    """Return the numbers of the Overview and conversion week by week, from one snapshot."""
    with reading() as db:
        figures = Figures(db, filters)
        return page_pdf(figures, "Overview", slugs, weekly=figures.of("conversion", by="week"))


def page_pdf(
    figures: Figures, title: str, slugs: Sequence[str], *, sentence: str = "", weekly: Measure | None = None
) -> bytes:
    """Return the answer of a page, its numbers, and its weeks if they are given."""
    page = FPDF(format="A4")
    page.set_title(title)
    page.set_auto_page_break(auto=True, margin=14)
    page.add_page()
    _head(page, title, figures.filters)
    if sentence:
        _line(page, sentence, size=11)
        page.ln(2)
    for slug in slugs:
        change = figures.change(slug)
        _number(page, figures.of(slug), f"{change.shown} against {change.days}" if change else "")
    if weekly is not None:
        _weeks(page, weekly)
    return bytes(page.output())


def _head(page: FPDF, title: str, filters: Filters) -> None:
    period = filters.period
    _line(page, title, size=18, bold=True)
    state = "period not over" if period.partial else "complete period"
    parts = [
        f"{period.start:%d %b %Y} - {period.end:%d %b %Y} ({'end not included'}), {filters.state.timezone}",
        f"source: {SOURCE_NAMES.get(filters.source, filters.source)}",
        "plan: {name}".format(name=filters.plan or "all"),
        "billing cycle: {name}".format(name=filters.billing_cycle or "all"),
        *([f"amounts in {filters.currency.upper()}"] if filters.currency else []),
        *(f"{attribute_name(key).lower()}: {segment_name(segment)}" for key, segment in filters.attributes),
        state,
        f"data to {moment(filters.state.reach(filters.as_of))}",
    ]
    _line(page, " | ".join(parts), size=8, grey=True)
    page.ln(3)


def _number(page: FPDF, result: Measure, change: str) -> None:
    metric = METRICS[result.slug]
    _line(page, f"{metric.name}: {tiles.shown(result, exact=True)}", size=12, bold=True)
    if result.reason:
        _line(page, result.reason, size=9)
    if change:
        _line(page, change, size=9)
    _line(page, " | ".join([tiles.muted(result), freshness.footer(result)]), size=8, grey=True)
    _line(page, metric.formula, size=8, grey=True)
    page.ln(2)


def _weeks(page: FPDF, weekly: Measure) -> None:
    if not weekly.parts:
        return
    _line(page, "Conversion by week of the limit hit", size=12, bold=True)
    page.set_font("Helvetica", size=8)
    with page.table(col_widths=(3, 3, 4, 2), text_align="LEFT", line_height=4.5, padding=0.6) as table:
        table.row([latin(name) for name in ("Week of", "Conversion", "95% interval", "Still open")])
        for part in weekly.parts:
            band = "" if part.low is None else tiles.span(part)
            table.row([latin(text) for text in (part.part or "", tiles.shown(part), band, str(part.pending))])


def _line(page: FPDF, text: str, *, size: int, bold: bool = False, grey: bool = False) -> None:
    page.set_font("Helvetica", "B" if bold else "", size)
    page.set_text_color(*(GREY if grey else BLACK))
    page.multi_cell(0, size * 0.5, latin(text), new_x="LMARGIN", new_y="NEXT")


def latin(text: str) -> str:
    """Return text for the PDF fonts; unsupported letters become question marks."""
    return text.translate(SIGNS).encode("latin-1", "replace").decode("latin-1")


def download(filters: Filters, slugs: Sequence[str]) -> None:
    """Draw the download button of the report, which is generated on click."""
    st.download_button(
        "PDF",
        data=lambda: overview_pdf(filters, slugs),
        file_name=f"overview-{filters.period.first}-{filters.period.last}.pdf",
        mime="application/pdf",
        key="overview_pdf",
        icon=":material/print:",
        on_click="ignore",
    )
