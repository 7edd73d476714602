"""Liability: sold and unused minutes, how they changed, and how fast packages are used."""

from typing import Any

import streamlit as st

from dashboard import url
from dashboard.kit import charts, pictures, template, tiles
from dashboard.kit.figures import Figures
from dashboard.kit.filters import Filters
from dashboard.panels import about
from dashboard.text import money, plain
from ledger.metrics import EARLIEST, Measure, measure, use_by_age
from ledger.money import units_of

SLUGS = ("liability-minutes", "liability-money", "recognised-money", "days-of-cover")
MOVES = ("liability-moves-minutes", "liability-moves-money")
SINCE_THE_BEGINNING = ("recognised-money", "liability-money", "revenue-net")
PARTS = ("sold", "used", "taken back")
UNITS = {"minutes": "Minutes", "money": "Money"}
OWED = {"liability-minutes": "minutes", "liability-money": "money"}
"""The tiles that choose the unit of the chart."""


def answer(minutes: Measure, owed: Measure, cover: Measure) -> str:
    """Return the outstanding liability in one sentence."""
    if not minutes.value:
        return "**Nothing is owed**: no sold minutes are left unused."
    worth = f", worth {plain(tiles.shown(owed))}" if owed.value else ""
    lasting = f"; at the current pace they last {tiles.shown(cover)}" if cover.value else ""
    return f"Customers hold **{tiles.shown(minutes)}** they paid for and have not used{worth}{lasting}."


def sentence(figures: Figures) -> str:
    """Return the answer of the page."""
    return answer(*(figures.of(slug) for slug in ("liability-minutes", "liability-money", "days-of-cover")))


def headline(figures: Figures) -> list[Measure]:
    """Draw the answer and the tiles; return the measures."""
    figures.read_ahead(
        SLUGS,
        *({"slug": slug, "by": "part"} for slug in MOVES),
        *({"slug": slug, **_before(figures.filters, slug)} for slug in SLUGS[:2]),
        *({"slug": slug, "start": EARLIEST} for slug in SINCE_THE_BEGINNING),
    )
    template.answer(sentence(figures))
    with template.tile_row(4):
        return [_tile(figures, slug) for slug in SLUGS]


def _tile(figures: Figures, slug: str) -> Measure:
    """Draw a tile; what is owed, in minutes or in money, chooses the unit of the chart."""
    unit = OWED.get(slug)
    if unit is None:
        return tiles.tile(figures, slug, about=about.open_panel)
    chosen = url.one_of("unit", list(UNITS), label="Unit") == unit
    return tiles.tile(figures, slug, about=about.open_panel, on_select=_show_unit, chosen=chosen)


def _show_unit(slug: str) -> None:
    url.replace_parameters(unit="" if OWED[slug] == "minutes" else OWED[slug])


def moves(figures: Figures) -> None:
    """Draw opening + sold - used - taken back = closing, in minutes or in money at each lot's own price."""
    filters = figures.filters
    template.section("Change in prepaid balance")
    unit = (
        url.pills("Unit", UNITS, key="unit", first="minutes", label_visibility="collapsed") or ["minutes"]
    )[0]
    slug, owed = f"liability-moves-{unit}", f"liability-{unit}"
    result = figures.of(slug, by="part")
    if result.reason:
        st.info(result.reason.capitalize())
        return
    before = measure(figures.db, owed, **_before(filters, owed)).value or 0
    values = {part.part: part.value or 0 for part in result.parts}
    steps = [("Opening", before), *((name.capitalize(), values.get(name, 0.0)) for name in PARTS)]
    if not any(value for _name, value in steps):
        st.info("Nothing was sold or owed in this period.")
        return
    closing = sum(value for _name, value in steps)
    scaled = [(name, _scaled(value, result)) for name, value in (*steps, ("Closing", closing))]
    charts.show(
        pictures.waterfall(scaled, (result.currency or "").upper() or "minutes"),
        key=f"moves_{slug}",
        alt=f"From the opening to the closing balance in {unit}",
        on_choose=lambda _step: about.open_panel(slug),
    )


def _scaled(value: float, result: Measure) -> float:
    return value if result.currency is None else float(units_of(value, result.currency))


def _before(filters: Filters, slug: str) -> dict[str, Any]:
    """Return the selection of everything up to the beginning of the period."""
    return {**filters.of_metric(slug), "start": EARLIEST, "end": filters.period.start}


def identity(figures: Figures) -> None:
    """Draw earned + owed = net revenue since the first sale, the check that finance makes."""
    earned, owed, net = (figures.of(slug, start=EARLIEST) for slug in SINCE_THE_BEGINNING)
    if earned.value is None or owed.value is None or net.value is None:
        return
    currency = net.currency or "usd"
    off = earned.value + owed.value - net.value
    if abs(off) < 1:
        sums = f"{money(round(earned.value), currency)} + {money(round(owed.value), currency)}"
        whole = money(round(net.value), currency)
        st.caption(
            f":green[:material/balance:] Earned + owed = net revenue since the first sale: {plain(f'{sums} = {whole}')}"
        )
    else:
        st.error(
            f"Earned + owed differs from net revenue by {plain(money(round(off), currency))}. "
            "Run the integrity check on the Health page.",
            icon=":material/balance:",
        )


def ages(figures: Figures) -> None:
    """Draw the share of a package's minutes that is used by its age."""
    template.section("How fast packages are used up")
    curve = use_by_age(figures.db, **figures.filters.chosen)
    if curve is None:
        st.info("No purchases in this period.")
        return
    charts.show(
        pictures.steps(curve, title="used"), key="ages", alt="Share of minutes used by age of the package"
    )
    st.caption("No package expires, so no breakage is earned.")
