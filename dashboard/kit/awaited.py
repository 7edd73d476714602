"""Estimates that take longer than a page may wait: asked of the worker, and shown by themselves when they are there."""

from collections.abc import Sequence

import streamlit as st

from dashboard.clock import present
from dashboard.installation import reading, writing
from ledger.metrics import METRICS
from ledger.metrics.fits import keep_wanted, stored_fit, want_fit
from ledger.metrics.rows import Selection


def ask(wanted: Sequence[tuple[str, Selection]]) -> None:
    """Ask for the estimates of metrics over selections, and say that they will come."""
    if not wanted:
        return
    with writing() as db:
        for slug, chosen in wanted:
            want_fit(
                db,
                slug,
                start=chosen.start,
                end=chosen.end,
                source=chosen.source,
                plan=chosen.plan,
                billing_cycle=chosen.billing_cycle,
                as_of=chosen.as_of,
                at=present(),
            )
    _shown_when_there(wanted)


def keep(shown: Sequence[tuple[str, Selection]]) -> None:
    """Go on asking for the estimates that are shown."""
    if shown:
        with writing() as db:
            keep_wanted(db, shown, at=present())


@st.fragment(run_every=3.0)
def _shown_when_there(wanted: Sequence[tuple[str, Selection]]) -> None:
    """Say how many are on their way; show the page again when the last of them is there."""
    with reading() as db:
        waiting = [slug for slug, chosen in wanted if stored_fit(db, METRICS[slug], chosen) is None]
    if not waiting:
        st.rerun()
    told = (
        "One estimate is being computed and will appear by itself."
        if len(waiting) == 1
        else f"{len(waiting)} estimates are being computed and will appear by themselves."
    )
    st.caption(f":material/hourglass_top: {told}")
