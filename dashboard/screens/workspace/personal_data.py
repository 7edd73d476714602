"""Personal data of a customer, for administrators: export it, or erase it."""

import streamlit as st

from dashboard import actions
from dashboard.access import Operator, operator_or_nobody
from dashboard.kit import forms, template

FORM = "erase"


def show(operator: Operator, workspace_id: str) -> None:
    """Draw export and erasure, for people who may do both."""
    if not operator.may("manage_personal_data"):
        return
    template.section("Personal data")
    out, away = st.columns(2, gap="large")
    with out.container(border=True):
        st.markdown(
            "**Export** everything stored about this customer, as JSON: identity, notes, statement, purchases, "
            "refunds, disputes, alerts, payment events, approvals and audit lines."
        )
        st.button(
            "Prepare",
            key="export_prepare",
            on_click=prepare,
            args=(workspace_id, forms.key_of("export")),
        )
        if export := st.session_state.get(f"export of {workspace_id}"):
            st.download_button(
                "Download",
                data=export,
                file_name=f"{workspace_id}.json",
                mime="application/json",
                on_click="ignore",
            )
    with away.container(border=True), st.form("erase_form", border=False):
        st.markdown(
            "**Erase** name, address, notes, receipt links and payment events. Minutes, money and reasons stay."
        )
        forms.text_field("Reason", key="erase_reason", max_chars=400)
        forms.text_field("Type the workspace id to confirm", key="erase_confirmed", max_chars=64)
        st.form_submit_button(
            "Erase for good",
            key="erase_submit",
            on_click=erase,
            args=(workspace_id, forms.key_of(FORM)),
        )


def prepare(workspace_id: str, key: str) -> None:
    """Prepare the export for download."""
    operator = operator_or_nobody()
    done = forms.carry_out("export", lambda: actions.export_personal_data(operator, workspace_id, key=key))
    if done:
        st.session_state[f"export of {workspace_id}"] = done.details["json"]


def erase(workspace_id: str, key: str) -> None:
    """Erase the identity of the customer."""
    state = st.session_state
    operator = operator_or_nobody()
    confirmed, reason = state["erase_confirmed"], state["erase_reason"]
    forms.carry_out(
        FORM,
        lambda: actions.erase_personal_data(
            operator, workspace_id, confirmed=confirmed, reason=reason, key=key
        ),
        clear=("erase_reason", "erase_confirmed"),
        fields={"not_confirmed": "erase_confirmed", "reason": "erase_reason"},
    )
