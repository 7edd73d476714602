"""A choice whose state is in the URL, and how an invalid value is handled."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.url import drop_unknown, parameter, replace_parameters, show_as


def choice(label: str, names: Mapping[str, str], *, key: str, default: str, **look: Any) -> str:
    """Draw a menu of codes under their names and return the chosen code; `?key=` holds it.

    An invalid value in the URL is reported and dropped.
    """
    options = list(names)
    requested = parameter(key)
    if requested and requested not in options:
        drop_unknown(key, label)
    chosen = requested if requested in options else default if default in options else options[0]
    widget = _widget_showing(key, chosen)
    show_as(widget, chosen)
    st.selectbox(
        label,
        options,
        options.index(chosen),
        format_func=lambda option: names[option],
        key=widget,
        on_change=changed,
        args=[key, widget],
        **{"label_visibility": "collapsed", **look},
    )
    return chosen


def widget_key(key: str, renewals: int = 0) -> str:
    """Return the key of the widget behind a parameter; `renewals`: how often it was replaced."""
    return f"filter_{key}_{renewals}" if renewals else f"filter_{key}"


def _widget_showing(key: str, chosen: str) -> str:
    """Return the widget key of a choice: another one once the address names something else than the widget holds.

    A browser ignores what the page sets in a closed menu, and would send the former choice with the next click.
    """
    renewals = st.session_state.get(f"{key}_renewals", 0)
    if st.session_state.get(widget_key(key, renewals), chosen) != chosen:
        renewals += 1
        st.session_state[f"{key}_renewals"] = renewals
    return widget_key(key, renewals)


def changed(key: str, widget: str) -> None:
    """Write a choice into the address."""
    replace_parameters(**{key: str(st.session_state[widget])})
