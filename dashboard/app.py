"""The script that Streamlit runs for every click: who is it, where may they go, show that page."""

from pathlib import Path

import streamlit as st

from dashboard import access, navigation
from dashboard.kit import header, outage, sidebar
from dashboard.panels import jump, waiting
from dashboard.screens import sessions

st.set_page_config(page_title="Minutes", page_icon=":material/timer:", layout="wide")
st.html(Path(__file__).with_name("style.css"))

with outage.guarded():
    operator = access.enter()
    page = st.navigation(navigation.pages(), position="hidden")
    if operator is None:
        header.sign_in()
        st.stop()

    st.set_page_config(page_title=f"{page.title} · Minutes")
    navigation.go_home(page.url_path, operator.role)
    sidebar.show(operator, waiting.counts(operator))
    jump.dialog(operator, page.url_path, wanted=header.show(operator, sessions.sign_out_everywhere))
    page.run()
