"""The attributes of a workspace, and a small panel to change them."""

import streamlit as st
from sqlalchemy import Connection

from dashboard import actions
from dashboard.access import Operator, operator_or_nobody
from dashboard.kit import forms
from dashboard.kit.labels import attribute_name
from dashboard.text import plain
from ledger.minutes import get_attributes, list_segments, number_of

FORM = "attributes"
NEW_KEY, NEW_VALUE = "attribute_key", "attribute_value"


def show(db: Connection, operator: Operator, workspace_id: str) -> None:
    """Draw the attributes as badges, and the panel for who may change them."""
    known = get_attributes(db, workspace_id)
    with st.container(horizontal=True, vertical_alignment="center", key="attributes", gap="small"):
        for key, value in known.items():
            st.badge(f"{plain(attribute_name(key))}: {plain(str(value))}", color="gray")
        if operator.may("set_attributes"):
            with st.popover("Attributes", icon=":material/label:", type="tertiary"):
                _panel(workspace_id, {key: str(known.get(key, "")) for key in {**list_segments(db), **known}})


def _panel(workspace_id: str, values: dict[str, str]) -> None:
    with st.form("attributes_form", border=False):
        for key, value in values.items():
            field = _field(workspace_id, key, value)
            st.text_input(attribute_name(key), value, key=field, max_chars=200, placeholder="not set")
        left, right = st.columns(2)
        with left:
            forms.text_field("New attribute", key=NEW_KEY, max_chars=40, placeholder="country")
        right.text_input("Value", key=NEW_VALUE, max_chars=200, placeholder="DE")
        st.form_submit_button(
            "Save attributes",
            key="attributes_save",
            on_click=save,
            args=(workspace_id, values, forms.key_of(FORM)),
        )


def _field(workspace_id: str, key: str, value: str) -> str:
    """Return the key of a field: another one for another workspace, and once the value has changed elsewhere."""
    return f"attribute_{workspace_id}_{key}_{value}"


def save(workspace_id: str, before: dict[str, str], key: str) -> None:
    """Set what the panel holds that differs from before; an emptied field removes its attribute."""
    operator, state = operator_or_nobody(), st.session_state
    typed = {name: state[_field(workspace_id, name, value)].strip() for name, value in before.items()}
    changed = {
        name: number_of(text) if text else None for name, text in typed.items() if text != before[name]
    }
    if name := state[NEW_KEY].strip().lower().replace(" ", "_"):
        changed[name] = number_of(state[NEW_VALUE].strip())
    forms.carry_out(
        FORM,
        lambda: actions.set_attributes(operator, workspace_id, changed, key=key),
        clear=(NEW_KEY, NEW_VALUE),
        fields={"invalid_attribute": NEW_KEY},
    )
