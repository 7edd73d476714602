"""Reads may look back with `?at=`; writes never do."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.clock import present
from tests.pages.visits import PATIENCE_SECONDS

PROBE = """
import streamlit as st
from dashboard.clock import as_of, now
st.text(str(as_of()))
st.caption(now().isoformat())
"""


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2026-03-01", "2026-03-01 00:00:00+00:00"),
        ("2026-03-01T10:00:00+02:00", "2026-03-01 10:00:00+02:00"),
        ("yesterday", "None"),
        ("", "None"),
    ],
)
def test_the_time_of_a_page_is_read_from_its_address(typed: str, read: str) -> None:
    app = AppTest.from_string(PROBE, default_timeout=PATIENCE_SECONDS)
    app.query_params["at"] = typed
    app.run()

    assert app.text[0].value == read


def test_the_present_has_an_offset() -> None:
    before = datetime.now(UTC)

    assert before <= present() <= datetime.now(UTC)


def test_a_process_of_the_http_interface_alone_loads_no_screens() -> None:
    loaded = (
        "import sys, dashboard.api; print([one for one in ('streamlit', 'pandas') if one in sys.modules])"
    )

    said = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"
