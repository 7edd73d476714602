"""Scenarios as a PDF: their parameters, results and data."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from fpdf import FPDF

from dashboard.kit import tables
from dashboard.kit.report import latin
from dashboard.screens.pricing import results
from ledger.pricing import Scenario


def csv(scenarios: Sequence[Scenario]) -> bytes:
    """Return outputs and parameters of the scenarios as one CSV, a block each, safe against formulas."""
    outputs, parameters = results.side_by_side(scenarios), results.parameters(scenarios)
    parameters.columns = outputs.columns
    return tables.csv(pd.concat([outputs, parameters], ignore_index=True))


def pdf(scenarios: Sequence[Scenario]) -> bytes:
    """Return the same as a PDF in landscape. Letters that its fonts do not have are printed as question marks."""
    page = FPDF(orientation="landscape", format="A4")
    page.set_title("Pricing scenarios")
    page.set_auto_page_break(auto=True, margin=12)
    page.add_page()
    page.set_font("Helvetica", "B", 15)
    page.cell(text=latin("Pricing scenarios"), new_x="LMARGIN", new_y="NEXT")
    page.set_font("Helvetica", size=8)
    page.multi_cell(
        0, 4, latin("Compared with the replayed baseline; brackets show the change and its 90% range."),
        new_x="LMARGIN", new_y="NEXT",
    )  # fmt: skip
    for frame in (results.side_by_side(scenarios), results.parameters(scenarios)):
        page.ln(3)
        _table(page, frame)
    return bytes(page.output())


def _table(page: Any, frame: pd.DataFrame) -> None:
    wide = len(frame.columns) - 1
    with page.table(col_widths=(3, *([7] * wide)), text_align="LEFT", line_height=4.5, padding=1) as table:
        table.row([latin(str(name)) for name in frame.columns])
        for row in frame.itertuples(index=False):
            table.row([latin(str(value)) for value in row])
