"""What is said while the database does not answer, and the way on as soon as it does."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from sqlalchemy.exc import OperationalError

from dashboard import installation

AGAIN_AFTER = "5s"
log = logging.getLogger(__name__)


@contextmanager
def told() -> Iterator[None]:
    """Draw a page: a database that stops answering becomes a sentence, and the page comes back by itself with it."""
    try:
        yield
    except OperationalError as error:
        log.warning("the database does not answer: %s", str(error.orig).splitlines()[0])
        st.error(
            (
                "The database does not answer. What was confirmed is kept, and this page comes back by itself as soon "
                "as it does; if it stays away, tell who operates the installation."
            ),
            title="Not reachable at the moment",
            icon=":material/cloud_off:",
        )
        _look_again()


def _look_again() -> None:
    """A button, and a look every few seconds."""

    @st.fragment(run_every=AGAIN_AFTER)
    def look() -> None:
        st.button("Try again", key="outage_again", icon=":material/refresh:")
        if answers():
            st.rerun()

    look()


def answers() -> bool:
    """Whether the database can be reached now."""
    try:
        with installation.reading():
            return True
    except OperationalError:
        return False
