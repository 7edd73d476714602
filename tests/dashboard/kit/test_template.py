"""The page template: title and actions in one row, an answer in its tone, tiles of one height."""

from streamlit.testing.v1 import AppTest

from tests.pages.visits import PATIENCE_SECONDS

PAGE = """
import streamlit as st
from dashboard.kit import template, tiles
with template.head("Health"):
    st.button("Run checks")
template.answer("All **healthy**.", tone="good")
with template.tile_row():
    tiles.figure("Open", "$1 · $2", "21 disputes <b>")
template.section("Checks")
"""


def test_a_page_has_its_title_its_answer_its_tiles_and_its_parts() -> None:
    app = AppTest.from_string(PAGE, default_timeout=PATIENCE_SECONDS).run()

    assert not app.exception
    assert (app.title[0].value, app.header[0].value) == ("Health", "Checks")
    assert app.markdown[0].value == ":material/check_circle: All **healthy**."
    assert app.button[0].label == "Run checks"
    assert app.metric[0].value == r"\$1 · \$2"  # two dollar signs would be a formula
