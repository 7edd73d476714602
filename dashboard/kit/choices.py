"""Choices whose state is in the URL: menus, ranges, lines of a table; and how an invalid value is handled."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import streamlit as st

from dashboard.url import drop_unknown, parameter, put, replace_parameters, show_as

T = TypeVar("T", int, float, date)


def choice(
    label: str,
    names: Mapping[str, str],
    *,
    key: str,
    default: str = "",
    without: Sequence[str] = (),
    **look: Any,
) -> str:
    """Draw a menu of codes under their names and return the chosen code, at first `default` or the first of all.

    `?key=` holds it. An invalid value in the URL is reported and dropped. `without`: parameters that go with another
    choice.
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
        args=[key, widget, without],
        **{"label_visibility": "collapsed", **look},
    )
    return chosen


def widget_key(key: str, renewals: int = 0) -> str:
    """Return the key of the widget behind a parameter; `renewals`: how often it was replaced."""
    return f"filter_{key}_{renewals}" if renewals else f"filter_{key}"


def currency_menu(known: Sequence[str], *, shows: str, **look: Any) -> str:
    """Draw the menu of the currencies, and return the chosen one, at first the first. `shows`: what it decides."""
    names = {each: each.upper() for each in known}
    why = f"Amounts of two currencies are never added: {shows}"
    return choice("Currency", names, key="currency", help=why, width=100, **look)


def _widget_showing(key: str, chosen: str) -> str:
    """Return the widget key of a choice: another one once the address names something else than the widget holds.

    A browser ignores what the page sets in a closed menu, and would send the former choice with the next click.
    """
    renewals = st.session_state.get(f"{key}_renewals", 0)
    if st.session_state.get(widget_key(key, renewals), chosen) != chosen:
        renewals += 1
        st.session_state[f"{key}_renewals"] = renewals
    return widget_key(key, renewals)


def shown_by_menu(key: str) -> str:
    """Return what the menu of a choice holds now: for a click that may overtake the menu's own change."""
    return str(st.session_state[widget_key(key, st.session_state.get(f"{key}_renewals", 0))])


def changed(key: str, widget: str, without: Sequence[str] = ()) -> None:
    """Write a choice into the address, and take out the parameters that go with another one."""
    replace_parameters(**{key: str(st.session_state[widget]), **dict.fromkeys(without, "")})


def value_between(
    label: str, low: T, high: T, default: T, *, key: str, draw: Callable[..., Any] = st.slider, **look: Any
) -> T:
    """Draw a slider or, with `draw`, another field of a range and return its value; `?key=` holds it unless default.

    A value outside the range is reported and dropped.
    """
    requested = parameter(key)
    chosen = _read(requested, default)
    if requested and (chosen is None or not low <= chosen <= high):
        drop_unknown(key, label)
        chosen = None
    shown = default if chosen is None else chosen
    widget = widget_key(key)
    show_as(widget, shown)
    draw(label, low, high, shown, key=widget, on_change=_moved, args=[key, widget, default], **look)
    return shown


def _read(typed: str, default: T) -> T | None:
    """Return typed text as a value of the default's type; None when it is none."""
    try:
        return date.fromisoformat(typed) if isinstance(default, date) else type(default)(typed)
    except ValueError:
        return None


def _moved(key: str, widget: str, default: Any) -> None:
    """Write a value into the address; the default takes it out."""
    value = st.session_state[widget]
    replace_parameters(**{key: "" if value == default else str(value)})


def line(key: str, ids: Sequence[Any], draw: Callable[..., Any], *, table: str) -> int | None:
    """Draw a table in which one line may be selected and return its place in `ids`; `?key=` holds its id.

    `draw` gets the options of the table, whose widget is called `table`.
    """
    requested = parameter(key)
    places = [place for place, one in enumerate(ids) if requested and str(one) == requested][:1]
    widget, selected = _table_showing(table, places)
    draw(
        key=widget,
        selection_mode="single-row",
        selection_default={"selection": {"rows": selected}},
        on_select=lambda: _selected(key, ids, widget),
    )
    return next(iter(places), None)


def _table_showing(table: str, places: list[int]) -> tuple[str, list[int]]:
    """Return the widget key of a table and its first selection: a new table once the address names another line."""
    renewals, first = st.session_state.get(f"{table}_first", (0, places))
    widget = f"{table}_{renewals}" if renewals else table
    shown = st.session_state[widget]["selection"]["rows"] if widget in st.session_state else first
    if list(shown) != places:
        renewals, first = renewals + 1, places
        widget = f"{table}_{renewals}"
    st.session_state[f"{table}_first"] = (renewals, first)
    return widget, first


def _selected(key: str, ids: Sequence[Any], widget: str) -> None:
    """Write the id of the selected line into the address, and leave the list where it is."""
    rows = st.session_state[widget]["selection"]["rows"]
    put(key, str(ids[rows[0]]) if rows and rows[0] < len(ids) else "")
