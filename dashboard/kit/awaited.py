"""Estimates that take longer than a page may wait: the worker makes them, the page then shows them."""

from collections.abc import Sequence

import streamlit as st

from dashboard.clock import present
from dashboard.installation import reading, writing
from dashboard.kit.filters import Filters
from ledger.metrics import FITTED, Measure, Selection, keep_wanted, missing_fits, want_fits


def request(wanted: Sequence[tuple[str, Selection]]) -> None:
    """Ask for the estimates of metrics over selections, and say that they are on their way."""
    if not wanted:
        return
    with writing() as db:
        want_fits(db, wanted, at=present())
    st.session_state["fits_asked_for_now"] = True
    _shown_when_there(wanted)


def keep_requesting(shown: Sequence[tuple[str, Selection]]) -> None:
    """Go on asking for the estimates that are shown."""
    if shown:
        with writing() as db:
            keep_wanted(db, shown, at=present())


@st.fragment(run_every=3.0)
def _shown_when_there(wanted: Sequence[tuple[str, Selection]]) -> None:
    """Show that estimates are on their way; show the page again when the last of them is there."""
    if not st.session_state.pop("fits_asked_for_now", False):  # the page itself has just looked
        with reading() as db:
            waiting = missing_fits(db, wanted)
        if not waiting:
            st.rerun()
    st.caption(":material/hourglass_top: Calculating intervals… this page updates by itself.")


def request_fits(result: Sequence[Measure], filters: Filters) -> None:
    """Ask the worker for the intervals and estimates that it has not made yet, and go on asking for those shown."""
    fitted = [one for one in result if one.slug in FITTED]
    keep_requesting([_estimated(one, filters) for one in fitted if one.computed_at is not None])
    request([_estimated(one, filters) for one in fitted if one.awaits_estimate])


def _estimated(result: Measure, filters: Filters) -> tuple[str, Selection]:
    return result.slug, filters.selection.within(result.start, result.end)
