"""Everything in an address is text somebody may have typed."""

import pytest
from streamlit.testing.v1 import AppTest

PROBE = """
import streamlit as st
from dashboard.url import number, parameter, selected_workspace
st.caption(f"{parameter('name')}|{number('n')}")
st.text(selected_workspace())
"""


def _open(**query: str) -> AppTest:
    app = AppTest.from_string(PROBE)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_parameters_are_trimmed_and_numbers_are_whole() -> None:
    app = _open(name="  a  ", n="12", id="ws:1.A_b-c")

    assert app.caption[0].value == "a|12"
    assert app.text[0].value == "ws:1.A_b-c"


@pytest.mark.parametrize("hostile", ["", "../../x", "<script>", "a b", "-a", "x" * 65, "a\x00"])
def test_what_is_no_workspace_id_stops_the_page_with_a_sentence(hostile: str) -> None:
    app = _open(id=hostile, n="1e9")

    assert len(app.text) == 0
    assert "Choose a workspace first" in app.info[0].value
    assert app.caption[0].value == "|None"
