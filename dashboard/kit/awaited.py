"""Slow estimates: the worker computes them, and the page shows them when they are ready."""

from collections.abc import Sequence
from typing import NoReturn

import streamlit as st

from dashboard.clock import present
from dashboard.installation import reading, writing
from dashboard.kit.filters import Filters
from ledger.metrics import FITTED, Measure, Selection, keep_wanted, missing_fits, want_fits


def request(wanted: Sequence[tuple[str, Selection]]) -> None:
    """Request estimates of metrics over selections, and show that they are being computed."""
    if not wanted:
        return
    with writing() as db:
        want_fits(db, wanted, at=present())
    st.session_state["fits_asked_for_now"] = True
    _shown_when_there(wanted)


def keep_requesting(shown: Sequence[tuple[str, Selection]]) -> None:
    """Keep the estimates on the page up to date."""
    if shown:
        with writing() as db:
            keep_wanted(db, shown, at=present())


def update_page() -> NoReturn:
    """Run the page again because its data changed; an open search stays open."""
    st.session_state["updates_itself"] = True
    st.rerun()


def updates_itself() -> bool:
    """Return whether this run began with `update_page`, once."""
    return bool(st.session_state.pop("updates_itself", False))


@st.fragment(run_every=3.0)
def _shown_when_there(wanted: Sequence[tuple[str, Selection]]) -> None:
    """Show that estimates are being computed; rerun the page when the last one is ready."""
    if not st.session_state.pop("fits_asked_for_now", False):  # the page itself has just looked
        with reading() as db:
            waiting = missing_fits(db, wanted)
        if not waiting:
            update_page()
    st.caption(":material/hourglass_top: Calculating intervals… this page updates by itself.")


def request_fits(result: Sequence[Measure], filters: Filters) -> None:
    """Request the intervals and estimates that are missing, and keep those on the page up to date."""
    fitted = [one for one in result if one.slug in FITTED]
    keep_requesting([_estimated(one, filters) for one in fitted if one.computed_at is not None])
    request([_estimated(one, filters) for one in fitted if one.awaits_estimate])


def _estimated(result: Measure, filters: Filters) -> tuple[str, Selection]:
    return result.slug, filters.selection.within(result.start, result.end)
