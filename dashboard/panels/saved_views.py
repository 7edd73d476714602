"""Saved views: the address of a page with its filters, under a personal name."""

from functools import partial
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from sqlalchemy import Connection

from dashboard.access import Operator, operator_or_nobody
from dashboard.actions.marking import drop_view, save_view
from dashboard.kit import forms
from dashboard.navigation import address
from dashboard.text import plain
from ledger.desk import list_views


def bar(db: Connection, operator: Operator, page: str) -> None:
    """Draw the saved views of a page as links, and the form that saves this one."""
    mine = [view for view in list_views(db, operator.actor) if view.page == page]
    with st.popover("Saved views", icon=":material/bookmark:"):
        for view in mine:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.page_link(
                    address(page),
                    label=plain(view.name),
                    query_params=dict(parse_qsl(view.query)),
                    icon=":material/link:",
                )
                st.button(
                    "Remove",
                    key=f"drop_{view.name}",
                    type="tertiary",
                    on_click=_drop,
                    args=[page, view.name],
                )
        name = forms.text_field("Name", key="view_name", max_chars=80)
        st.button(
            "Save this view",
            key="save_view",
            disabled=not name.strip(),
            on_click=_save,
            args=[page],
        )


def _save(page: str) -> None:
    """Handle the click on "Save this view"."""
    operator, name = operator_or_nobody(), st.session_state.view_name
    filters = {key: value for key, value in st.query_params.to_dict().items() if key != "at"}
    save = partial(save_view, operator, page, name, urlencode(filters))
    forms.carry_out("view", save, clear=("view_name",), fields={"name": "view_name"})


def _drop(page: str, name: str) -> None:
    """Handle the click on "Remove"."""
    forms.carry_out("remove view", lambda: drop_view(operator_or_nobody(), page, name))
