"""Query parameters, read in one place: everything in an address is text somebody may have typed."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st

from dashboard import navigation
from dashboard.text import _, plain
from ledger.settings import load_settings

WORKSPACE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")


def dashboard_address() -> str:
    """Where colleagues and Stripe reach this dashboard: PUBLIC_URL, else where this browser has it from."""
    if public := load_settings().public_url:
        return public
    parts = urlsplit(st.context.url or "http://127.0.0.1:8501")
    return f"{parts.scheme}://{parts.netloc}"


def parameter(name: str, default: str = "") -> str:
    """The value of `?name=`, without surrounding space and at most 200 characters."""
    return st.query_params.get(name, default).strip()[:200]


def number(name: str) -> int | None:
    """The whole number in `?name=`, or None when there is none or it is not a number."""
    text = parameter(name)
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def pills(label: str, names: Mapping[str, str], *, key: str, several: bool = False) -> list[str]:
    """Codes to choose from under their `names`; the chosen ones stand in the address as `?key=code`.

    An address with the names in place of the codes is understood as well. Nothing is chosen at first. Another choice
    is another question: a list that is shown by pages begins anew.
    """
    typed = {value.strip().casefold() for value in st.query_params.get_all(key)}
    chosen = [code for code, name in names.items() if typed & {code.casefold(), name.casefold()}]
    shown: list[str] | str | None = chosen if several else next(iter(chosen), None)
    widget = f"{key}_pills"
    if st.session_state.get(widget) != shown:
        st.session_state[widget] = shown
    st.pills(
        label,
        list(names),
        selection_mode="multi" if several else "single",
        format_func=names.__getitem__,
        key=widget,
        on_change=_choose,
        args=(key,),
    )
    return chosen if several else chosen[:1]


def _choose(key: str) -> None:
    """Write the codes that were chosen into the address."""
    chosen = st.session_state[f"{key}_pills"]
    st.query_params.pop("before", None)
    if chosen:
        st.query_params[key] = chosen
    else:
        st.query_params.pop(key, None)


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
