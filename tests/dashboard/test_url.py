"""Everything in an address is text somebody may have typed."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.visits import PATIENCE_SECONDS

PROBE = """
import streamlit as st
from dashboard.url import number, parameter, selected_workspace
st.caption(f"{parameter('name')}|{number('n')}")
st.text(selected_workspace())
"""


def _open(**query: str) -> AppTest:
    app = AppTest.from_string(PROBE, default_timeout=PATIENCE_SECONDS)
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


PILLS = """
import streamlit as st
from dashboard.url import pills
names = {"paid": "paid", "partially_refunded": "partly refunded"}
st.caption(",".join(pills("State", names, key="state", several=True)))
st.text(",".join(pills("One", names, key="one")))
"""


def _pills(**query: str) -> AppTest:
    app = AppTest.from_string(PILLS, default_timeout=PATIENCE_SECONDS)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


@pytest.mark.parametrize("typed", ["partially_refunded", "partly refunded", " Partially_Refunded "])
def test_an_address_chooses_by_code_and_by_the_words_on_the_screen(typed: str) -> None:
    app = _pills(state=typed, one=typed)

    assert app.caption[0].value == app.text[0].value == "partially_refunded"
    assert app.button_group[0].value == ["partially_refunded"]


def test_a_choice_stands_in_the_address_as_its_code_and_begins_a_list_anew() -> None:
    app = _pills(before="17")
    app.button_group(key="state_pills").set_value(["paid", "partially_refunded"])
    app.button_group(key="one_pills").set_value("partially_refunded").run()

    assert app.query_params["state"] == ["paid", "partially_refunded"]
    assert app.query_params["one"] == "partially_refunded"
    assert "before" not in app.query_params
    assert app.caption[0].value == "paid,partially_refunded"

    app.button_group(key="state_pills").set_value([]).run()

    assert "state" not in app.query_params
    assert app.caption[0].value == ""


def test_what_nobody_offers_is_not_chosen() -> None:
    app = _pills(state="<script>", one="nonsense")

    assert app.caption[0].value == app.text[0].value == ""
