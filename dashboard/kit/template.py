"""The page template. Every page has these parts, in this order, and draws them with these functions.

1. the header (product, search, mode, person), drawn by `app.py` for all pages;
2. `head`: the title, with the page's actions or its filters in the same sticky row (`metric_head` for metric pages);
3. `answer`: one sentence that answers the page's question, with its certainty. A screen composes it in a pure
   function of its numbers, so that each branch has a test;
4. tiles (`tiles.tile`, or `tiles.figure` for numbers that are no metrics) in a `tile_row`;
5. one main chart, a breakdown, and rows.

A page is then a short outline:

    staff = require("view_health")
    with template.head("Health"):
        st.button("Run checks", ...)
    template.answer(health.sentence(found), tone=health.tone(found))
    with template.tile_row():
        ...
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import streamlit as st
from sqlalchemy import Connection

from dashboard.kit import filters, forms

Tone = Literal["neutral", "good", "attention", "bad"]
ICONS: dict[Tone, str] = {
    "neutral": ":material/insights:",
    "good": ":material/check_circle:",
    "attention": ":material/warning:",
    "bad": ":material/error:",
}
TILE_WIDTH = 165  # pixels: five beside each other on a laptop, two on a phone


@contextmanager
def head(title: str) -> Iterator[None]:
    """Draw the page's title; the `with` block draws beside it: actions, or filters."""
    with st.container(key="page_head", horizontal=True, vertical_alignment="center", gap="small"):
        st.title(title, anchor=False, width="content")
        yield
    forms.report()


def metric_head(db: Connection, title: str, *, period: str = "90d", amounts: bool = True) -> filters.Filters:
    """Draw the title of a metric page with the filter row, and return what is chosen; see `filters.bar`."""
    with head(title):
        return filters.bar(db, period=period, amounts=amounts)


def answer(sentence: str, *, tone: Tone = "neutral") -> None:
    """Draw the sentence that answers the page's question, in Markdown with bold numbers."""
    with st.container(key=f"answer_{tone}"):
        st.markdown(f"{ICONS[tone]} {sentence}")


@contextmanager
def tile_row(columns: int = 4) -> Iterator[None]:
    """Lay out tiles of one height: as many beside each other as fit, at most `columns`."""
    with st.grid(columns, min_column_width=TILE_WIDTH, gap="small"):
        yield


def section(title: str, **options: Any) -> None:
    """Draw the heading of a part of the page, of the second level."""
    st.header(title, anchor=False, **options)
