"""Numbers as lines of a table: several metrics beside each other, or one metric by plan, package or window."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.kit import tables, tiles
from dashboard.kit.figures import Figures
from dashboard.kit.labels import cases, label
from dashboard.text import counted
from ledger.metrics import Measure

COLUMNS = {
    "value": ("Value", "right"),
    "change": ("Change", "right"),
    "interval": ("95% interval", "right"),
    "cases": ("Rests on", "left"),
}


def metrics(
    figures: Figures, slugs: Sequence[str], *, key: str, about: Callable[[str], None]
) -> list[Measure]:
    """Draw a line for each metric and return the measures; selecting a line opens "About this number"."""
    result = [figures.of(slug) for slug in slugs]
    lines = pd.DataFrame([_line(figures, one) for one in result])
    filled = [name for name in COLUMNS if name == "value" or any(lines[name])]
    tables.show(
        lines,
        key=key,
        file_name=f"{key}.csv",
        columns={
            "name": tables.text("Number"),
            **{name: tables.text(COLUMNS[name][0], alignment=COLUMNS[name][1]) for name in filled},
        },
        on_select=lambda: _selected(key, lambda line: about(slugs[line])),
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


def _selected(key: str, act: Callable[[int], None]) -> None:
    """Act on the line that was selected."""
    rows = st.session_state[key].selection.rows
    if rows:
        act(rows[0])


def parts(
    result: Sequence[Measure],
    names: Sequence[str],
    *,
    of: str,
    key: str,
    on_select: Callable[[int], None] | None = None,
) -> None:
    """Draw one metric by its parts: one line each, with interval, cases and open cases. `of`: the heading.

    `on_select` gets the number of the line that is selected, from 0.
    """
    selection: dict[str, Any] = {}
    if on_select:
        selection = {"on_select": lambda: _selected(key, on_select), "selection_mode": "single-row"}
    tables.show(
        pd.DataFrame({
            "name": list(names),
            "value": [tiles.shown(part) for part in result],
            "interval": [tiles.span(part) for part in result],
            "counted": [part.n or 0 for part in result],
            "open": [part.pending for part in result],
        }),
        key=key,
        file_name=f"{key}.csv",
        columns={
            "name": tables.text(of),
            "value": tables.text(label(result[0].slug), alignment="right"),
            "interval": tables.text("95% interval", alignment="right"),
            "counted": tables.whole("Counted"),
            "open": tables.whole("Still open"),
        },
        **selection,
    )  # fmt: skip
