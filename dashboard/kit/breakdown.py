"""Numbers as lines of a table: several metrics beside each other, or one metric by plan, package or window."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from dashboard.kit import tables, tiles
from dashboard.kit.figures import Figures
from dashboard.kit.labels import cases, label
from dashboard.text import counted, decimal
from ledger.metrics import Measure


def metrics(
    figures: Figures, slugs: Sequence[str], *, key: str, about: Callable[[str], None]
) -> list[Measure]:
    """Draw a line for each metric and return the measures; selecting a line opens "About this number"."""
    found = [figures.of(slug) for slug in slugs]
    tables.show(
        pd.DataFrame([_line(figures, one) for one in found]),
        key=key,
        columns={
            "name": tables.text("Number"),
            "value": tables.text("Value", alignment="right"),
            "change": tables.text("Change", alignment="right"),
            "interval": tables.text("95% interval", alignment="right"),
            "cases": tables.text("Rests on"),
        },
        on_select=lambda: _opened(key, slugs, about),
        selection_mode="single-row",
    )
    return found


def _line(figures: Figures, found: Measure) -> dict[str, str]:
    change = figures.change(found.slug)
    return {
        "name": label(found.slug),
        "value": tiles.shown(found, exact=True),
        "change": tiles.written(change),
        "interval": tiles.span(found),
        "cases": "" if found.n is None else counted(found.n, *cases(found.slug)),
    }


def _opened(key: str, slugs: Sequence[str], about: Callable[[str], None]) -> None:
    """Open the panel of the selected line."""
    rows = st.session_state[key].selection.rows
    if rows:
        about(slugs[rows[0]])


def parts(found: Sequence[Measure], names: Sequence[str], *, of: str) -> None:
    """Draw one metric by its parts: a line each, with interval, cases and what is still open. `of`: the heading."""
    st.table(
        {
            of: list(names),
            label(found[0].slug): [tiles.shown(part) for part in found],
            "95% interval": [tiles.span(part) for part in found],
            "Counted": [decimal(part.n or 0) for part in found],
            "Still open": [decimal(part.pending) for part in found],
        },
        border="horizontal",
    )
