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
    result = [figures.of(slug) for slug in slugs]
    tables.show(
        pd.DataFrame([_line(figures, one) for one in result]),
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
    return result


def _line(figures: Figures, result: Measure) -> dict[str, str]:
    change = figures.change(result.slug)
    return {
        "name": label(result.slug),
        "value": tiles.shown(result, exact=True),
        "change": tiles.written(change),
        "interval": tiles.span(result),
        "cases": "" if result.n is None else counted(result.n, *cases(result.slug)),
    }


def _opened(key: str, slugs: Sequence[str], about: Callable[[str], None]) -> None:
    """Open the panel of the selected line."""
    rows = st.session_state[key].selection.rows
    if rows:
        about(slugs[rows[0]])


def parts(result: Sequence[Measure], names: Sequence[str], *, of: str) -> None:
    """Draw one metric by its parts: a line each, with interval, cases and what is still open. `of`: the heading."""
    st.table(
        {
            of: list(names),
            label(result[0].slug): [tiles.shown(part) for part in result],
            "95% interval": [tiles.span(part) for part in result],
            "Counted": [decimal(part.n or 0) for part in result],
            "Still open": [decimal(part.pending) for part in result],
        },
        border="horizontal",
    )
