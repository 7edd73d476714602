"""Request the facts of the pricing lab from the worker, and show its progress."""

from datetime import datetime, timedelta
from typing import NoReturn

import streamlit as st

from dashboard import installation
from dashboard.clock import present
from dashboard.kit import awaited
from dashboard.text import percent, plain
from ledger.pricing import SnapshotReading, get_reading, want_reading

EVERY = 2.0  # seconds
PATIENCE = timedelta(seconds=30)


def request(source: str, currency: str, up_to: datetime | None = None) -> None:
    """Request the facts; a running request is not started again."""
    with installation.writing() as connection:
        want_reading(connection, source, currency, up_to=up_to, at=present())


def wait(source: str, currency: str, up_to: datetime | None) -> NoReturn:
    """Show that the facts are being read for the first time, and stop; the page reloads when they are ready."""
    reading = _find(source, currency, up_to)
    if reading is not None and reading.error:
        st.info(plain(reading.error), icon=":material/hourglass_empty:")
        st.button("Try again", key="pr_again", on_click=request, args=[source, currency, up_to])
        st.stop()
    if reading is None or reading.ended_at is not None:
        request(source, currency, up_to)
    st.info(
        "Reading every workspace's history for the first time. The lab opens when this is done.",
        icon=":material/hourglass_top:",
    )
    _progress(source, currency, up_to)
    st.stop()


def under_way(source: str, currency: str) -> None:
    """Draw the progress of newer data while the page shows older data."""
    reading = _find(source, currency, None)
    if reading is not None and reading.ended_at is None:
        _progress(source, currency, None)


@st.fragment(run_every=EVERY)
def _progress(source: str, currency: str, up_to: datetime | None) -> None:
    reading = _find(source, currency, up_to)
    if reading is None or reading.ended_at is not None:
        awaited.update_page()
    st.progress(reading.share, text=_words(reading))


def _words(reading: SnapshotReading) -> str:
    if reading.begun_at is not None:
        return f"Reading the history: {percent(100 * reading.share, 0)}"
    if present() - reading.wanted_at > PATIENCE:
        return "Waiting for the worker. Is it running?"
    return "Waiting for the worker"


def _find(source: str, currency: str, up_to: datetime | None) -> SnapshotReading | None:
    with installation.reading() as connection:
        return get_reading(connection, source, currency, up_to=up_to)
