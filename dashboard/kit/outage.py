"""The message while the database is unreachable, and the reload as soon as it responds."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from sqlalchemy.exc import OperationalError

from dashboard import installation

AGAIN_AFTER = "5s"
log = logging.getLogger(__name__)


@contextmanager
def guarded() -> Iterator[None]:
    """Draw a page. While the database is unreachable, show a message and reload once it answers."""
    try:
        yield
    except OperationalError as error:
        log.warning("the database does not answer: %s", str(error.orig).splitlines()[0])
        st.error(
            (
                "Can't reach the database. Confirmed changes are safe, and this page reloads as soon as the database "
                "answers. If this doesn't clear up, contact your administrator."
            ),
            title="Database unreachable",
            icon=":material/cloud_off:",
        )
        _look_again()


def _look_again() -> None:
    """Draw a retry button, and check every few seconds."""

    @st.fragment(run_every=AGAIN_AFTER)
    def look() -> None:
        st.button("Try again", key="outage_again", icon=":material/refresh:")
        if answers():
            st.rerun()

    look()


def answers() -> bool:
    """Return whether the database can be reached now."""
    try:
        with installation.reading():
            return True
    except OperationalError:
        return False
