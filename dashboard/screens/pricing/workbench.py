"""The workbench: controls on the left, the answer on the right; only this part reruns while a slider moves."""

import streamlit as st

from dashboard.screens.pricing import address, answer, controls, saving
from dashboard.text import problem
from ledger.pricing import PricingRefused, Snapshot


@st.fragment
def show(taken: Snapshot) -> None:
    """Draw the workbench; everything below refines its question. An error names the problem."""
    with st.container(key="bench"):
        left, right = st.columns([2, 3], gap="large")
    try:
        with left:
            question = controls.question(taken)
        with right:
            answer.show(taken, question)
    except PricingRefused as refused:
        st.session_state["pr_question"] = None
        right.error(problem(refused), icon=":material/block:")
        return
    st.session_state["pr_question"] = st.session_state["pr_last"] = question
    address.write(taken, question)
    with right:
        saving.form(taken, question)
