"""Asking the worker for the facts of the pricing lab, and showing how far it is."""

from datetime import datetime, timedelta
from typing import NoReturn

import streamlit as st

from dashboard import installation
from dashboard.clock import present
from dashboard.text import plain
from ledger.pricing import SnapshotReading, get_reading, want_reading

EVERY = 2.0  # seconds
PATIENCE = timedelta(seconds=30)


def ask(source: str, up_to: datetime | None = None) -> None:
    """Have the facts read; what is under way already is not begun again."""
    with installation.writing() as connection:
        want_reading(connection, source, up_to=up_to, at=present())


def wait(source: str, up_to: datetime | None) -> NoReturn:
    """Show that the facts are being read for the first time, and stop; the page comes by itself when they are there."""
    found = _find(source, up_to)
    if found is not None and found.error:
        st.info(plain(found.error), icon=":material/hourglass_empty:")
        st.button("Read again", key="pr_again", on_click=ask, args=[source, up_to])
        st.stop()
    if found is None or found.ended_at is not None:
        ask(source, up_to)
    st.info(
        "The history of every workspace is being read for the first time; the lab opens by itself.",
        icon=":material/hourglass_top:",
    )
    _progress(source, up_to)
    st.stop()


def under_way(source: str) -> None:
    """How far newer data are, while the page shows the older ones."""
    found = _find(source, None)
    if found is not None and found.ended_at is None:
        _progress(source, None)


@st.fragment(run_every=EVERY)
def _progress(source: str, up_to: datetime | None) -> None:
    found = _find(source, up_to)
    if found is None or found.ended_at is not None:
        st.rerun()
    st.progress(found.share, text=_words(found))


def _words(found: SnapshotReading) -> str:
    if found.begun_at is not None:
        return f"Reading the history: {100 * found.share:.0f} %"
    if present() - found.wanted_at > PATIENCE:
        return "Waiting for the worker: it has not begun. Is it running?"
    return "Waiting for the worker"


def _find(source: str, up_to: datetime | None) -> SnapshotReading | None:
    with installation.reading() as connection:
        return get_reading(connection, source, up_to=up_to)
