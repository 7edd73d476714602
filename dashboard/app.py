"""The script that Streamlit runs for every click: who is it, where may they go, show that page."""

from pathlib import Path

import streamlit as st

from dashboard import access, navigation
from dashboard.kit import outage, sidebar

st.set_page_config(page_title="Minutes", page_icon="⏱️", layout="wide")
st.html(Path(__file__).with_name("style.css"))

with outage.told():
    operator = access.current_operator()
    if operator is None:
        st.navigation(navigation.pages(access.NOBODY), position="hidden")
        sidebar.sign_in()
        st.stop()

    page = st.navigation(navigation.pages(operator), expanded=True)
    st.set_page_config(page_title=f"{page.title} · Minutes")
    sidebar.show(operator)
    with st.container(key="question"):
        st.caption(navigation.question(page))
    page.run()
