"""Query parameters, read in one place: everything in an address is text somebody may have typed."""

import re

import streamlit as st

from dashboard import navigation
from dashboard.text import _, plain

WORKSPACE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")


def parameter(name: str, default: str = "") -> str:
    """The value of `?name=`, without surrounding space and at most 200 characters."""
    return st.query_params.get(name, default).strip()[:200]


def number(name: str) -> int | None:
    """The whole number in `?name=`, or None when there is none or it is not a number."""
    text = parameter(name)
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def definition(slug: str) -> str:
    """Where it is said what this metric means: the Definitions page, opened at it."""
    return f"/definitions?find={slug}"


def selected_workspace() -> str:
    """The workspace of `?id=`; without a well-formed one the page says so and stops."""
    workspace_id = parameter("id")
    if not WORKSPACE_ID.fullmatch(workspace_id):
        st.title(_("Workspace"))
        st.info(_("Choose a workspace first."), icon=":material/search:")
        find_another()
        st.stop()
    return workspace_id


def no_such_workspace(workspace_id: str) -> None:
    """Say that there is none of this id, and lead to the search."""
    st.title(_("Workspace"))
    st.error(_("There is no workspace {id}.").format(id=plain(workspace_id)), icon=":material/search_off:")
    find_another()


def find_another() -> None:
    """The way to the search."""
    st.page_link(
        navigation.address("search"),
        label=_("Find it by name, e-mail, payment or receipt"),
        icon=":material/search:",
    )
