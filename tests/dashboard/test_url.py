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


WRONG = """
import streamlit as st
from dashboard import url
url.tabs({"why": "Explain", "use": "Usage"})
url.pills("State", {"paid": "Paid"}, key="state")
st.caption(f"{url.toggle('Low balance', key='low')} {url.page(3)}")
"""


def test_a_wrong_tab_pill_switch_or_page_is_said_and_dropped() -> None:
    app = AppTest.from_string(WRONG, default_timeout=PATIENCE_SECONDS)
    wrong = {"tab": "x", "state": "y", "low": "maybe", "page": "last"}
    for name, value in wrong.items():
        app.query_params[name] = value
    app.run()

    assert app.caption[0].value == "False 1"
    assert [name for name in wrong if name in app.query_params] == []
    assert len(app.toast) == len(wrong)


def test_what_nobody_offers_is_not_chosen() -> None:
    app = _pills(state="<script>", one="nonsense")

    assert app.caption[0].value == app.text[0].value == ""


SAVED = """
import streamlit as st
from dashboard import url
tabs = url.tabs({"why": "Why", "give": "Give minutes"})
st.caption("|".join([
    *(code for code, tab in tabs.items() if tab.open),
    url.text("Search", key="q"), str(url.toggle("Low", key="low")), str(url.page(4)),
]))
"""


def _saved_query(**query: str) -> AppTest:
    app = AppTest.from_string(SAVED)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


@pytest.mark.parametrize(
    "address",
    [
        {"tab": "give", "q": " acme ", "low": "1", "page": "3"},
        {"ws_tab": "Give minutes", "events_q": "acme", "q_low": "true", "purchases_page": "3"},
        {"staff_tab": "GIVE", "audit_text": "acme", "low": "True", "pending_page": "3"},
    ],
)
def test_fields_show_what_the_address_says_also_under_the_names_that_it_used_to_have(
    address: dict[str, str],
) -> None:
    app = _saved_query(**address)

    assert app.caption[0].value == "give|acme|True|3"
    assert (app.text_input[0].value, app.toggle[0].value) == ("acme", True)


def test_what_is_typed_and_switched_stands_in_the_address_and_begins_the_list_anew() -> None:
    app = _saved_query(audit_text="old", q_low="true", page="3", tab="give")

    app.text_input(key="q_field").set_value("new one ").run()

    assert app.query_params == {"tab": "give", "q_low": "true", "q": "new one"}
    assert app.text_input[0].value == "new one "  # who types on after the space is not held up
    assert app.caption[0].value == "give|new one|True|1"

    app.toggle(key="low_toggle").set_value(False).run()
    app.text_input(key="q_field").set_value("").run()

    assert app.query_params == {"tab": "give"}


def test_an_address_that_changes_under_the_fields_changes_them() -> None:
    app = _saved_query(q="second", tab="give", low="1", page="2")
    for name in ("tab", "low", "page"):
        del app.query_params[name]
    app.query_params["q"] = "first"

    app.run()

    assert app.caption[0].value == "why|first|False|1"
    assert app.text_input[0].value == "first"


def test_tabs_are_drawn_anew_when_the_browser_has_them_open_elsewhere_than_the_address_says() -> None:
    app = _saved_query()
    drawn = app.main.children[0].proto.id

    app.text_input(key="q_field").set_value("acme").run()
    assert app.main.children[0].proto.id == drawn

    app.session_state["tabs_0"] = "Give minutes"  # clicked, and back before a run of the page saw it
    app.run()
    assert app.main.children[0].proto.id != drawn
    assert app.caption[0].value == "why|acme|False|1"


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 18])
def test_no_page_of_a_list_is_beyond_its_ends(page: str) -> None:
    shown = _saved_query(page=page).caption[0].value

    assert shown == ("why||False|4" if page.startswith("9") else "why||False|1")


def test_fields_say_what_the_address_says_also_to_a_browser_that_missed_the_run_that_set_them() -> None:
    app = _saved_query(q="acme", low="1", page="3")

    app.run()  # nothing is set in this run: a browser that knows nothing yet shows the defaults

    text, toggle = app.text_input[0].proto, app.toggle[0].proto
    assert (text.set_value, text.default) == (False, "acme")
    assert (toggle.set_value, toggle.default) == (False, True)
